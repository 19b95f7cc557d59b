import { cut, oneLine } from "../bridge/text.ts";
import type { LinkId } from "../matrix/ids.ts";
import type { HealthCondition, StatusView } from "../protocol/control.ts";
import type { StoredSettings } from "../store/settings.ts";

/** The page of the window that shows what a desktop notification is about. */
export type AttentionTarget = { page: "proposals" | "links" | "account" } | { page: "link"; link: LinkId };

/** One desktop notification. Both texts are one line each, cut, and hold nothing that could rearrange them. */
export interface Attention {
  title: string;
  body: string;
  target: AttentionTarget;
}

export type AttentionSettings = Pick<StoredSettings, "notifyProposals" | "notifyStopped" | "notifyFailed">;

/** In characters; systems cut at other places, and names in it have been cut before. */
const BODY_LIMIT = 200;

/**
 * Decides which desktop notifications to show, from one status to the next. Pass it every status that there is, in order,
 * also while nothing may be shown. What is the case in the first one was known before, by the last run, and is not told.
 *
 * @param settings asked for each time, so that a change takes effect at once
 */
export function createAttention(settings: () => AttentionSettings): (status: StatusView) => Attention[] {
  let previous: StatusView | null = null;
  return (status) => {
    const due = previous === null ? [] : attentionFor(previous, status, settings());
    previous = status;
    return due;
  };
}

/** What has come up between two statuses that the user wants to be told of. Never one for each message. */
export function attentionFor(previous: StatusView, next: StatusView, settings: AttentionSettings): Attention[] {
  return [
    ...(settings.notifyStopped ? [...loggedOut(previous, next), ...stopped(previous, next)] : []),
    ...(settings.notifyProposals ? asked(previous, next) : []),
    ...(settings.notifyFailed ? failed(previous, next) : []),
  ].map(({ body, ...attention }) => ({ ...attention, body: cut(oneLine(body), BODY_LIMIT) }));
}

function loggedOut(previous: StatusView, next: StatusView): Attention[] {
  const isOut = ({ health }: StatusView): boolean => health.some(({ code }) => code === "logged-out");
  if (isOut(previous) || !isOut(next)) return [];
  const body = "The homeserver no longer accepts this login, so nothing is copied. Nothing is lost. Log in again.";
  return [{ title: "Ferry has been logged out", body, target: { page: "account" } }];
}

function stopped(previous: StatusView, next: StatusView): Attention[] {
  const before = stoppedLinks(previous);
  const [first, ...others] = [...stoppedLinks(next)].filter(([link]) => !before.has(link));
  if (first === undefined) return [];
  const [link, condition] = first;
  if (others.length === 0)
    return [{ title: "A link has stopped", body: condition.text, target: { page: "link", link } }];
  const body = "Open Ferry to see why, and what you can do.";
  return [{ title: `${others.length + 1} links have stopped`, body, target: { page: "links" } }];
}

/** The links that something keeps from copying, each with the first reason. */
function stoppedLinks({ health }: StatusView): Map<LinkId, HealthCondition> {
  const links = new Map<LinkId, HealthCondition>();
  for (const condition of health) {
    if (condition.severity !== "error" || condition.link === null) continue;
    if (!links.has(condition.link)) links.set(condition.link, condition);
  }
  return links;
}

function asked(previous: StatusView, next: StatusView): Attention[] {
  if (next.proposals <= previous.proposals) return [];
  const body =
    next.proposals === 1
      ? "Somebody asks to link a room of yours."
      : `${next.proposals} questions wait for your answer.`;
  return [{ title: "A question about a room of yours", body, target: { page: "proposals" } }];
}

function failed(previous: StatusView, next: StatusView): Attention[] {
  if (previous.failed > 0 || next.failed === 0) return [];
  const body =
    next.failed === 1
      ? "A message could not be delivered. Ferry keeps it until you try again or dismiss it."
      : `${next.failed} messages could not be delivered. Ferry keeps them until you try again or dismiss them.`;
  return [{ title: "Not delivered", body, target: { page: "links" } }];
}
