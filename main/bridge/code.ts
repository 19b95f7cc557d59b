/** Letters and digits that nobody confuses when they copy them by hand. */
const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH = 8;

/**
 * The code by which an answer names what it answers. It keeps answers apart and is no secret: who may answer is judged
 * by power.
 *
 * @param random at least 8 random bytes
 */
export function newCode(random: Uint8Array): string {
  return [...random.subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** A code as people write it, in capitals or not, with or without a hyphen; null where it is none. */
export function readCode(value: unknown): string | null {
  if (typeof value !== "string" || value.length > LENGTH + 1) return null;
  const code = value.toUpperCase().replace(/^(.{4})-/, "$1");
  return code.length === LENGTH && [...code].every((letter) => ALPHABET.includes(letter)) ? code : null;
}

/** A code as it is shown: in two groups. */
export function formatCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}
