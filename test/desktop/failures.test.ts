import { expect, test, vi } from "vitest";
import { createFailures } from "../../main/desktop/failures.ts";

/** What the user sees of what went wrong. */

function create() {
  const did: string[] = [];
  const ready = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<{ response: number; checkboxChecked: boolean }>();
  const failures = createFailures({
    app: { whenReady: () => ready.promise, exit: (code) => void did.push(`exit ${code}`) },
    dialog: {
      showErrorBox: (_title, text) => void did.push(`box ${text}`),
      showMessageBox: vi.fn((options: unknown) => {
        did.push(`message ${(options as { message: string }).message}`);
        return seen.promise;
      }),
    },
    complain: (sentence) => void did.push(`terminal ${sentence}`),
  });
  return { ...failures, did, ready };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test("a failure at the start is shown as soon as anything can be, and ends Ferry then", async () => {
  const { fail, did, ready } = create();
  fail(new Error("No room."));
  await settled();
  expect(did).toEqual(["terminal No room."]);
  ready.resolve();
  await settled();
  expect(did.slice(1)).toEqual(["box No room.", "exit 1"]);
});

test("a failure on the way is shown without anything waiting for the user", () => {
  const { warn, did } = create();
  warn(new Error("No window."));
  warn(new Error("No tray."));
  expect(did.filter((line) => line.startsWith("message"))).toEqual(["message No window.", "message No tray."]);
});
