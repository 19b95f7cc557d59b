import { FerryError } from "../matrix/errors.ts";
import { controlNotifications, controlRequests } from "../protocol/control.ts";
import { connect, type Channel, type Client } from "../protocol/rpc.ts";
import { connectControl } from "./control-socket.ts";

/** A page that steers the running Ferry. */
export interface PageBridge {
  /** Resolves when Ferry has ended, or `close` was called. */
  closed: Promise<void>;
  close(): void;
}

/**
 * Lets a page steer the Ferry that listens on a control socket. What the page says never reaches the socket as it is:
 * each call is checked against the contract here, and made anew.
 *
 * @param openPage is called once Ferry has answered
 * @param loginNamed is told each address that the page is to log in at, in the system's browser
 * @throws FerryError `not-running`, and those of `openPage`
 */
export async function bridgePage<Page extends { channel: Channel }>(
  path: string,
  openPage: () => Promise<Page>,
  loginNamed: (address: string) => void = () => undefined,
): Promise<{ page: Page; bridge: PageBridge }> {
  let remote: Client<typeof controlNotifications> | null = null;
  const ferry = await connectControl(path, (status) => {
    // A page that has gone, or does not understand, misses a notification and nothing else.
    remote?.statusChanged(status).catch(() => undefined);
  });
  try {
    const page = await openPage();
    const loginBrowser: typeof ferry.client.loginBrowser = async (request) => {
      const answer = await ferry.client.loginBrowser(request);
      loginNamed(answer.address);
      return answer;
    };
    const handlers = { ...ferry.client, loginBrowser };
    const connection = connect(page.channel, controlRequests, handlers, controlNotifications);
    remote = connection.remote;
    const closed = ferry.closed.then(() => {
      connection.close(new FerryError("not-running", "Ferry has ended."));
    });
    return { page, bridge: { closed, close: () => ferry.close() } };
  } catch (error) {
    ferry.close();
    throw error;
  }
}
