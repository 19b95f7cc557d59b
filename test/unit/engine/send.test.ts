import { describe, expect, test } from "vitest";
import type { TransactionId } from "../../../main/matrix/ids.ts";
import type { Outgoing } from "../../../main/protocol/engine.ts";
import { Freshness } from "../../../renderer/engine/freshness.ts";
import { send } from "../../../renderer/engine/send.ts";
import { ROOM, Scene } from "./room-support.ts";

/** What goes to the homeserver, as far as Ferry and not the crypto library decides it. */

const CONTENT = { msgtype: "m.text", body: "for members only" };

function outgoing(mustEncrypt: boolean): Outgoing {
  const transactionId = "ferry.1" as TransactionId;
  return { roomId: ROOM, type: "m.room.message", content: CONTENT, transactionId, mustEncrypt };
}

function sceneWithAnswer() {
  const scene = new Scene();
  scene.answers = (path) => (path.includes("/send/") ? { event_id: "$sent" } : undefined);
  const freshness = new Freshness();
  freshness.asked();
  freshness.processed(freshness.answered());
  return { scene, freshness };
}

describe("a room of which the homeserver says that it is not encrypted", () => {
  test("is sent nothing that is to be encrypted", async () => {
    const { scene, freshness } = sceneWithAnswer();
    await expect(send(scene.client, freshness, outgoing(true))).rejects.toMatchObject({ code: "encryption-gone" });
    expect(scene.asked).toEqual([]);
  });

  test("is sent what was never encrypted there, with the transaction id that was asked for", async () => {
    const { scene, freshness } = sceneWithAnswer();
    expect(await send(scene.client, freshness, outgoing(false))).toEqual({ eventId: "$sent" });
    expect(scene.asked).toEqual([expect.stringMatching(/\/rooms\/!room:one\.test\/send\/m\.room\.message\/ferry\.1$/)]);
  });
});
