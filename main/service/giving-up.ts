import type { Store } from "../store/store.ts";

/** The user gives up copies that failed, by their numbers in the outbox. Inside a transaction. @returns how many */
export function dismissFailed(store: Store, ids: readonly number[], nowTs: number): number {
  let count = 0;
  for (const id of ids) {
    const row = store.outbox.get(id);
    if (row === null || store.outbox.dismiss(id) === 0) continue;
    if (row.kind !== "notice") store.links.count(row.linkId, "dismissed", nowTs);
    count += 1;
  }
  return count;
}

/**
 * The user gives up every copy that is owed. Inside a transaction. What people have taken back is still taken back, and
 * rooms are still told what they have to be told, at the next login. What may have been sent is set aside by then
 * (`maybe-sent`): without its row nobody would find the copy when the original is taken back.
 */
export function dismissOwed(store: Store, nowTs: number): number {
  for (const [link, count] of store.outbox.unsentCopies()) store.links.count(link, "dismissed", nowTs, count);
  return store.outbox.dismissCopies();
}
