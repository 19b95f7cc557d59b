import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EventId } from "../../../main/matrix/ids.ts";
import { oweNotice } from "../../../main/service/notices.ts";
import { LINK } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, B, BEA, cleanUp, ME, message, NOW, openBench, pass, type Bench } from "./races-support.ts";

/** What Ferry writes into rooms is in the language that the user has set for it, and is one and the same in either. */

beforeEach(support.stopTheClock);
afterEach(cleanUp);

const OUT = message(A, "$out", "!ferry optout");
const NAMES = [`start:${LINK}`, `end:${LINK}`, `stop:${OUT.eventId}`, `stop-all:${OUT.eventId}`];

function openIn(noticeLanguage: "en" | "de"): Bench {
  const ferry = openBench();
  ferry.store.settings.change({ noticeLanguage });
  return ferry;
}

/** Has everything said that Ferry says in its own name, but for a proposal. */
async function sayAllIn(language: "en" | "de"): Promise<Bench> {
  const ferry = openIn(language);
  ferry.sender.start();
  ferry.receive(OUT);
  for (const name of NAMES) {
    oweNotice({ store: ferry.store, account: () => ME, now: () => NOW }, { linkId: LINK, roomId: A, name });
  }
  ferry.sender.wake();
  await pass();
  return ferry;
}

describe("what Ferry says in its own name", () => {
  test("is the same request in either language, with other words", async () => {
    const [en, de] = [await sayAllIn("en"), await sayAllIn("de")];
    expect(de.sent).toHaveLength(NAMES.length + 1);
    expect(de.sent.map(({ transactionId }) => transactionId)).toEqual(
      en.sent.map(({ transactionId }) => transactionId),
    );
    const markers = ({ sent }: Bench) => sent.map(({ content }) => ({ ...content, body: "" }));
    expect(markers(de)).toEqual(markers(en));
    const [english, german] = [en.wordsIn(A), de.wordsIn(A)];
    expect(english.filter((words) => german.includes(words))).toEqual([]);
    expect(german[0]).toMatch(/^Ferry lässt die Nachrichten von @ana:one\.test von jetzt an aus\./);
  });

  test("keeps its name where the language is changed between two tries", async () => {
    const ferry = openIn("en");
    const send = vi.spyOn(ferry.engine, "send").mockRejectedValue(support.rateLimited(3_600_000));
    ferry.sender.start();
    ferry.receive(OUT);
    await pass();
    const [first] = send.mock.calls[0] ?? [];
    expect(first?.content["body"]).toMatch(/^Ferry leaves your messages out/);
    ferry.store.settings.change({ noticeLanguage: "de" });
    const next = await ferry.restart("DEVICE");
    next.sender.start();
    await pass(3_600_000);
    expect(next.sent.map(({ transactionId }) => transactionId)).toEqual([first?.transactionId]);
    expect(next.wordsIn(A)[0]).toMatch(/^Ferry lässt die Nachrichten/);
  });
});

describe("what stands in copies", () => {
  test("a placeholder, and then the text in its place", async () => {
    const ferry = openIn("de");
    ferry.sender.start();
    const late = message(A, "$late", "here I am");
    ferry.receive(support.undecrypted(late));
    await pass();
    expect(ferry.wordsIn(B)[0]).toMatch(/^Ana: Ana hat eine Nachricht geschrieben, die .* noch nicht lesen kann\./);
    ferry.decrypt(late);
    await pass();
    expect(ferry.wordsIn(B).at(-1)).toBe("Ana: here I am");
  });

  test("a quotation of what may not be shown", async () => {
    const ferry = openIn("de");
    ferry.sender.start();
    ferry.receive(OUT, message(A, "$secret", "secret"));
    const content = {
      ...{ msgtype: "m.text", body: "yes" },
      "m.relates_to": { "m.in_reply_to": { event_id: "$secret" as EventId } },
    };
    ferry.receive(message(A, "$reply", "", { sender: BEA, content }));
    await pass();
    expect(ferry.wordsIn(B).join("\n")).toContain("> (eine Nachricht, die nicht hierher kopiert wird)");
  });
});
