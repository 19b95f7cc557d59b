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
  const notify = createNotifications({
    create: (options) => {
      if (!isSupported) return null;
      const notification = new FakeNotification(options);
      made.push(notification);
      return notification as never;
    },
    open: (place) => opened.push(place),
  });
  return { made, opened, notify };
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

test("where the system shows none, nothing happens", () => {
  const { opened, notify } = create(false);
  notify({ title: "x", body: "y" });
  expect(opened).toEqual([]);
});
