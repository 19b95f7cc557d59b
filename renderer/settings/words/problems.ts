import type { FerryError } from "../../../main/matrix/errors.ts";
import { sentenceFor } from "./failures.ts";

/**
 * What to say at a field of a failure that is about what was entered there.
 *
 * @param codes which failures are about it
 * @returns null where it was none of these
 */
export function problemIn(failure: FerryError | null, codes: readonly string[]): string | null {
  if (failure === null || !codes.includes(failure.code)) return null;
  const { text, action, page } = sentenceFor(failure);
  return action === null || page !== null ? text : `${text} ${action}`;
}
