import type { Link } from "../bridge/link.ts";
import { endNotice, optionNotice, startNotice, stopNotice } from "../bridge/notice.ts";
import { transactionIdOf, writeBareOrigin } from "../bridge/origin.ts";
import { isEventId, type EventId, type LinkId, type RoomId, type UserId } from "../matrix/ids.ts";
import { CONNECTION } from "../matrix/unstable.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import { connectionContent, sideOf } from "./connection.ts";
import type { Delivery } from "./copier.ts";
import type { PartOptions } from "./part.ts";

export interface NoticeOptions {
  store: Store;
  account: () => UserId;
  /** The message of a proposal, whose row's source event begins with `propose:`; null where it is not asked any more. */
  proposal: (row: OutboxRow) => Delivery | null;
  /** Whether a link's connection event in a room is the user's to write, and not another person's approval. */
  maySetState: (roomId: RoomId, link: LinkId) => Promise<boolean>;
}

/**
 * Owes a room something that Ferry says in its own name, once: named by what stands in place of a source event. Inside a
 * transaction.
 */
export function oweNotice(
  { store, account, now }: Pick<PartOptions, "store" | "account" | "now">,
  notice: { linkId: LinkId; roomId: RoomId; name: string },
): void {
  const { linkId, roomId } = notice;
  const sourceEvent = notice.name as EventId;
  const transactionId = transactionIdOf(sourceEvent, roomId, "notice");
  store.outbox.insert(
    { linkId, sourceRoom: roomId, sourceEvent, author: account(), destination: roomId, kind: "notice", transactionId },
    now(),
  );
}

/** Whether the notices of a link's start have been sent, or are owed: they are sent once. */
export function isTold(link: Link, { outbox, ledger }: Pick<Store, "outbox" | "ledger">): boolean {
  const eventId = `start:${link.id}` as EventId;
  return link.rooms.some(
    ({ roomId }) =>
      outbox.byTransaction(transactionIdOf(eventId, roomId, "notice")) !== null ||
      ledger.copy({ roomId, eventId }, roomId, "notice") !== null,
  );
}

const NOTHING: Delivery = { action: "skip", reason: "target-not-copied" };

/** Works out what Ferry says in its own name. What that is, the name says that stands in the place of a source event. */
export async function prepareNotice(row: OutboxRow, options: NoticeOptions): Promise<Delivery> {
  const [event = "", ...rest] = row.sourceEvent.split(":");
  switch (event) {
    case "propose":
      return options.proposal(row) ?? NOTHING;
    case "opt-out":
    case "opt-in":
    case "stop":
    case "stop-all":
      return confirmation(row, event, rest.join(":"), options.store);
    case "start":
      return disclosure(row, "active", options);
    case "quiet-end":
      return quietEnd(row, options);
    default:
      return disclosure(row, "ended", options);
  }
}

/** Who has written what is confirmed was noted when it came. */
function confirmation(
  row: OutboxRow,
  option: "opt-out" | "opt-in" | "stop" | "stop-all",
  wish: string,
  store: Store,
): Delivery {
  const member = isEventId(wish) ? store.inbound.get(row.sourceRoom, wish)?.sender : undefined;
  if (member === undefined) return NOTHING;
  const marker = writeBareOrigin(row.transactionId);
  const input = { link: row.linkId, member, language: store.settings.all.noticeLanguage, marker };
  if (option === "opt-out" || option === "opt-in") return { action: "send", ...optionNotice(input, option) };
  const linkName = option === "stop" ? (store.links.find(row.linkId)?.name ?? null) : null;
  return { action: "send", ...stopNotice({ ...input, linkName }) };
}

async function disclosure(row: OutboxRow, status: "active" | "ended", options: NoticeOptions): Promise<Delivery> {
  const link = options.store.links.find(row.linkId);
  if (!link) return NOTHING;
  const account = options.account();
  const notice = noticeText(row, link, status, options);
  if (!(await options.maySetState(row.destination, link.id))) return { action: "send", ...notice };
  const content = connectionContent(link, row.destination, account, status);
  return { action: "send", ...notice, state: { type: CONNECTION, stateKey: link.id, content } };
}

/** The link's end as its room's state alone. Set twice, it is the same. */
async function quietEnd(row: OutboxRow, options: NoticeOptions): Promise<Delivery> {
  const link = options.store.links.find(row.linkId);
  if (!link || !(await options.maySetState(row.destination, link.id))) return NOTHING;
  const content = connectionContent(link, row.destination, options.account(), "ended");
  return { action: "state", state: { type: CONNECTION, stateKey: link.id, content } };
}

function noticeText(
  row: OutboxRow,
  link: Link,
  status: "active" | "ended",
  { store, account }: Pick<NoticeOptions, "store" | "account">,
) {
  const side = sideOf(link, row.destination);
  const input = {
    account: account(),
    link: link.id,
    linkName: link.name,
    thisRoom: side.room.name,
    otherRooms: side.others.map((room) => room.name),
    direction: side.direction,
    tells: link.tells,
    language: store.settings.all.noticeLanguage,
    marker: writeBareOrigin(row.transactionId),
  };
  return status === "active" ? startNotice(input) : endNotice(input);
}
