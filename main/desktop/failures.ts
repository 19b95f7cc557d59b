import type { App, Dialog } from "electron";
import { asFerryError } from "../matrix/errors.ts";

export interface FailureParts {
  app: Pick<App, "whenReady" | "exit">;
  dialog: Pick<Dialog, "showErrorBox" | "showMessageBox">;
  /** Writes a sentence for whoever has started Ferry in a terminal. */
  complain: (sentence: string) => void;
}

/** How the desktop application says what went wrong, to people who see no terminal. */
export function createFailures({ app, dialog, complain }: FailureParts) {
  return {
    /** Ferry goes on, also while this stands on the screen. */
    warn: (error: unknown): void => {
      const { message } = asFerryError(error);
      complain(message);
      dialog.showMessageBox({ type: "error", title: "Ferry", message }).catch(() => undefined);
    },
    /** Ferry ends, once the user has seen why. Before Electron is ready Linux would show nothing. */
    fail: (error: unknown): void => {
      const { message } = asFerryError(error);
      complain(message);
      void app
        .whenReady()
        .then(() => dialog.showErrorBox("Ferry", message))
        .finally(() => app.exit(1));
    },
  };
}
