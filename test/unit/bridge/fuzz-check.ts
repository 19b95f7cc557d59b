import fc from "fast-check";
import { expect } from "vitest";
import { describe } from "../../../main/bridge/describe.ts";
import type { CarriedFile } from "../../../main/bridge/kinds/kind.ts";
import type { Link } from "../../../main/bridge/link.ts";
import { mentionedUsers } from "../../../main/bridge/mentions.ts";
import { route, type Decision, type Memory } from "../../../main/bridge/route.ts";
import { MAX_CONTENT_BYTES } from "../../../main/bridge/size.ts";
import { withoutFile } from "../../../main/bridge/stand-in.ts";
import * as transform from "../../../main/bridge/transform.ts";
import type { Content, CopyContext } from "../../../main/bridge/transform.ts";
import type { FileFailure } from "../../../main/matrix/codes.ts";
import { isObject, type Json, type JsonObject, type SourceEvent } from "../../../main/matrix/event.ts";
import { isEventId, type EventId, type RoomId } from "../../../main/matrix/ids.ts";
import { isMxcUri } from "../../../main/matrix/media.ts";
import { ORIGIN, PER_MESSAGE_PROFILE } from "../../../main/matrix/unstable.ts";
import { NO_FILTER, NO_LINK_SETTINGS } from "../../../main/matrix/link-settings.ts";
import { TOLD_CHANGES } from "../../../main/matrix/told-changes.ts";
import { linkBetween } from "../link-support.ts";
import { ANA } from "./fuzz-values.ts";
import { ACCOUNT, faultsInHtml } from "./transform-support.ts";

/** What a copy may hold: `true` for a single value, an object for these fields and no others, a list of one for many. */
type Allowed = true | [Allowed] | { [field: string]: Allowed };

const ABOUT_FILE: Allowed = { mimetype: true, size: true, w: true, h: true };
const ENCRYPTED_FILE: Allowed = {
  ...{ url: true, v: true, iv: true, hashes: { sha256: true } },
  key: { kty: true, alg: true, k: true, ext: true, key_ops: [true] },
};
const TEXT = { "org.matrix.msc1767.text": true, "m.text": [{ body: true }] } satisfies Allowed;
const POLL: Allowed = {
  ...{ kind: true, max_selections: true, question: TEXT, answers: [{ id: true, "m.id": true, ...TEXT }] },
};
const MESSAGE: { [field: string]: Allowed } = {
  ...{ msgtype: true, body: true, format: true, formatted_body: true, filename: true },
  "m.mentions": { user_ids: [true], room: true },
  [PER_MESSAGE_PROFILE]: {
    id: true,
    displayname: true,
    has_fallback: true,
    avatar_url: true,
    avatar_file: ENCRYPTED_FILE,
  },
  info: {
    ...(ABOUT_FILE as object),
    ...{ duration: true, is_animated: true, "xyz.amorgan.blurhash": true, thumbnail_info: ABOUT_FILE },
  },
  "page.codeberg.everypizza.msc4193.spoiler": true,
  "page.codeberg.everypizza.msc4193.spoiler.reason": true,
  geo_uri: true,
  "org.matrix.msc3488.location": { uri: true, description: true },
  "org.matrix.msc3488.asset": { type: true },
  "org.matrix.msc3488.ts": true,
  ...TEXT,
  "org.matrix.msc3381.poll.start": POLL,
  "m.poll": POLL,
  "org.matrix.msc3245.voice": {},
  "org.matrix.msc1767.audio": { duration: true, waveform: [true] },
};
const COPY: Allowed = {
  ...MESSAGE,
  "m.new_content": MESSAGE,
  "m.relates_to": {
    ...{ rel_type: true, event_id: true, is_falling_back: true, key: true },
    "m.in_reply_to": { event_id: true },
  },
  [ORIGIN]: { version: true },
};
const POLLS = ["org.matrix.msc3381.poll.start", "m.poll.start"];
const TYPES = ["m.room.message", "m.sticker", "m.reaction", ...POLLS];

