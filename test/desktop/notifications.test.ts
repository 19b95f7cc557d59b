import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { createNotifications } from "../../main/desktop/notifications.ts";
import type { LinkId } from "../../main/matrix/ids.ts";
import type { ShownPlace } from "../../main/protocol/control.ts";

class FakeNotification extends EventEmitter {
  isShown = false;
  readonly options: object;
  constructor(options: object) {
    super();
    this.options = options;
  }
  show(): void {
    this.isShown = true;
  }
}

function create(isSupported = true) {
  const made: FakeNotification[] = [];
  const opened: (ShownPlace | undefined)[] = [];
  const failures: string[] = [];
  const notify = createNotifications({
    create: (options) => {
      if (!isSupported) return null;
      const notification = new FakeNotification(options);
      made.push(notification);
      return notification as never;
    },
    open: (place) => opened.push(place),
    failed: (reason) => failures.push(reason),
  });
  return { made, opened, failures, notify };
}

test("a click opens the page that the notification is about", () => {
  const { made, opened, notify } = create();
  const target = { page: "link", link: "l1" as LinkId } as const;
  notify({ title: "A link has stopped", body: "“Family” is stopped: why.", target });
  notify({ title: "Ferry goes on in the tray", body: "Click." });
  expect(made.map(({ options, isShown }) => [options, isShown])).toEqual([
    [{ title: "A link has stopped", body: "“Family” is stopped: why." }, true],
    [{ title: "Ferry goes on in the tray", body: "Click." }, true],
  ]);
  for (const notification of made) notification.emit("click", {});
  expect(opened).toEqual([target, undefined]);
});

test("that the system refuses one is told", () => {
  const { made, failures, notify } = create();
  notify({ title: "x", body: "y" });
  made[0]?.emit("failed", {}, "not signed");
  expect(failures).toEqual(["not signed"]);
});

test("where the system shows none, nothing happens", () => {
  const { opened, notify } = create(false);
  notify({ title: "x", body: "y" });
  expect(opened).toEqual([]);
});
