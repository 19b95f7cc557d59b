import { describe, expect, test } from "vitest";
import type { IpcRenderer, WebContents } from "electron";
import { createPageChannel, MAX_TEXT, TO_MAIN, TO_PAGE } from "../../main/desktop/ipc.ts";
import { createPageBridge } from "../../main/desktop/page-bridge.ts";
import { FakeContents } from "./fakes.ts";
import { EventEmitter } from "node:events";

function open() {
  const contents = new FakeContents();
  contents.mainFrame = { url: "ferry://engine/index.html" };
  const refused: string[] = [];
  const channel = createPageChannel(contents as unknown as WebContents, "engine", (refusal) => refused.push(refusal));
  const heard: string[] = [];
  return { contents, channel, refused, heard };
}

describe("what a page says to main", () => {
  test("its own text is heard, in order, also what it said before anybody listened", () => {
    const { contents, channel, refused, heard } = open();
    const event = { sender: contents, senderFrame: contents.mainFrame };
    contents.ipc.emit(TO_MAIN, event, "one");
    contents.ipc.emit(TO_MAIN, event, "two");
    channel.onReceive((text) => heard.push(text));
    contents.ipc.emit(TO_MAIN, event, "three");
    expect(heard).toEqual(["one", "two", "three"]);
    expect(refused).toEqual([]);
  });

  const own = "ferry://engine/index.html";
  type Sender = (contents: FakeContents) => { sender: unknown; senderFrame: { url: string } | null };
  const self: Sender = (contents) => ({ sender: contents, senderFrame: contents.mainFrame });
  const away = (url: string): Sender => {
    return (contents) => {
      contents.mainFrame = { url };
      return self(contents);
    };
  };
  const cases: [string, string, Sender, unknown[]][] = [
    ["another page", "wrong-sender", (contents) => ({ ...self(contents), sender: new FakeContents() }), ["x"]],
    ["a frame inside", "wrong-frame", (contents) => ({ sender: contents, senderFrame: { url: own } }), ["x"]],
    ["a frame that is gone", "wrong-frame", (contents) => ({ sender: contents, senderFrame: null }), ["x"]],
    ["the settings page's origin", "wrong-origin", away("ferry://settings/index.html"), ["x"]],
    ["a web origin", "wrong-origin", away("https://engine/index.html"), ["x"]],
    ["a blank page", "wrong-origin", away("about:blank"), ["x"]],
    ["an object", "malformed", self, [{ m: "status" }]],
    ["a number", "malformed", self, [1]],
    ["nothing", "malformed", self, []],
    ["two texts", "malformed", self, ["x", "y"]],
    ["bytes", "malformed", self, [new Uint8Array(3)]],
    ["too much text", "malformed", self, ["x".repeat(MAX_TEXT + 1)]],
  ];
  test.each(cases)("%s is refused: %s", (_name, refusal, sender, values) => {
    const { contents, channel, refused, heard } = open();
    channel.onReceive((text) => heard.push(text));
    contents.ipc.emit(TO_MAIN, sender(contents), ...values);
    expect(heard).toEqual([]);
    expect(refused).toEqual([refusal]);
  });
});

describe("what main says to a page", () => {
  test("goes to the page while it is there", async () => {
    const { contents, channel } = open();
    await channel.send("one");
    contents.destroyed = true;
    await channel.send("two");
    expect(contents.sent).toEqual([[TO_PAGE, "one"]]);
  });
});

describe("the page's end", () => {
  function bridge() {
    const sent: unknown[][] = [];
    const ipc = new EventEmitter() as unknown as IpcRenderer;
    ipc.send = (...values) => void sent.push(values);
    return { sent, ipc, page: createPageBridge(ipc) };
  }

  test("has two functions and no more", () => {
    expect(Object.keys(bridge().page).sort()).toEqual(["onReceive", "send"]);
  });

  test("sends text only", async () => {
    const { page, sent } = bridge();
    await page.send("one");
    await expect(page.send({} as never)).rejects.toThrow(TypeError);
    expect(() => page.onReceive("x" as never)).toThrow(TypeError);
    expect(sent).toEqual([[TO_MAIN, "one"]]);
  });

  test("hands over text without Electron's event, also what came early", () => {
    const { page, ipc } = bridge();
    const heard: unknown[][] = [];
    ipc.emit(TO_PAGE, { sender: ipc }, "one");
    ipc.emit(TO_PAGE, { sender: ipc }, { not: "text" });
    page.onReceive((...values) => heard.push(values));
    ipc.emit(TO_PAGE, { sender: ipc }, "two");
    expect(heard).toEqual([["one"], ["two"]]);
  });
});