/** Where a value is more than it may be. */
function faultsIn(value: Json | undefined, allowed: Allowed, path: string): string[] {
  if (typeof value === "object" && value !== null) {
    if (allowed === true) return [`${path} is no single value`];
    if (Array.isArray(value) !== Array.isArray(allowed)) return [`${path} is of another structure`];
    if (Array.isArray(allowed)) return (value as Json[]).flatMap((item) => faultsIn(item, allowed[0], `${path}[]`));
    if (Object.getPrototypeOf(value) !== Object.prototype) return [`${path} has another prototype`];
    return Object.entries(value).flatMap(([name, inner]) =>
      Object.hasOwn(allowed, name) ? faultsIn(inner, allowed[name] ?? true, `${path}.${name}`) : [`${path}.${name}`],
    );
  }
  if (allowed !== true) return [`${path} is a single value`];
  if (typeof value === "number" && (!Number.isSafeInteger(value) || Object.is(value, -0)))
    return [`${path} = ${value}`];
  if (typeof value === "string" && (!value.isWellFormed() || value.includes("\0"))) return [`${path} is malformed`];
  return value === null || value === undefined ? [`${path} is ${String(value)}`] : [];
}

/** Everything that is wrong with a copy as an event. */
function faultsOf({ type, content, files = [] }: Content): string[] {
  const faults = faultsIn(content, COPY, "content");
  if (!TYPES.includes(type)) faults.push(`type ${type}`);
  const bytes = new TextEncoder().encode(JSON.stringify(content)).length;
  if (bytes > MAX_CONTENT_BYTES) faults.push(`${bytes} bytes`);
  for (const said of saidIn(content)) {
    if (!["m.reaction", ...POLLS].includes(type) && typeof said["body"] !== "string") faults.push("no body");
    if (type === "m.room.message" && typeof said["msgtype"] !== "string") faults.push("no msgtype");
    if (type === "m.room.message" && !isObject(said["m.mentions"])) faults.push("no mentions");
    if ((said["format"] === undefined) !== (said["formatted_body"] === undefined)) faults.push("format");
  }
  return [...faults, ...files.flatMap((file) => faultsOfFile(file, content))];
}

function faultsOfFile({ source, paths, mimetype, name, size }: CarriedFile, content: JsonObject): string[] {
  const places = paths.map((path) => path.reduce<Json | undefined>((at, step) => isObject(at) ? at[step] : undefined, content)); // prettier-ignore
  return [
    ...(places.length > 0 && places.every(isObject) ? [] : ["a file is named nowhere"]),
    ...("text" in source || isMxcUri(source.url) ? [] : ["address of a file"]),
    ...("text" in source ? faultsIn(source.text, true, "file") : []),
    ...faultsIn(
      { name, mimetype: mimetype ?? "", size: size ?? 0 },
      { name: true, mimetype: true, size: true },
      "file",
    ),
  ];
}

function saidIn(content: JsonObject): JsonObject[] {
  const replacement = content["m.new_content"];
  return isObject(replacement) ? [content, replacement] : [content];
}

function faultsOfHtml(content: JsonObject, { mentionable }: CopyContext): string[] {
  return saidIn(content).flatMap(({ formatted_body: html }) =>
    // The name that Ferry puts before it is the only one that carries the mark.
    typeof html === "string"
      ? faultsInHtml(html.replace("<strong data-mx-profile-fallback>", "<strong>"), mentionable)
      : [],
  );
}

const HERE = "!source:one.test" as RoomId;
const THERE = "!there:two.test" as RoomId;
const X = "$x" as EventId;
const nothing: Memory = {
  ...{ account: ACCOUNT, links: [linkBetween([HERE, THERE], { tells: [...TOLD_CHANGES] })], oldestTs: null },
  isCopy: () => false,
  isUnderWay: () => false,
  copyIn: () => null,
  originOf: () => null,
  seen: () => null,
  copiesOf: () => [],
  hasOptedOut: () => false,
  isAsked: () => false,
};
const everything: Memory = {
  ...{
    ...nothing,
    oldestTs: 1,
    isAsked: () => true,
    isUnderWay: () => true,
    seen: () => ({ sender: ANA, kind: "copy" }),
  },
  copiesOf: () => [{ sourceRoom: HERE, sourceEvent: X, destination: THERE, kind: "copy" }],
};
const copies: Memory = {
  ...everything,
  isUnderWay: () => false,
  originOf: () => ({ roomId: THERE, eventId: X, author: ACCOUNT, kind: "copy" }),
};
const picky: Link = linkBetween([HERE, THERE], {
  tells: [...TOLD_CHANGES],
  settings: { ...NO_LINK_SETTINGS, filter: { ...NO_FILTER, withoutNotices: true, withoutWords: ["secret", "\ud800"] } },
});
const MEMORIES = [nothing, everything, copies, { ...nothing, hasOptedOut: () => true }, { ...nothing, links: [picky] }];

