import type { Json, JsonObject } from "../../../main/matrix/event.ts";
import { isUserId, type UserId } from "../../../main/matrix/ids.ts";
import { ACCOUNT } from "./transform-support.ts";

/** Values that no event should have. What is large or deep is built once. */

export const ANA = "@ana:one.test" as UserId;
export const BEA = "@bea:two.test" as UserId;

/** User ids in every form that homeservers have let through, and at the greatest length. */
export const USERS = [
  ...[
    ACCOUNT,
    ANA,
    BEA,
    "@room:one.test",
    "@a/b:one.test",
    '@"<b>&amp;:one.test',
    "@\u202ex:one.test",
    "@\ud800:x.test",
  ],
  ...["@__proto__:x", "@constructor:toString", `@${"l".repeat(240)}:long.test`, `@${"\\".repeat(240)}:long.test`],
] as UserId[];

/** Events of others never reach main: the engine leaves them out. */
export const SENDERS = USERS.filter(isUserId);

function nested(depth: number, wrap: (inner: Json) => Json): Json {
  let value: Json = "deep";
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

/** What only a parser can make: in source text `__proto__` would set the prototype. */
const PROTOTYPE_KEYS = JSON.parse(
  '{"__proto__":{"polluted":true,"msgtype":"m.text"},"constructor":{"prototype":{"polluted":true}},"toString":1,' +
    '"valueOf":null,"hasOwnProperty":0,"toJSON":"x","length":1e9,"then":true}',
) as JsonObject;

export const NUMBERS = [
  0,
  -0,
  -1,
  0.5,
  1.5,
  -0.25,
  42,
  1024.7,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  5e-324,
  Infinity,
];

export const TEXTS = [
  ...[
    "",
    " ",
    "\n",
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "a\ud83d",
    "\u202eesrever",
    "\u2066x\u2069",
    "\u200b\u2060",
  ],
  ...[
    "@room",
    "@room hello",
    "@\u2060room",
    "Ana: hello",
    "> <@bea:two.test> hello\n\nx",
    "> quoted\n> more",
    "* waves",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "null",
    "NaN",
    "<b>bold</b>",
    "&lt;script&gt;",
    "a\r\nb\u2028c\u2029d\x85e",
  ],
  ...[
    "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩‍👩‍👧",
    "\ufeff\ufffe\uffff",
    "!ferry optout",
    "approve K7QF-2MXA",
    "مرحبا",
    "語",
  ],
  ...[
    "../../etc/passwd",
    "C:\\a\\b.exe",
    "a.jpg\u202egpj.exe",
    "name\nwith\nlines.txt",
    "data:text/html,x",
    "javascript:alert(1)",
  ],
];

export const HUGE_TEXTS = [
  "x",
  "å line\n",
  "\0",
  "\ud800",
  "\u202e",
  "@room ",
  "👩‍👩‍👧",
  '"',
  "\\",
  "\u0301",
  "> <@a:b> x\n",
  "語",
].map((piece) => piece.repeat(60_000 / piece.length));

export const STRUCTURES: Json[] = [
  ...[
    null,
    true,
    false,
    [],
    {},
    [[]],
    [null],
    { "": "" },
    PROTOTYPE_KEYS,
    [PROTOTYPE_KEYS],
    { body: "x", url: "mxc://a/b" },
  ],
  nested(1000, (inner) => [inner]),
  nested(1000, (inner) => ({ info: inner })),
  nested(1000, (inner) => ({ "m.new_content": inner, "m.relates_to": inner === "deep" ? 1 : {}, body: "x" })),
  Array.from({ length: 5000 }, (_, index) => index / 3),
  Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`key ${index}\ud800`, { "\0": index }])),
];
