import { readLinksFile, type FileLink, type LinksFile } from "./links-file.ts";

/** A file with links that the user has opened, to make them one by one: kept while they are at it on another page. */
class OpenedFile {
  #file: LinksFile | null = $state.raw(null);
  /** Why the last one could not be used, as a sentence. */
  problem: string | null = $state(null);

  get links(): readonly FileLink[] | null {
    return this.#file?.links ?? null;
  }

  async open(file: File): Promise<void> {
    const read = await readLinksFile(file);
    this.#file = read.file;
    this.problem = read.problem;
  }

  close(): void {
    this.#file = null;
    this.problem = null;
  }
}

export const openedFile = new OpenedFile();
