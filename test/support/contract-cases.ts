import { z } from "zod";
import type { Contract } from "../../main/protocol/rpc.ts";

/** Right and wrong parameters for every method of a contract, made from its schemas: a new method brings its own. */

/** Longer than anything that a method takes, and short enough to pass as a line of the control socket. */
export const HUGE = "x".repeat(30_000);

/** What stands for a value of each kind; whatever a schema refuses of it is a wrong value there. */
const KINDS: [string, unknown][] = [
  ["null", null],
  ["a truth", true],
  ["a number", 7],
  ["a negative fraction", -1.5],
  ["an empty text", ""],
  ["a text", "text\u0000\n"],
  ["a huge text", HUGE],
  ["a list", []],
  ["a list of lists", [[]]],
  ["an object", {}],
  ["an object with a text", { toString: "text" }],
];

/** One of these fits wherever a single value is wanted. */
const FITTING = [
  ...["text", "!room:example.org", "#alias:example.org", "$event", "@ana:example.org", "https://example.org"],
  ...["mxc://example.org/file", { key: "k".repeat(43), iv: "i".repeat(22), sha256: "h".repeat(43) }],
  ...[1, true, null, {}],
];

/** What a schema is without what may be left out of it or null. */
function coreOf(schema: z.ZodType): z.ZodType {
  let core = schema;
  while (core instanceof z.ZodOptional || core instanceof z.ZodNullable || core instanceof z.ZodDefault)
    core = core.unwrap() as z.ZodType;
  return core;
}

const membersOf = ({ shape }: z.ZodObject<Record<string, z.ZodType>>): [string, z.ZodType][] => Object.entries(shape);

const refuses = (schema: z.ZodType, value: unknown): boolean => !schema.safeParse(value).success;

/** Parameters that a schema takes, with everything in them that may be left out. */
export function rightFor(schema: z.ZodType): unknown {
  const core = coreOf(schema);
  if (core instanceof z.ZodObject)
    return Object.fromEntries(membersOf(core).map(([name, member]) => [name, rightFor(member)]));
  if (core instanceof z.ZodArray) return [rightFor(core.element as z.ZodType)];
  if (core instanceof z.ZodRecord) return { name: rightFor(core.valueType as z.ZodType) };
  if (core instanceof z.ZodEnum) return core.options[0];
  if (core instanceof z.ZodLiteral) return core.value;
  if (core instanceof z.ZodUnion) return rightFor(core.options[0] as z.ZodType);
  const fitting = FITTING.find((value) => !refuses(core, value));
  if (fitting === undefined) throw new Error("No value in this file fits a schema of the contract. Add one.");
  return fitting;
}

export interface Case {
  /** What is wrong, and where. */
  what: string;
  params: unknown;
}

/** Parameters that are right but for one thing, for each place in them and each thing that can be wrong there. */
export function* wrongFor(schema: z.ZodType, at = "", place = (value: unknown): unknown => value): Generator<Case> {
  for (const [kind, value] of KINDS) {
    if (refuses(schema, value))
      yield { what: `${kind} ${at === "" ? "instead of all" : `as ${at}`}`, params: place(value) };
  }
  const core = coreOf(schema);
  if (core instanceof z.ZodArray) {
    yield* wrongFor(core.element as z.ZodType, `${at}[0]`, (value) => place([value]));
  } else if (core instanceof z.ZodObject) {
    const right = rightFor(core) as Record<string, unknown>;
    for (const [name, member] of membersOf(core)) {
      const rest = Object.fromEntries(Object.entries(right).filter(([other]) => other !== name));
      const path = at === "" ? name : `${at}.${name}`;
      if (refuses(member, undefined)) yield { what: `no ${path}`, params: place(rest) };
      yield* wrongFor(member, path, (value) => place({ ...right, [name]: value }));
    }
  }
}

/** Each single value in a method's parameters, with its path. */
export function* valuesOf(schema: z.ZodType, at = ""): Generator<[path: string, schema: z.ZodType]> {
  const core = coreOf(schema);
  if (core instanceof z.ZodArray) {
    yield [at, schema];
    yield* valuesOf(core.element as z.ZodType, `${at}[0]`);
  } else if (core instanceof z.ZodObject) {
    for (const [name, member] of membersOf(core)) yield* valuesOf(member, at === "" ? name : `${at}.${name}`);
  } else yield [at, schema];
}

/** The methods of a contract with their parameters' schemas. */
export function methodsOf(contract: Contract): [method: string, params: z.ZodType][] {
  return Object.entries(contract).map(([method, { params }]) => [method, params]);
}
