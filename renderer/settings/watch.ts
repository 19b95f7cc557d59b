import { controlNotifications, controlRequests } from "../../main/protocol/control.ts";
import { connect, type Channel } from "../../main/protocol/rpc.ts";

/** Tells the line that says what Ferry is doing: now, and whenever it changes. */
export type Watch = (tell: (line: string) => void) => void;

/** Asks main by the host's channel. Where it does not answer, the line says why. */
export function watchStatus(channel: Channel): Watch {
  return (tell) => {
    const { remote } = connect(
      channel,
      controlNotifications,
      {
        statusChanged: async ({ summary }) => {
          tell(summary);
          return {};
        },
      },
      controlRequests,
    );
    remote.status({}).then(
      ({ summary }) => tell(summary),
      (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
    );
  };
}
