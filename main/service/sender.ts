import type { Logger } from "../log.ts";
import { asFerryError, type FerryError } from "../matrix/errors.ts";
import type { DeviceId, EventId, RoomId } from "../matrix/ids.ts";
import type { EngineClient, Outgoing } from "../protocol/engine.ts";
import type { OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/store.ts";
import type { Copier, Delivery } from "./copier.ts";
import { record } from "./delivered.ts";
import { carryAhead, carryFiles } from "./file-transfer.ts";
import type { LargeFiles } from "./large-files.ts";
import { RateGate } from "./rate.ts";
import { indexByTransaction, Line, TRANSACTION_MEMORY_MS, type Found } from "./line.ts";
import { unread } from "./negotiation.ts";
import { isOfRoom, isTransient, maybeSent, waitAfter } from "./retry.ts";

type Message = Delivery & { action: "send" };

const WITHDRAWN = Symbol("withdrawn");

export interface SenderOptions {
  store: Store;
  copier: Copier;
  engine: () => EngineClient;
  device: () => DeviceId;
  /** Told when a message's files are not under way any more. */
  largeFiles: Pick<LargeFiles, "end">;
  logger: Logger;
  now: () => number;
  /**
   * Whether it is known by now that this may be sent: how its rooms are, and what was said in them meanwhile. Until then
   * it is not taken in hand, so that it can still be dropped; whoever makes it true calls `wake`.
   */
  mayCopy: (row: OutboxRow) => boolean;
  /** A notice has been sent; called in the transaction that takes it out of the outbox. */
  onNotice: (row: OutboxRow, eventId: EventId) => void;
  /** A row has left the outbox, or has been set aside. */
  onChange: () => void;
  /** A row left the outbox; its source event may be needed by no one any more. */
  onDone: (row: OutboxRow) => void;
}

/**
 * Drains the outbox: each destination in its order, destinations side by side.
 *
 * For each row, three steps, each on disk before the next: it is taken in hand; it is sent; its event id goes into the
 * ledger and the row out of the outbox, and the next one is taken in hand. Dies the process between the first and the
 * last, the row is found in hand at the next start: the destination is searched for it, and it is sent again with the
 * same transaction id where it is not there.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #gate: RateGate;
  readonly #lines = new Map<RoomId, Line>();
  readonly #startedTs: number;
  #running = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#gate = new RateGate(options.now);
    this.#startedTs = options.now();
  }

  /** Starts on everything that is owed. */
  start(): void {
    this.#running = true;
    this.wake();
  }

  /** Ends after what is being sent has been answered. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#gate.close();
    for (const line of this.#lines.values()) line.wake();
    await this.idle();
  }

  /** Resolves once no line has anything under way. One that waits to try again has. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all([...this.#lines.values()].map((line) => line.done));
  }

  /** Something is owed to these rooms, or anything may have changed: without rooms, all lines are looked at. */
  wake(destinations?: Iterable<RoomId>): void {
    if (!this.#running) return;
    for (const destination of destinations ?? this.#options.store.outbox.destinations()) {
      const line = this.#lines.get(destination);
      if (line) line.wake();
      else this.#begin(destination);
    }
  }

  #begin(destination: RoomId): void {
    const line = new Line();
    this.#lines.set(destination, line);
    line.done = this.#drain(destination, line)
      .catch((error: unknown) => {
        this.#options.logger.error("line-failed", { destination, reason: asFerryError(error).message });
      })
      .finally(() => {
        this.#lines.delete(destination);
        // Something may have been owed after the line had looked for the last time.
        if (this.#running && line.woken) this.wake([destination]);
      });
  }

  #claimNext(destination: RoomId): OutboxRow | null {
    return this.#options.store.transaction(() => this.#claim(destination));
  }

  /** The destination's next row, taken in hand; none while everything is paused. Inside a transaction. */
  #claim(destination: RoomId): OutboxRow | null {
    const { store, now, device, mayCopy } = this.#options;
    return store.settings.all.everythingPaused ? null : store.outbox.claimNext(destination, device(), now(), mayCopy);
  }

  async #drain(destination: RoomId, line: Line): Promise<void> {
    let row: OutboxRow | null = await this.#untilStored(line, () => this.#claimNext(destination));
    let attempt = 1;
    while (row !== null && this.#running) {
      line.woken = false;
      const inHand: OutboxRow = row;
      try {
        row = await this.#deliver(inHand, line);
        attempt = 1;
      } catch (error) {
        const failure: FerryError = asFerryError(error);
        row = await this.#afterFailure(inHand, failure, attempt, line);
        attempt = isTransient(failure) ? attempt + 1 : 1;
      }
    }
  }

  /** Sends one row and writes it down. @returns the destination's next row, taken in hand */
  async #deliver(row: OutboxRow, line: Line): Promise<OutboxRow | null> {
    this.#options.store.outbox.refresh(row);
    // What may have been sent as a sentence in a file's place stays one.
    const delivery = await this.#options.copier.prepare(row, row.lacks);
    const found = await this.#findSent(row, delivery, line);
    // Outside of the account's pace: it can take minutes, and others go meanwhile.
    const ready = found === null ? await carryFiles(row, delivery, this.#options) : delivery;
    if (ready.action === "send" && found === null) this.#noteForm(row, ready);
    if (ready.action === "wait") return this.#untilStored(line, () => this.#moveBack(row));
    const eventId = found?.eventId ?? (await this.#gate.pass(() => this.#performIfWanted(row, ready)));
    // The link was paused or removed while the row waited for its turn, or everything was paused.
    if (eventId === WITHDRAWN) return this.#untilStored(line, () => this.#claimNext(row.destination));
    return this.#untilStored(line, () => this.#finish(row, ready, eventId, found?.reactionHash));
  }

  /** Before it goes: found in hand after a crash, it must be known for what it is whatever its event and file are then. */
  #noteForm(row: OutboxRow, { placeholder = false, ...message }: Message): void {
    const lacks = message.lacks ?? null;
    if (row.lacks === lacks && (row.placeholder || !placeholder)) return;
    row.placeholder ||= placeholder;
    row.lacks = lacks;
    this.#options.store.outbox.noteForm(row);
  }

  async #performIfWanted(row: OutboxRow, delivery: Delivery): Promise<EventId | null | typeof WITHDRAWN> {
    const { store, mayCopy } = this.#options;
    // There is nothing to be sent, and nobody to be asked.
    if (delivery.action === "skip" || delivery.action === "wait") return null;
    if (store.settings.all.everythingPaused || !store.outbox.isSendable(row.id)) return WITHDRAWN;
    store.outbox.refresh(row);
    if (!mayCopy(row)) throw unread();
    return this.#perform(row, delivery);
  }

  async #perform(row: OutboxRow, delivery: Exclude<Delivery, { action: "skip" | "wait" }>): Promise<EventId | null> {
    const engine = this.#options.engine();
    const { destination: roomId, transactionId } = row;
    switch (delivery.action) {
      case "send":
        if (delivery.state) {
          const { eventId } = await engine.setState({ roomId, ...delivery.state });
          this.#options.store.consents.noteEvent(row.linkId, roomId, eventId);
        }
        return (await this.#sendAndLookAhead(engine, row, delivery)).eventId;
      case "state":
        return (await engine.setState({ roomId, ...delivery.state })).eventId;
      case "redact":
        return (await engine.redact({ roomId, eventId: delivery.eventId, transactionId })).eventId;
      case "share":
      case "release":
        return null;
    }
  }

  /** While a message is under way, the next one of its line is encrypted, or its files are carried. */
  async #sendAndLookAhead(engine: EngineClient, row: OutboxRow, delivery: Message): Promise<{ eventId: EventId }> {
    const sent = engine.send(this.#outgoing(row, delivery));
    // What goes wrong ahead of its turn shows when the turn comes.
    this.#encryptNext(engine, row).catch(() => undefined);
    return sent;
  }

  async #encryptNext(engine: EngineClient, row: OutboxRow): Promise<void> {
    const next = this.#options.store.outbox.peekNext(row.destination, row.id);
    if (next?.kind !== "copy") return;
    const delivery = await this.#options.copier.prepare(next);
    if (delivery.action !== "send") return;
    // What has files is not known whole before they are uploaded.
    if (delivery.files !== undefined) await carryAhead(next, delivery.files, this.#options);
    else await engine.encryptAhead(this.#outgoing(next, delivery));
  }

  #outgoing(row: OutboxRow, { type, content }: Message): Outgoing {
    const link = this.#options.store.links.find(row.linkId);
    const mustEncrypt = link?.rooms.find((room) => room.roomId === row.destination)?.encrypted ?? true;
    return { roomId: row.destination, transactionId: row.transactionId, type, content, mustEncrypt };
  }

  /** One transaction: the row behind what goes first, and the next one in hand. */
  #moveBack(row: OutboxRow): OutboxRow | null {
    const { store } = this.#options;
    return store.transaction(() => {
      store.outbox.moveBack(row.id);
      return this.#running ? this.#claim(row.destination) : null;
    });
  }

  /** One transaction: what became of the row, and the next one in hand. */
  #finish(row: OutboxRow, delivery: Delivery, eventId: EventId | null, hash?: string | null): OutboxRow | null {
    const { store, now, onNotice } = this.#options;
    const next = store.transaction(() => {
      store.outbox.refresh(row);
      const copyEvent = record(store, row, delivery, eventId, { reactionHash: hash ?? null, nowTs: now() });
      if (row.kind === "notice" && copyEvent !== null) onNotice(row, copyEvent);
      store.outbox.delete(row.id);
      return this.#running ? this.#claim(row.destination) : null;
    });
    this.#options.onDone(row);
    this.#options.onChange();
    return next;
  }

  /** The event that an earlier run, or a request whose answer never came, has put into the destination. */
  async #findSent(row: OutboxRow, delivery: Delivery, line: Line): Promise<Found | null> {
    const { now, device, engine } = this.#options;
    if (row.firstAttemptTs === null || row.kind === "redaction" || delivery.action === "state") return null;
    const sameRun = row.firstAttemptTs >= this.#startedTs && row.attemptDevice === device();
    // The same transaction id is enough, as long as the homeserver remembers it and it is sent at all.
    if (sameRun && delivery.action === "send" && now() - row.firstAttemptTs < TRANSACTION_MEMORY_MS) return null;
    if (line.sent === null || line.sent.sinceTs > row.firstAttemptTs) {
      const events = await engine().ownEvents({ roomId: row.destination, sinceTs: row.firstAttemptTs });
      line.sent = { sinceTs: row.firstAttemptTs, events: indexByTransaction(events) };
    }
    const found = line.sent.events.get(row.transactionId) ?? null;
    if (found) this.#options.logger.info("copy-found", { destination: row.destination, event: found.eventId });
    if (!found && row.attemptDevice !== null && row.attemptDevice !== device()) throw maybeSent();
    return found;
  }

  async #afterFailure(row: OutboxRow, failure: FerryError, attempt: number, line: Line): Promise<OutboxRow | null> {
    const { store, logger } = this.#options;
    // Whether this try has reached the destination is not known there yet.
    line.sent = null;
    logger.warn("not-sent", { destination: row.destination, row: row.id, code: failure.code, attempt });
    const next = (): OutboxRow | null => this.#claimNext(row.destination);
    if (failure.code === "duplicate-reaction") {
      // The user reacts there with the same key: the destination shows it already.
      return this.#untilStored(line, () => this.#finish(row, { action: "skip", reason: "already-reacted" }, null));
    }
    if (failure.code === "rate-limited") this.#gate.limit(failure.details.retryAfterMs ?? 1000);
    const stored = await this.#untilStored(line, () =>
      store.transaction(() => {
        store.outbox.refresh(row);
        // An ended link's room that does not want to be told: there is nothing left to do for it.
        if (!isTransient(failure) && store.links.get(row.linkId) === null) store.outbox.delete(row.id);
        else if (isTransient(failure)) store.outbox.postpone(row.id, failure);
        else if (isOfRoom(failure)) {
          store.outbox.postpone(row.id, failure);
          store.links.suspend(row.linkId, row.destination, failure.message);
        } else store.outbox.fail(row.id, failure);
        return isTransient(failure) ? null : next();
      }),
    );
    this.#options.onChange();
    if (!isTransient(failure)) return stored;
    const waitMs = failure.code === "rate-limited" ? this.#gate.waitMs : waitAfter(attempt);
    await line.sleep(waitMs, () => this.#running);
    // The link may have been paused or removed meanwhile, and the row with it.
    return this.#untilStored(line, next);
  }

  /** Tries until the disk takes it: what has been sent must be written before anything else is sent. */
  async #untilStored<Result>(line: Line, action: () => Result): Promise<Result | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        return action();
      } catch (error) {
        const failure = asFerryError(error);
        if (failure.code !== "disk-full" || !this.#running) throw failure;
        this.#options.logger.error("not-stored", { code: failure.code, attempt });
        this.#options.onChange();
        await line.sleep(waitAfter(attempt), () => this.#running);
        if (!this.#running) return null;
      }
    }
  }
}
