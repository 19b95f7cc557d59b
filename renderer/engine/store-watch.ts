const NAME = "ferry-store-watch";

/**
 * Calls back when the browser has closed this page's databases by itself, as it does when the disk is full or fails.
 *
 * The crypto library's own connection says nothing of it: from then on all it does fails, and only a new page opens the
 * store again. This database holds nothing; it shares its fate.
 */
export async function watchStorage(onLost: () => void): Promise<void> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore("nothing");
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB cannot be opened"));
    request.onblocked = () => reject(new Error("IndexedDB is in use elsewhere"));
  });
  database.onclose = onLost;
}
