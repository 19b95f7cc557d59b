import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";

/** The pages that Ferry serves itself, each on an origin of its own. */
export type PageName = "engine" | "settings";

export interface PageFile {
  body: Buffer;
  headers: Record<string, string>;
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** What the engine page may talk to, and where its scripts come from where that is not the page's own origin. */
export interface Sources {
  connect: readonly string[];
  files?: string;
}

/** The content security policy of a page. The engine may talk to the given sources; the settings page to nobody. */
export function contentSecurityPolicy(page: PageName, { connect, files = "'self'" }: Sources): string {
  const common = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  if (page === "settings")
    return `${common}; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'`;
  return `${common}; script-src ${files} 'wasm-unsafe-eval'; connect-src ${[files, ...connect].join(" ")}`;
}

/**
 * Reads what a page's origin serves for a path: its own `index.html` and the bundles' shared assets, nothing else.
 *
 * @returns null for every other path, path traversal included
 */
export async function readPageFile(
  pagesDir: string,
  page: PageName,
  path: string,
  sources: Sources,
): Promise<PageFile | null> {
  const relative = path === "/" || path === "/index.html" ? join(page, "index.html") : assetOf(path);
  if (relative === null) return null;
  const type = TYPES[extname(relative)];
  if (type === undefined) return null;
  const file = join(pagesDir, relative);
  if (!file.startsWith(normalize(pagesDir) + sep)) return null;
  try {
    const body = await readFile(file);
    const headers = headersOf(type, contentSecurityPolicy(page, sources));
    const { files } = sources;
    if (files === undefined) return { body, headers };
    const placed = type === TYPES[".html"] ? Buffer.from(placeFiles(body.toString(), files)) : body;
    return { body: placed, headers: { ...headers, "access-control-allow-origin": "*" } };
  } catch {
    return null;
  }
}

/** A document that is on another origin than its files names that origin for each. */
function placeFiles(html: string, files: string): string {
  return html.replaceAll('"../assets/', `"${files}/assets/`);
}

function assetOf(path: string): string | null {
  // Bundles have flat names, so that no encoding of a path needs to be thought of.
  const match = /^\/assets\/([A-Za-z0-9_][A-Za-z0-9._-]*)$/.exec(path);
  return match?.[1] === undefined ? null : join("assets", match[1]);
}

function headersOf(type: string, policy: string): Record<string, string> {
  return {
    "content-type": type,
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
  };
}
