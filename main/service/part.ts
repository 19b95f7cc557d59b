import type { Logger } from "../log.ts";
import type { UserId } from "../matrix/ids.ts";
import type { EngineClient } from "../protocol/engine.ts";
import type { Store } from "../store/store.ts";

/** What each of the parts works with that carry messages and consent. */
export interface PartOptions {
  store: Store;
  engine: () => EngineClient;
  account: () => UserId;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** What is owed, may be sent, or is shown has changed. */
  onChange: () => void;
}
