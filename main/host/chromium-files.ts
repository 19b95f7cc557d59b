import { readPageFile, type PageName, type Sources } from "./page-files.ts";

/** An answer to a request of a page, as DevTools takes it (`Fetch.fulfillRequest`). */
export interface Fulfilment {
  responseCode: number;
  responseHeaders: { name: string; value: string }[];
  body?: string;
}

/** What a page's origin answers to a request for `url`: one of Ferry's own files, or that there is none. */
export async function fulfilmentOf(
  url: string,
  pagesDir: string,
  page: PageName,
  sources: Sources,
): Promise<Fulfilment> {
  const file = await readPageFile(pagesDir, page, new URL(url).pathname, sources);
  if (file === null) return { responseCode: 404, responseHeaders: [] };
  const responseHeaders = Object.entries(file.headers).map(([name, value]) => ({ name, value }));
  return { responseCode: 200, responseHeaders, body: file.body.toString("base64") };
}
