import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openDatabase } from "../../../main/store/database.ts";
import type { LinkId } from "../../../main/matrix/ids.ts";
import { ConsentStore } from "../../../main/store/consents.ts";
import { LinkStore } from "../../../main/store/links.ts";
import { MIGRATIONS } from "../../../main/store/migrations.ts";
import { ProposalStore } from "../../../main/store/proposals.ts";
import { temporaryFolder } from "./store-support.ts";

/** The step that makes the outbox's table anew. */
const REBUILDS_OUTBOX = MIGRATIONS.findIndex((step) => step.includes("CREATE TABLE outbox_anew"));

test("what was owed before the outbox was made anew is owed after it, as it was", () => {
  expect(REBUILDS_OUTBOX).toBeGreaterThan(0);
  const file = join(temporaryFolder(), "ferry.db");
  const before = new DatabaseSync(file);
  for (const step of MIGRATIONS.slice(0, REBUILDS_OUTBOX)) before.exec(step);
  before.exec(`PRAGMA user_version = ${REBUILDS_OUTBOX}`);
  const insert = before.prepare(
    "INSERT INTO outbox VALUES (:id, 'L', '!a', :source, '@ana:a', '!b', :kind, :targetRoom, :targetEvent, :targetKind, " +
      ":transaction, :state, :placeholder, :attempts, :firstTs, :device, :reason, 5, :code)",
  );
  const none = { targetRoom: null, targetEvent: null, targetKind: null, placeholder: 0, attempts: 0, firstTs: null };
  const untried = { ...none, device: null, reason: null, code: null, state: "queued" };
  insert.run({ ...untried, id: 3, source: "$1", kind: "copy", transaction: "t1" });
  const edit = { id: 7, source: "$2", kind: "edit", transaction: "t2", targetRoom: "!a", targetEvent: "$1" };
  insert.run({ ...untried, ...edit, state: "sending", placeholder: 1, attempts: 2, firstTs: 9, device: "D" });
  const failed = { id: 9, source: "$3", kind: "redaction", transaction: "t3", targetKind: "copy" };
  insert.run({ ...untried, ...failed, state: "failed", reason: "No.", code: "event-refused" });
  const rows = before.prepare("SELECT * FROM outbox ORDER BY id").all();
  before.close();

  const after = openDatabase(file);
  expect(after.all("SELECT * FROM outbox ORDER BY id")).toEqual(rows.map((row) => ({ ...row, lacks: null })));
  expect(rows).toHaveLength(3);
  const indexes = after.all(
    "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'outbox' AND sql NOT NULL",
  );
  expect(indexes.map(({ name }) => name).toSorted()).toEqual([
    "outbox_by_destination",
    "outbox_by_source",
    "outbox_by_target",
  ]);
  after.run(
    "INSERT INTO outbox SELECT 10, link_id, source_room, '$4', author, destination_room, 'votes', NULL, NULL, NULL, 't4', state, 0, 0, NULL, NULL, NULL, 5, NULL, NULL FROM outbox WHERE id = 3",
  );
  after.close();
});

/** The step by which a link can tell of more than messages. */
const TELLS = MIGRATIONS.findIndex((step) => step.includes("ADD COLUMN tells"));

test("links, agreements and questions from before anything else was told tell of messages alone", () => {
  expect(TELLS).toBeGreaterThan(0);
  const file = join(temporaryFolder(), "ferry.db");
  const before = new DatabaseSync(file);
  for (const step of MIGRATIONS.slice(0, TELLS)) before.exec(step);
  before.exec(`PRAGMA user_version = ${TELLS}`);
  const terms = JSON.stringify({ mode: "copy", direction: "two-way", carrier: "@me:a", rooms: ["!a:a", "!b:a"] });
  before.exec("INSERT INTO links VALUES ('L', 'House', 'two-way', 'active', 'h', '@me:a', 5, NULL, '{}')");
  const consent =
    "INSERT INTO consents (link_id, room_id, terms, terms_hash, approver, way, required, audience, given_ts) " +
    "VALUES ('L', '!a:a', ?, 'h', '@me:a', 'own', 50, '[]', 5)";
  before.prepare(consent).run(terms);
  const proposal =
    "INSERT INTO proposals (link_id, room_id, code, terms, terms_hash, audience, state, created_ts, expires_ts) " +
    "VALUES ('L', '!b:a', 'K7QF2MXA', ?, 'h', '[]', 'open', 5, 9)";
  before.prepare(proposal).run(terms);
  before.close();

  const after = openDatabase(file);
  expect(new LinkStore(after).get("L" as LinkId)?.tells).toEqual([]);
  expect(new ConsentStore(after).all("L" as LinkId).map((given) => given.terms.tells)).toEqual([[]]);
  expect(new ProposalStore(after).ofLink("L" as LinkId).map((asked) => asked.terms.tells)).toEqual([[]]);
  after.close();
});
