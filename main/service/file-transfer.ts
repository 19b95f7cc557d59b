import { fillFiles } from "../bridge/fill.ts";
import type { CarriedFile } from "../bridge/kinds/kind.ts";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import type { FileFailure } from "../matrix/codes.ts";
import type { EngineClient } from "../protocol/engine.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import type { Copier, Delivery } from "./copier.ts";
import type { LargeFiles } from "./large-files.ts";

/** So often a file is asked for that the homeserver cannot get now; with the pauses between, some minutes. */
const MOST_TRIES = 8;

export interface TransferOptions {
  store: Store;
  copier: Pick<Copier, "prepare">;
  engine: () => EngineClient;
  largeFiles: Pick<LargeFiles, "end">;
}

/**
 * Has the files of a message carried to its destination, and names them in it.
 *
 * Nothing of it is stored: dies the process before the message is sent, its row is still in hand, and the files are
 * carried once more. What was uploaded for nothing stays on the homeserver, and nobody has its address.
 *
 * @returns the message with its files, or another one in its place that says why they are not there
 * @throws FerryError where it may work later
 */
export async function carryFiles(row: OutboxRow, delivery: Delivery, options: TransferOptions): Promise<Delivery> {
  if (delivery.action !== "send" || delivery.files === undefined) return delivery;
  const { files, ...message } = delivery;
  const results = await tryToCarry(row, files, options);
  if (!Array.isArray(results)) return options.copier.prepare(row, results.failure);
  const lost = results.find((result, index) => "failure" in result && files[index]?.role === "file");
  if (lost !== undefined && "failure" in lost) return options.copier.prepare(row, lost.failure);
  const references = results.map((result) => ("failure" in result ? null : result));
  return { ...message, content: fillFiles(delivery.content, files, references) };
}

/** Has the files of what is probably sent next carried already: its own turn finds them there. */
export async function carryAhead(row: OutboxRow, files: CarriedFile[], options: TransferOptions): Promise<void> {
  await tryToCarry(row, files, options);
}

async function tryToCarry(
  row: OutboxRow,
  files: readonly CarriedFile[],
  { store, engine, largeFiles }: TransferOptions,
): Promise<Awaited<ReturnType<EngineClient["carryFiles"]>> | { failure: FileFailure }> {
  const mustEncrypt = store.links.find(row.linkId)?.rooms.find(({ roomId }) => roomId === row.destination)?.encrypted;
  const { largestFileMb } = store.settings.all;
  try {
    const results = await engine().carryFiles({
      roomId: row.destination,
      transactionId: row.transactionId,
      mustEncrypt: mustEncrypt ?? true,
      mostBytes: largestFileMb === null ? null : largestFileMb * 1_000_000,
      files: files.map(({ source, mimetype, size, name }) => ({ source, mimetype, size, name })),
    });
    if (results.length === files.length) return results;
  } catch (error) {
    const failure = asFerryError(error);
    if (failure.code !== "file-unavailable" || row.attempts < MOST_TRIES) throw failure;
    return { failure: "file-missing" };
  } finally {
    largeFiles.end(row.transactionId);
  }
  throw new FerryError("internal", "The engine has not carried all files of a message.");
}
