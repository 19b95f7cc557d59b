import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Synapse } from "./synapse.ts";

/** Restarts a homeserver as it is long after a device was last there, whose tokens have run out since. */
export async function letRunOut(synapse: Synapse, device: string): Promise<void> {
  await synapse.kill();
  const database = new DatabaseSync(join(synapse.dataDir, "synapse.db"));
  const changes = ["UPDATE access_tokens SET valid_until_ms = 1", "UPDATE refresh_tokens SET expiry_ts = 1"];
  const counts = changes.map((change) => database.prepare(`${change} WHERE device_id = ?`).run(device).changes);
  database.close();
  // Ferry asks for what renews its token wherever there is such a thing.
  if (counts.some((count) => count === 0)) throw new Error(`${device} has not both kinds of tokens: ${counts.join()}.`);
  await synapse.restart();
}
