import type { controlRequests, StatusView } from "../protocol/control.ts";
import type { Logger } from "../log.ts";
import type { Handlers } from "../protocol/rpc.ts";
import type { Link } from "../bridge/link.ts";
import { FerryError } from "../matrix/errors.ts";
import type { Store } from "../store/store.ts";
import type { Account } from "./account.ts";
import type { Answers } from "./answers.ts";
import { examine, type DoctorOptions } from "./doctor.ts";
import type { Engine } from "./engine.ts";
import { deleteData, type DeletionOptions } from "./deletion.ts";
import { exportHandlers, type ExportOptions } from "./exports.ts";
import { dismissFailed } from "./giving-up.ts";
import { untilIdle } from "./idle.ts";
import type { LargeFiles } from "./large-files.ts";
import type { LinkMaker } from "./link-maker.ts";
import type { Links } from "./links.ts";
import type { Login } from "./login.ts";
import { loginHandlers } from "./login-handlers.ts";
import type { Reads } from "./reads.ts";
import type { Requests } from "./requests.ts";
import type { Sender } from "./sender.ts";
import { linkMessages } from "./messages.ts";
import { applyKeysFor, securityHandlers } from "./security.ts";
import { settingHandlers, type SystemSettings } from "./settings.ts";
import { linkDetail } from "./consent-views.ts";
import { linkView, outboxView } from "./views.ts";

/** As many rows of the outbox as are shown at once. */
const OUTBOX_LIMIT = 500;

export interface ControlOptions {
  /** @throws FerryError where Ferry could not start */
  parts: () => {
    store: Store;
    account: Account;
    login: Login;
    engine: Engine;
    links: Links;
    maker: LinkMaker;
    sender: Sender;
    requests: Requests;
    answers: Answers;
    reads: Reads;
    largeFiles: LargeFiles;
  };
  status: () => StatusView;
  doctor: () => DoctorOptions;
  quit: () => void;
  system: SystemSettings;
  logger: Logger;
  deletion: () => DeletionOptions;
  exports: Pick<ExportOptions, "write" | "diagnostics">;
}

/** What Ferry does for whoever steers it: the `ferry` command, the settings window, the tray. */
export function createControl(options: ControlOptions): Handlers<typeof controlRequests> {
  const { parts, status, doctor, quit } = options;
  const view = (link: Link) => linkView(parts().store, link, parts().largeFiles.sentence(link.id));
  const detail = (link: Link) => linkDetail(parts().store, link, parts().largeFiles.sentence(link.id));
  return {
    status: async () => status(),
    ...loginHandlers(parts),
    logout: async ({ dropOwed }) => {
      parts().login.cancel();
      return { loggedOut: await parts().account.logout(dropOwed) };
    },
    deleteData: () => deleteData(options.deletion()),
    ...securityHandlers(parts),
    ...settingHandlers(parts, options.system, {
      keysFor: (keysFor) => applyKeysFor(parts(), keysFor),
      logLevel: (level) => options.logger.setLevel(level),
    }),
    ...exportHandlers({ ...options.exports, doctor, parts, now: Date.now }),
    rooms: async () => {
      requireLogin(parts().account);
      return parts().engine.remote.rooms({});
    },
    roomAvatar: ({ roomId }) => parts().engine.remote.avatar({ roomId }),
    memberNames: ({ roomId, users }) => parts().engine.remote.memberNames({ roomId, users }),
    linkPlan: async (terms) => {
      requireLogin(parts().account);
      return parts().maker.plan(terms);
    },
    linkAdd: async (terms) => {
      requireLogin(parts().account);
      return view(await parts().maker.add(terms));
    },
    linkList: async () => parts().store.links.all().map(view),
    linkShow: async ({ link }) => detail(parts().links.find(link)),
    linkPause: async ({ link }) => view(parts().links.pause(link)),
    linkResume: async ({ link }) => view(parts().links.resume(link)),
    linkRemove: async ({ link, tell }) => parts().links.remove(link, tell),
    linkPropose: async ({ link, expose }) => detail(await parts().maker.propose(link, expose)),
    linkApprove: async ({ link, expose }) => detail(await parts().maker.approve(link, expose)),
    linkWithdraw: async ({ link }) => parts().maker.withdraw(link),
    proposals: async () => {
      requireLogin(parts().account);
      return parts().requests.list();
    },
    proposalApprove: async ({ proposal }) => parts().requests.approve(proposal),
    proposalDecline: async ({ proposal }) => parts().requests.decline(proposal),
    linkRename: async ({ link, name }) => view(parts().links.rename(link, name)),
    linkSet: async ({ link, settings }) => view(parts().links.set(link, settings)),
    linkMessages: async ({ link, limit }) => linkMessages(parts().store, parts().links.find(link), limit),
    pauseAll: async () => {
      parts().links.pauseAll();
      return status();
    },
    resumeAll: async () => {
      parts().links.resumeAll();
      return status();
    },
    outbox: async ({ failedOnly }) => {
      const { store } = parts();
      return store.outbox.list(failedOnly, OUTBOX_LIMIT).map((row) => outboxView(store, row));
    },
    outboxRetry: async ({ ids, link }) => {
      const { store, sender, links } = parts();
      const linkId = link === undefined ? undefined : links.find(link).id;
      const count = store.transaction(() => store.outbox.retry(ids ?? store.outbox.failedIds(linkId)));
      requireRows(ids, count);
      sender.wake();
      return { count };
    },
    outboxDismiss: async ({ ids }) => {
      const { store } = parts();
      const count = store.transaction(() => dismissFailed(store, ids, Date.now()));
      requireRows(ids, count);
      return { count };
    },
    doctor: async () => examine(doctor()),
    memory: async () => {
      const { engine } = parts();
      const heap = engine.isOpen ? (await engine.remote.memory({})).heapBytes : 0;
      return { mainBytes: process.memoryUsage.rss(), engineHeapBytes: heap };
    },
    idle: async () => {
      await untilIdle(parts());
      return {};
    },
    wake: async () => {
      parts().account.wake();
      return {};
    },
    quit: async () => {
      quit();
      return {};
    },
  };
}

function requireLogin(account: Account): void {
  if (account.stored === null) {
    throw new FerryError("not-logged-in", "Ferry is not logged in.");
  }
}

function requireRows(ids: readonly number[] | undefined, count: number): void {
  if (ids !== undefined && ids.length > 0 && count === 0) {
    throw new FerryError("unknown-outbox-row", "No failed message has that number.");
  }
}
