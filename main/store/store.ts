import { AccountStore } from "./account.ts";
import { AnswerStore } from "./answers.ts";
import { ConsentStore } from "./consents.ts";
import { openDatabase } from "./database.ts";
import { HandOver } from "./hand-over.ts";
import { InboundStore } from "./inbound.ts";
import { LedgerStore } from "./ledger.ts";
import { LeftOutStore } from "./left-out.ts";
import { LinkStore } from "./links.ts";
import { OptOutStore } from "./opt-outs.ts";
import { OutboxStore } from "./outbox.ts";
import { PositionStore } from "./positions.ts";
import { ProposalStore } from "./proposals.ts";
import { RequestStore } from "./requests.ts";
import { SettingStore } from "./settings.ts";

/** Everything that Ferry remembers, and the transaction that joins changes to several parts of it. */
export interface Store {
  account: AccountStore;
  links: LinkStore;
  inbound: InboundStore;
  outbox: OutboxStore;
  handOver: HandOver;
  ledger: LedgerStore;
  leftOut: LeftOutStore;
  positions: PositionStore;
  answers: AnswerStore;
  optOuts: OptOutStore;
  consents: ConsentStore;
  proposals: ProposalStore;
  requests: RequestStore;
  settings: SettingStore;
  /** All of `body` or nothing of it; on disk when it returns. */
  transaction<Result>(body: () => Result): Result;
  /** How many rows have been changed since this was opened. */
  changes(): number;
  close(): void;
}

/** Opens a data folder's database; errors as `openDatabase`. */
export function openStore(file: string): Store {
  const database = openDatabase(file);
  return {
    account: new AccountStore(database),
    links: new LinkStore(database),
    inbound: new InboundStore(database),
    outbox: new OutboxStore(database),
    handOver: new HandOver(database),
    ledger: new LedgerStore(database),
    leftOut: new LeftOutStore(database),
    positions: new PositionStore(database),
    answers: new AnswerStore(database),
    optOuts: new OptOutStore(database),
    consents: new ConsentStore(database),
    proposals: new ProposalStore(database),
    requests: new RequestStore(database),
    settings: new SettingStore(database),
    transaction: (body) => database.transaction(body),
    changes: () => Number(database.get("SELECT total_changes() AS changes")?.["changes"]),
    close: () => database.close(),
  };
}
