import { isBuiltin } from "node:module";
import { posix } from "node:path";
import ts from "typescript";

/** The import rules of the design (section 3), each with its reason, and what checks them. */

const LONGEST_FILE = 300;

/** `bridge/relation.ts` awaits what it is given (a quotation, which only the network has); it starts nothing itself. */
export const MAY_AWAIT = "main/bridge/relation.ts";

export interface Source {
  path: string;
  text: string;
}

interface Import {
  /** A package, a `node:` module, or a file of the project from its root. */
  from: string;
  names: string[];
  typeOnly: boolean;
  dynamic: boolean;
}

/** Folders whose files may import only what is listed; `types` only by `import type`. */
const FOLDERS: { folder: string; may: string[]; types?: string[]; packages: string[]; reason: string }[] = [
  {
    folder: "main/matrix/",
    may: ["main/matrix/"],
    packages: [],
    reason: "the specification's vocabulary stands alone, so that everything else can stand on it",
  },
  {
    folder: "main/bridge/",
    may: ["main/bridge/", "main/matrix/"],
    packages: ["node:crypto", "sanitize-html"],
    reason: "decisions are pure functions: the same input, the same decision, in a test as after a crash",
  },
  {
    folder: "main/protocol/",
    may: ["main/protocol/", "main/matrix/"],
    packages: ["zod", "birpc"],
    reason: "the pages are built with the contracts, and must get nothing of main with them",
  },
  {
    folder: "main/store/",
    may: ["main/store/", "main/matrix/"],
    types: ["main/bridge/", "main/host/"],
    packages: ["node:sqlite", "node:fs"],
    reason: "the store remembers and decides nothing",
  },
  {
    folder: "main/service/",
    may: [
      ...["main/service/", "main/matrix/", "main/bridge/", "main/store/", "main/protocol/"],
      ...["main/log.ts", "main/host/host.ts", "main/host/secrets.ts"],
    ],
    packages: ["node:crypto", "node:fs", "node:http", "node:net", "node:path", "node:sqlite", "zod"],
    reason: "services run under every host, and know hosts and secrets by their interfaces only",
  },
  {
    folder: "renderer/",
    may: ["renderer/", "main/protocol/", "main/matrix/"],
    packages: [
      "matrix-js-sdk",
      "@matrix-org/matrix-sdk-crypto-wasm",
      "@noble/hashes",
      "svelte",
      "bits-ui",
      "@lucide/svelte",
      "virtua",
      "zod",
      "vite",
      "@sveltejs/vite-plugin-svelte",
      "node:path",
    ],
    reason: "a page reaches main through its contract, not past it",
  },
  {
    folder: "main/",
    may: ["main/"],
    packages: ["*"],
    reason: "main has no part of a page in it; it serves their bundles",
  },
];

/** Packages that only certain files may import. */
const PACKAGES: { package: string; may: string[]; dynamic?: boolean; reason: string }[] = [
  {
    package: "electron",
    may: ["main/electron.ts", "main/host/electron-host.ts", "main/desktop/"],
    reason: "everything else must run where there is no Electron",
  },
  {
    package: "electron-updater",
    may: ["main/electron.ts", "main/desktop/updates.ts"],
    dynamic: true,
    reason: "it speaks to the network, and is loaded only when the user has turned updates on",
  },
  {
    package: "keytar",
    may: ["main/host/keychain.ts"],
    dynamic: true,
    reason: "it is an optional binary: where its build failed, Ferry must still start",
  },
  {
    package: "playwright-core",
    may: ["main/host/chromium-"],
    reason: "only the Chromium host drives a browser; the desktop app is packaged without it",
  },
  {
    package: "matrix-js-sdk",
    may: ["renderer/engine/"],
    reason: "keys and the network of Matrix are the engine page's alone",
  },
  {
    package: "@matrix-org/matrix-sdk-crypto-wasm",
    may: ["renderer/engine/"],
    reason: "keys and the network of Matrix are the engine page's alone",
  },
  {
    package: "@noble/hashes",
    may: ["renderer/engine/files/"],
    reason: "elsewhere the system's own hashes are faster; the page's cannot be fed in pieces",
  },
  {
    package: "node:sqlite",
    // The control socket takes SQLite's file lock, which ends with the process on every system, and stores nothing.
    may: ["main/store/", "main/service/control-socket.ts"],
    reason: "what Ferry remembers is read and written in one place",
  },
];

