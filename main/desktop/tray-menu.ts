import type { MenuItemConstructorOptions } from "electron";
import { foreign } from "../cli/text.ts";
import type { LinkId } from "../matrix/ids.ts";
import type { HealthCondition, LinkView, ShownPlace, StatusView } from "../protocol/control.ts";
import { needsOf } from "../service/status-text.ts";

/** What the tray shows. */
export interface TrayView {
  status: StatusView;
  links: readonly LinkView[];
}

/** What can be done from the tray. */
export interface TrayActions {
  /** Opens the window, on a page where one is given. */
  open(place?: ShownPlace): void;
  /** Goes on with a link, or pauses it. */
  runLink(link: LinkId, run: boolean): void;
  /** Goes on with everything, or stops it at once. */
  runAll(run: boolean): void;
  quit(): void;
}

const MOST_NEEDS = 5;
const MOST_LINKS = 15;
const LONGEST_NAME = 40;
/** A sentence says more than a name, and a menu as wide as the screen says nothing. */
const LONGEST_SENTENCE = 70;

/** What is said of a link beside its name. Whether it is paused, its mark says. */
const STATES: Record<LinkView["state"], string> = {
  waiting: " – waits for an answer",
  starting: " – starting",
  mirroring: "",
  "catching-up": " – catching up",
  paused: "",
  suspended: " – stopped",
};

/**
 * The tray's menu: what Ferry is doing, what waits for the user, the links, and what one can do. Two menus are the same
 * where they are in JSON: what a click does follows from the item's id and its mark.
 */
export function trayMenu({ status, links }: TrayView, actions: TrayActions): MenuItemConstructorOptions[] {
  const line: MenuItemConstructorOptions = { id: "status", label: label(status.summary), enabled: false };
  return [
    line,
    ...needItems(needsOf(status), actions),
    separator(),
    ...linkItems(status, links, actions),
    { id: "open", label: "Open Ferry", click: () => actions.open() },
    {
      id: status.paused ? "go-on" : "pause",
      label: status.paused ? "Go on" : "Pause everything",
      enabled: status.links > 0 || status.everythingPaused,
      click: () => actions.runAll(status.paused),
    },
    separator(),
    { id: "quit", label: "Quit Ferry", click: () => actions.quit() },
  ];
}

function needItems(needs: readonly HealthCondition[], actions: TrayActions): MenuItemConstructorOptions[] {
  const items = needs.slice(0, MOST_NEEDS).map((need) => ({
    id: `need ${need.code} ${need.link ?? ""}`,
    label: label(need.text, LONGEST_SENTENCE),
    click: () => actions.open(placeOf(need)),
  }));
  const more = needs.length - items.length;
  if (more > 0) items.push({ id: "needs", label: `${more} more…`, click: () => actions.open() });
  return items;
}

/** The page that shows a condition. */
export function placeOf({ code, link }: Pick<HealthCondition, "code" | "link">): ShownPlace {
  if (link !== null) return { page: "link", link };
  if (code === "proposal-received") return { page: "proposals" };
  const isOfAccount = /^(not-logged-in|logged-out|other-|keychain-|passphrase-|wrong-passphrase|crypto-store)/.test(
    code,
  );
  return { page: isOfAccount ? "account" : "links" };
}

function linkItems(status: StatusView, links: readonly LinkView[], actions: TrayActions): MenuItemConstructorOptions[] {
  if (links.length === 0) return [];
  const items: MenuItemConstructorOptions[] = links.slice(0, MOST_LINKS).map(({ id, name, state, isPaused }) => ({
    id: `link ${id}`,
    type: "checkbox" as const,
    label: label(name, LONGEST_NAME) + STATES[state],
    checked: !isPaused,
    // What has not begun cannot be paused; and while everything is, one mark would change nothing that could be seen.
    enabled: state !== "starting" && state !== "waiting" && !status.everythingPaused,
    click: () => actions.runLink(id, isPaused),
  }));
  if (links.length > MOST_LINKS) {
    items.push({ id: "links", label: "More…", click: () => actions.open({ page: "links" }) });
  }
  return [...items, separator()];
}

function separator(): MenuItemConstructorOptions {
  return { type: "separator" };
}

/** Text as a label: one line, turned by nothing in it, and without keys, which an ampersand would mark. */
function label(text: string, longest?: number): string {
  return foreign(text, longest).replaceAll("&", "&&");
}
