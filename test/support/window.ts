import { resolveDataFolder } from "../../main/host/data-folder.ts";
import type { StatusView } from "../../main/protocol/control.ts";
import { connectControl, type ControlConnection } from "../../main/service/control-socket.ts";
import { until } from "./until.ts";

/** What the window can do with a running Ferry, over the same contract. */
export interface Window {
  client: ControlConnection["client"];
  status(): Promise<StatusView>;
  /** Waits until the status is so; where it does not become so, the error shows it. */
  untilStatus(what: string, holds: (status: StatusView) => boolean): Promise<StatusView>;
  close(): void;
}

const LIMIT_MS = 30_000;

export async function openWindow(dataDir: string): Promise<Window> {
  const connection = await connectControl(resolveDataFolder(dataDir).socket);
  const { client } = connection;
  const status = (): Promise<StatusView> => client.status({});
  return {
    client,
    status,
    close: () => connection.close(),
    untilStatus: async (what, holds) => {
      let last: StatusView | undefined;
      const found = async (): Promise<StatusView | null> => (holds((last = await status())) ? last : null);
      return until(found, LIMIT_MS, () => `Ferry never was ${what}: ${JSON.stringify(last)}`);
    },
  };
}
