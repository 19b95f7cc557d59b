import { asFerryError } from "../matrix/errors.ts";
import type { DeviceId } from "../matrix/ids.ts";
import { mayNotifyRoom } from "../matrix/power-levels.ts";
import { Activation } from "./activation.ts";
import { Answers } from "./answers.ts";
import { CatchUp, roomsOf } from "./catch-up.ts";
import { Consents } from "./consents.ts";
import { Contents } from "./contents.ts";
import { Copier } from "./copier.ts";
import { LargeFiles } from "./large-files.ts";
import { LinkMaker } from "./link-maker.ts";
import { Links } from "./links.ts";
import { Mirror } from "./mirror.ts";
import { Negotiation } from "./negotiation.ts";
import { Reads } from "./reads.ts";
import { Requests } from "./requests.ts";
import { Sender } from "./sender.ts";
import type { PartOptions } from "./part.ts";

export interface MirroringOptions extends PartOptions {
  device: () => DeviceId;
}

/** What carries messages and consent, joined: what one part does is told to the others that wait for it. */
export interface Mirroring {
  mirror: Mirror;
  sender: Sender;
  links: Links;
  maker: LinkMaker;
  consents: Consents;
  negotiation: Negotiation;
  answers: Answers;
  requests: Requests;
  reads: Reads;
  largeFiles: LargeFiles;
  /** The engine is open: rooms are read, judged and watched, and what is owed is sent. */
  open: () => Promise<void>;
  /** The network is back. */
  online: () => Promise<void>;
  /** The network is gone. */
  interrupt: () => void;
  /** The engine is gone. */
  forget: () => void;
}

/** Joins the parts; nothing begins before `open`. */
export function joinMirroring(options: MirroringOptions): Mirroring {
  const { store, engine, onChange } = options;
  const contents = new Contents((roomId, eventId) => engine().fetch({ roomId, eventId }));
  const reads = new Reads(options);
  const largeFiles = new LargeFiles(options);
  const wake = (): void => {
    sender.wake();
    activation.wake();
    reads.look();
    onChange();
  };
  const negotiate = (): void => {
    void answers.process();
    void negotiation.ring();
  };
  const onConsent = (): void => {
    wake();
    negotiate();
  };
  const catchUp: CatchUp = new CatchUp({
    ...{ ...options, answers: () => answers.process() },
    onChange: () => {
      consents.caughtUp();
      wake();
    },
  });
  const consents: Consents = new Consents({ ...options, catchUp, onChange: onConsent, onRoom: negotiate });
  const negotiation: Negotiation = new Negotiation({ ...options, consents, onChange: onConsent });
  const answers: Answers = new Answers({ ...options, consents, onChange: onConsent });
  const requests = new Requests(options);
  const copier = new Copier({
    ...{ ...options, contents },
    proposal: (row) => negotiation.message(row),
    mayNotifyRoom: (roomId, user) => {
      const room = consents.rooms.get(roomId);
      return room !== undefined && mayNotifyRoom(user, room.power);
    },
    maySetState: async (roomId, link) => {
      // A room that a link has left is not read any more, and is still to be told.
      if (!consents.rooms.has(roomId)) await consents.look(roomId);
      return consents.maySetState(roomId, link);
    },
  });
  const sender: Sender = new Sender({
    ...{ ...options, copier, largeFiles },
    mayCopy: (row) => {
      // The end of a link that has been removed is told whatever else is the case.
      const link = store.links.get(row.linkId);
      if (link === null) return row.kind === "notice";
      return consents.isRead(link) && (row.kind === "notice" || catchUp.isDone(link));
    },
    onNotice: (row, eventId) => {
      negotiation.noteSent(row, eventId);
      // Once it is on disk.
      setImmediate(() => void negotiation.ring());
    },
    onChange: () => {
      activation.wake();
      onChange();
    },
    onDone: (row) => {
      const source = { roomId: row.sourceRoom, eventId: row.sourceEvent };
      if (store.outbox.owedFor(source).length === 0) contents.drop(row.sourceEvent);
      reads.look();
    },
  });
  const mirror = new Mirror({
    ...{ ...options, contents },
    onOwed: (destinations) => {
      sender.wake(destinations);
      reads.look();
      onChange();
    },
    onAnswer: () => void answers.process(),
  });
  const activation: Activation = new Activation({
    ...{ ...options, mirror, catchUp, onChange: wake },
    onReplaced: (before) => {
      links.goOn();
      negotiation.withdraw(before).catch((error: unknown) => {
        options.logger.warn("not-withdrawn", { link: before, code: asFerryError(error).code });
      });
    },
  });
  const links: Links = new Links({ ...options, catchUp, activation, consents, negotiation, onChange: wake });
  const maker = new LinkMaker({ ...options, links, activation, consents, negotiation, onChange: wake });
  return {
    ...{ mirror, sender, links, maker, consents, negotiation, answers, requests, reads, largeFiles },
    open: async () => {
      await links.open();
      negotiate();
      await engine().awaitKeys({ events: store.inbound.undecryptable() });
      sender.start();
      onChange();
    },
    online: async () => {
      if (!consents.isReady) await consents.open();
      catchUp.follow(roomsOf(store.links.all()));
      links.goOn();
      sender.wake();
    },
    interrupt: () => catchUp.interrupt(),
    forget: () => {
      catchUp.interrupt();
      consents.forget();
      reads.forget();
    },
  };
}