function faultsOfDecision(decision: Decision): string[] {
  if (decision.outcome !== "routed") return /^[a-z-]+$/.test(decision.outcome) ? [] : [decision.outcome];
  return decision.tasks.flatMap(({ destination, target }) => [
    ...([THERE, HERE].includes(destination) ? [] : [`to ${destination}`]),
    ...(target === undefined || isEventId(target.eventId) ? [] : ["what is no event"]),
  ]);
}

const FAILURES: FileFailure[] = ["file-missing", "file-damaged", "file-too-large", "file-refused"];

/** Everything that the transformation makes of an event, whether or not routing would ever ask for it. */
function copiesFrom(event: SourceEvent, context: CopyContext): (() => Content)[] {
  const target = "$target" as EventId;
  const failure = FAILURES[event.senderName.length % FAILURES.length] ?? "file-missing";
  const told = (): SourceEvent => withoutFile(event, { failure, room: event.senderName, language: context.language });
  return [
    () => transform.copyMessage(event, context),
    () => transform.copyEdit(event, target, context),
    () => transform.lateEdit(event, target, context),
    () => transform.placeholder(event, context),
    () => transform.placeholderForOther(event, target, context),
    () => transform.copyMessage(told(), context),
    () => transform.copyEdit(told(), target, context),
    () => transform.copyReaction(reactionKey(event), target, context.marker),
  ];
}

function reactionKey({ content }: SourceEvent): string {
  const relation = content["m.relates_to"];
  return isObject(relation) && typeof relation["key"] === "string" ? relation["key"] : "";
}

/** `expect` takes longer than all of the work. */
function expectNone(faults: string[]): void {
  if (faults.length > 0) expect(faults).toEqual([]);
}

/** Of a test: half a minute on a machine that has nothing else to do. */
export const TIMEOUT_MS = 400_000;

const SLOW_MS = 50;
/** An event has 65,536 bytes at most: what comes from more is checked, and may take longer. */
const EVENT_BYTES = 65_536;

const lengths = new WeakMap<object, number>();

/** How long a value is at least, written out. Most large values are in many events. */
function lengthOf(value: Json): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  const known = lengths.get(value);
  if (known !== undefined) return known;
  const length = Object.entries(value).reduce((sum, [name, inner]) => sum + name.length + lengthOf(inner), 0);
  lengths.set(value, length);
  return length;
}

/** Runs hostile events through everything, and holds what comes out against what may. */
export class Fuzz {
  events = 0;
  #spent = 0;

  /** @param count how many events are made */
  run(count: number, event: fc.Arbitrary<SourceEvent>, context: fc.Arbitrary<CopyContext>): void {
    const property = fc.property(event, context, (source, surroundings) => this.#take(source, surroundings));
    const { failed, seed, counterexamplePath, counterexample, errorInstance } = fc.check(property, { numRuns: count });
    // fast-check's own report would write out all of an event that may be as deep and as long as events get.
    if (failed) {
      const shown = JSON.stringify(counterexample?.[0]).slice(0, 2000);
      throw new Error(`seed ${seed}, path "${counterexamplePath}": ${shown}`, { cause: errorInstance });
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as JsonObject)["polluted"]).toBeUndefined();
  }

  /** Milliseconds that an event takes on average, all that can become of it together. */
  get average(): number {
    return this.#spent / this.events;
  }

  #take(event: SourceEvent, context: CopyContext): void {
    this.events += 1;
    const isReal = lengthOf([event.sender, event.senderName, event.content]) <= EVENT_BYTES;
    for (const memory of MEMORIES) {
      expectNone(faultsOfDecision(this.#timed(() => route(event, memory), isReal)));
    }
    this.#timed(() => mentionedUsers(event), isReal);
    const words = this.#timed(() => describe(event, context.language), isReal);
    expectNone(words.isWellFormed() && !words.includes("\0") && [...words].length <= 140 ? [] : [words]);
    for (const make of copiesFrom(event, context)) {
      const copy = this.#timed(make, isReal);
      expectNone([...faultsOf(copy), ...faultsOfHtml(copy.content, context)]);
    }
  }

  /** One thing that is done with an event. What seems slow is done again, by the processor's clock: machines are busy. */
  #timed<Value>(work: () => Value, mustBeQuick: boolean): Value {
    const started = performance.now();
    const value = work();
    const took = performance.now() - started;
    this.#spent += took;
    if (took >= SLOW_MS && mustBeQuick)
      expect(Math.min(...[1, 2, 3].map(() => processorTime(work)))).toBeLessThan(SLOW_MS);
    return value;
  }
}

/** In milliseconds, of this process alone. */
function processorTime(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
