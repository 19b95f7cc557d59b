import type { controlRequests } from "../protocol/control.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { createPresence } from "./presence.ts";
import type { TrayActions } from "./tray-menu.ts";

export interface TrayActionParts {
  handlers: Pick<Handlers<typeof controlRequests>, "linkPause" | "linkResume" | "pauseAll" | "resumeAll">;
  presence: () => Pick<ReturnType<typeof createPresence>, "open" | "trayClicked">;
  /** Tells the user what went wrong. */
  warn: (error: unknown) => void;
  quit: () => void;
}

/** What the tray's menu does. What is refused is said, and the mark that the menu has set is taken back. */
export function createTrayActions({ handlers, presence, warn, quit }: TrayActionParts): TrayActions {
  const act = (action: Promise<unknown>): void => {
    action
      .catch(warn)
      .then(() => presence().trayClicked())
      .catch(warn);
  };
  return {
    open: (place) => void presence().open(place),
    runLink: (link, run) => act(run ? handlers.linkResume({ link }) : handlers.linkPause({ link })),
    runAll: (run) => act(run ? handlers.resumeAll({}) : handlers.pauseAll({})),
    quit,
  };
}
