import { afterEach, beforeEach, expect, test } from "vitest";
import type { SourceEvent } from "../../../main/matrix/event.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../../main/matrix/link-settings.ts";
import { LIVE_LOCATION } from "../../../main/matrix/unstable.ts";
import { LINK, linkBetween } from "../link-support.ts";
import * as support from "./races-support.ts";
import { A, ANA, B, cleanUp, message, openBench, pass, type Bench } from "./races-support.ts";

beforeEach(support.stopTheClock);
afterEach(cleanUp);

/** As it comes into an encrypted room: never encrypted itself. */
function liveLocation(eventId: string, live: boolean, other: Partial<SourceEvent> = {}): SourceEvent {
  const content = { live, timeout: 60_000, description: "my walk", "org.matrix.msc3488.location": { uri: "geo:1,2" } };
  return message(A, eventId, "", { type: LIVE_LOCATION, stateKey: ANA, encrypted: false, content, ...other });
}

function start(settings = NO_LINK_SETTINGS): Bench {
  const ferry = openBench([linkBetween([A, B], { settings })]);
  ferry.sender.start();
  return ferry;
}

test("the start and the end of a live location are told, and nothing of where it is", async () => {
  const ferry = start();
  const position = { "org.matrix.msc3488.location": { uri: "geo:1,2" } };
  ferry.receive(
    liveLocation("$start", true),
    message(A, "$position", "", { type: "org.matrix.msc3672.beacon", content: position }),
    liveLocation("$end", false),
  );
  await pass();
  expect(ferry.wordsIn(B)).toEqual([
    "Ana: Shares a live location from now on, for 1 minute. It is not copied here.",
    "Ana: Shares the live location no longer.",
  ]);
  expect(ferry.store.links.counters(LINK).map(({ name, count }) => [name, count])).toContainEqual([
    "unsupported-type",
    1,
  ]);
});

test("nothing is told of what somebody else has set, of what is malformed, or against a filter", async () => {
  const filter = { ...NO_FILTER, withoutKinds: ["locations" as const] };
  const filtering = start({ ...NO_LINK_SETTINGS, filter });
  filtering.receive(liveLocation("$kept", true));
  await pass();
  expect(filtering.wordsIn(B)).toEqual([]);

  const ferry = start();
  ferry.receive(
    liveLocation("$other", true, { stateKey: "@bea:two.test" }),
    liveLocation("$none", true, { content: { live: "yes" } }),
    message(A, "$words", "hello"),
  );
  await pass();
  expect(ferry.wordsIn(B)).toEqual(["Ana: hello"]);
});
