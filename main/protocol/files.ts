import { z } from "zod";
import * as v from "./values.ts";

/** What the engine's contract says of files. */

/** How far a large file has come. It is fetched as a whole before it is uploaded, of which nothing is told meanwhile. */
export const fileProgress = z.object({
  /** Whose message it belongs to. */
  transactionId: v.transactionId,
  fetchedBytes: z.number().int().nonnegative(),
  /** Null where nobody has said how large it is; as many as have been fetched once it is being uploaded. */
  bytes: z.number().int().nonnegative().nullable(),
});
export type FileProgress = z.output<typeof fileProgress>;

export const fileRequests = {
  /**
   * Carries files to where a room's members can have them: downloads, checks, decrypts, encrypts under new keys where
   * the room is encrypted, and uploads. Asked again for the same transaction it answers what it has uploaded. What goes
   * wrong for good is said for each file; fails where it may work later: `homeserver-unreachable`, `file-unavailable`,
   * `encryption-gone`.
   */
  carryFiles: {
    params: z.object({
      roomId: v.roomId,
      transactionId: v.transactionId,
      mustEncrypt: z.boolean(),
      /** The user's limit, in bytes; null where only the homeserver's holds. */
      mostBytes: z.number().int().nullable(),
      files: z.array(
        z.object({
          /** Where it is, what is in it, or whose small picture it is to be, drawn anew. */
          source: z.union([v.fileReference, z.object({ text: z.string() }), z.object({ avatar: v.mxcUri })]),
          mimetype: z.string().nullable(),
          size: z.number().int().nullable(),
          name: z.string(),
        }),
      ),
    }),
    result: z.array(z.union([v.fileReference, z.object({ failure: v.fileFailure })])),
  },
};

export const fileNotifications = {
  /** Of a file that `carryFiles` carries, above 8 MB: about once a second, until that is answered. */
  carrying: { params: fileProgress, result: v.nothing },
};
