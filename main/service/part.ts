import type { Logger } from "../log.ts";
import type { UserId } from "../matrix/ids.ts";
import type { engineRequests } from "../protocol/engine.ts";
import type { Client } from "../protocol/rpc.ts";
import type { Store } from "../store/store.ts";

/** What each of the parts works with that carry messages and consent. */
export interface PartOptions {
  store: Store;
  engine: () => Client<typeof engineRequests>;
  account: () => UserId;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** What is owed, may be sent, or is shown has changed. */
  onChange: () => void;
}
