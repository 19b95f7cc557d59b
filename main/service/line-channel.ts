import type { Socket } from "node:net";
import { parseFrame, type Channel } from "../protocol/rpc.ts";

/** A channel over a stream: one JSON document a line. */

/** The longest line that is taken from anybody who connects, in bytes without the line's end. */
export const LONGEST_LINE = 1_000_000;

/** The same for answers of a Ferry that one has connected to oneself: an account can have many rooms. */
export const LONGEST_ANSWER = 64_000_000;

/** How much may wait for a party that does not read, in bytes. */
const LONGEST_BACKLOG = 64_000_000;

const NEWLINE = 0x0a;

export interface LineChannel extends Channel {
  /** Resolves when the stream has ended, for whatever reason. */
  closed: Promise<void>;
  /** Ends the stream after what has been sent. */
  end(): void;
  /** Ends the stream at once. */
  destroy(): void;
}

/**
 * Makes a channel of a connected socket. A party that sends too long a line, or something other than messages, or
 * that does not read what it is sent, is cut off: there is no way to tell where its next message would begin.
 */
export function createLineChannel(socket: Socket, longest: number = LONGEST_LINE): LineChannel {
  let listener: ((text: string) => void) | undefined;
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  // A broken connection also closes, which is what its owner hears of.
  socket.on("error", () => undefined);
  readLines(socket, longest, (line) => {
    if (isMessage(line)) listener?.(line);
    else socket.destroy();
  });
  return {
    closed,
    send: (text) => {
      if (socket.destroyed || socket.writableEnded) return;
      socket.write(`${text}\n`);
      if (socket.writableLength > LONGEST_BACKLOG) socket.destroy();
    },
    onReceive: (given) => {
      listener = given;
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

function readLines(socket: Socket, longest: number, onLine: (line: string) => void): void {
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): boolean => {
    parts.push(part);
    length += part.length;
    if (length > longest) socket.destroy();
    return length <= longest;
  };
  socket.on("data", (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (!add(chunk.subarray(start, end))) return;
      const line = Buffer.concat(parts).toString("utf8");
      parts = [];
      length = 0;
      start = end + 1;
      onLine(line);
      if (socket.destroyed) return;
    }
    add(chunk.subarray(start));
  });
}

function isMessage(line: string): boolean {
  try {
    parseFrame(line);
    return true;
  } catch {
    return false;
  }
}
