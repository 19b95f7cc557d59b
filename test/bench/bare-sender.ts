import { randomUUID } from "node:crypto";
import { once } from "node:events";
// First of what loads the SDK: it silences it.
import { logIn, type LoggedIn } from "../support/client.ts";
import type { MatrixClient } from "matrix-js-sdk";

/**
 * A process of its own, as Ferry is one: an ordinary client that sends messages one after the other, as fast as it can
 * while it waits for each. Told over the channel what to do, it answers with how long that took in milliseconds.
 */

export interface BareSends {
  homeserver: string;
  user: string;
  password: string;
  roomId: string;
  texts: string[];
}

const [order] = (await once(process, "message")) as [BareSends];
// Nobody would wait for it any more.
process.once("disconnect", () => process.exit());
const session = await logIn(order.homeserver, order.user, order.password, () => undefined);
await sendAll(session, order);
process.disconnect();

async function sendAll({ client }: LoggedIn, { roomId, texts }: BareSends): Promise<void> {
  // The first message carries the room key to everybody; Ferry, too, has sent into its room before.
  await say(client, roomId, "First");
  const startedAt = performance.now();
  for (const text of texts) await say(client, roomId, text);
  const tookMs = performance.now() - startedAt;
  await client.logout(true);
  await new Promise((resolve) => process.send?.({ tookMs }, undefined, undefined, resolve));
}

async function say(client: MatrixClient, roomId: string, body: string): Promise<void> {
  await (client as AnyContent).sendEvent(roomId, "m.room.message", { msgtype: "m.text", body }, randomUUID());
}

/** The SDK types contents by event type. */
interface AnyContent {
  sendEvent(roomId: string, type: string, content: Record<string, unknown>, transactionId: string): Promise<unknown>;
}