/** What makes a result depend on more than the input. */
const IMPURE_NAMES = new Set(["Date", "performance", "setTimeout", "setInterval", "queueMicrotask", "process"]);
const ASYNCHRONOUS_NAMES = new Set(["Promise", "PromiseLike"]);
const PURE_CRYPTO = new Set(["createHash"]);

function parse({ path, text }: Source): ts.SourceFile {
  const script = path.endsWith(".svelte")
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join("\n")
    : text;
  return ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true);
}

function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => eachNode(child, visit));
}

function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, names: string[], typeOnly: boolean, dynamic = false): void => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const from = specifier.text.startsWith(".")
      ? posix.join(posix.dirname(source.path), specifier.text)
      : specifier.text;
    found.push({ from, names, typeOnly, dynamic });
  };
  eachNode(parse(source), (node) => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const bindings = clause?.namedBindings;
      const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
      const whole = clause?.name !== undefined || (bindings !== undefined && ts.isNamespaceImport(bindings));
      const eachIsType = elements.length > 0 && !whole && elements.every((element) => element.isTypeOnly);
      const names = [
        ...(whole ? ["*"] : []),
        ...elements.map((element) => (element.propertyName ?? element.name).text),
      ];
      add(node.moduleSpecifier, names, clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || eachIsType);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, ["*"], node.isTypeOnly);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, [], true);
    else if (ts.isCallExpression(node)) {
      const called = node.expression;
      const loads =
        called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require");
      if (loads) add(node.arguments[0], ["*"], false, true);
    }
  });
  return found;
}

const isOfProject = (from: string): boolean => /^(main|renderer|test)\//.test(from);
const within = (path: string, places: readonly string[]): boolean => places.some((place) => path.startsWith(place));
const isOfPackage = (from: string, name: string): boolean => from === name || from.startsWith(`${name}/`);

/** What is wrong with one file, as sentences with the reason. */
export function violations(source: Source): string[] {
  const problems: string[] = [];
  const { path, text } = source;
  const report = (what: string, reason: string): void => void problems.push(`${path}: ${what} (${reason})`);
  const imports = importsOf(source);
  const folder = FOLDERS.find((rule) => path.startsWith(rule.folder));
  for (const { from, typeOnly, dynamic, names } of imports) {
    if (folder) {
      const allowed = isOfProject(from)
        ? within(from, folder.may) || (typeOnly && within(from, folder.types ?? []))
        : folder.packages.some((name) => name === "*" || isOfPackage(from, name));
      if (!allowed) report(`must not import ${from}`, folder.reason);
    }
    if (path.startsWith("test/")) continue;
    const rule = PACKAGES.find((candidate) => isOfPackage(from, candidate.package));
    if (rule && !within(path, rule.may)) report(`must not import ${from}`, rule.reason);
    if (rule?.dynamic && !dynamic && !typeOnly) report(`must load ${from} when it is needed`, rule.reason);
    if (isBuiltin(from) && !from.startsWith("node:"))
      report(`must write node:${from}`, "a package could take that name");
    if (path.startsWith("main/bridge/") && from === "node:crypto" && names.some((name) => !PURE_CRYPTO.has(name))) {
      report("takes more of node:crypto than hashing", "no randomness: ids are passed in");
    }
  }
  if (path.startsWith("main/bridge/")) problems.push(...impurities(source));
  if (/^(main|renderer)\//.test(path) && path !== "main/matrix/unstable.ts" && text.includes("org.matrix.msc2923")) {
    report(
      "names org.matrix.msc2923",
      "every name on the wire stands in main/matrix/unstable.ts, to be found and changed once",
    );
  }
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > LONGEST_FILE) report(`has ${lines} lines`, `more than ${LONGEST_FILE} are more than one thing`);
  return problems;
}

function impurities(source: Source): string[] {
  const found = new Set<string>();
  const mayAwait = source.path === MAY_AWAIT;
  eachNode(parse(source), (node) => {
    if (ts.isIdentifier(node) && !isPropertyName(node)) {
      if (IMPURE_NAMES.has(node.text)) found.add(`uses ${node.text}`);
      if (ASYNCHRONOUS_NAMES.has(node.text) && !mayAwait) found.add(`uses ${node.text}`);
    }
    if (ts.isPropertyAccessExpression(node) && node.getText() === "Math.random") found.add("uses Math.random");
    if ((node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) && !mayAwait)
      found.add("is asynchronous");
  });
  return [...found].map((what) => `${source.path}: ${what} (no clock, no randomness, no promise: they are passed in)`);
}

function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  const named =
    ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent);
  return named && parent.name === node;
}
