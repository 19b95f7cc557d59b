import { EventShieldColour, EventShieldReason } from "matrix-js-sdk/lib/crypto-api/index.js";
import { describe, expect, test } from "vitest";
import type { EventId } from "../../../main/matrix/ids.ts";
import { CONNECTION } from "../../../main/matrix/unstable.ts";
import { examine, shieldOf, standingOf } from "../../../renderer/engine/examine.ts";
import { ANA, BEA, ME, memberOf, messageOf, ROOM, Scene, stateOf } from "./room-support.ts";

const create = stateOf("m.room.create", { room_version: "11" });
const levels = stateOf("m.room.power_levels", { users: { [ANA]: 60 }, events: { [CONNECTION]: 55 } });

describe("somebody's standing at an event", () => {
  test("is membership, power and what an approver needed", () => {
    const state = [create, levels, memberOf(ANA), memberOf(BEA, "leave")];
    expect(standingOf(ANA, state)).toEqual({ membership: "join", power: 60, required: 55 });
    expect(standingOf(BEA, state)).toEqual({ membership: "leave", power: 0, required: 55 });
  });

  test("is above all levels for creators of room version 12", () => {
    const twelve = stateOf("m.room.create", { room_version: "12", additional_creators: [ANA] });
    for (const user of [ME, ANA]) {
      expect(standingOf(user, [twelve, levels, memberOf(user)])).toMatchObject({ power: null });
    }
    expect(standingOf(BEA, [twelve, levels, memberOf(BEA)])).toMatchObject({ power: 0 });
  });

  test.each([[[levels, memberOf(ANA)]], [[create, levels]], [undefined], ["state"], [[null, 5, "x"]]])(
    "is unknown where the state does not hold it",
    (state) => {
      expect(standingOf(ANA, state)).toBeNull();
    },
  );
});

describe("examining", () => {
  const examineIn = (scene: Scene, id: string) => examine(scene.client, ROOM, id as EventId);

  test("reads an event with its sender's standing, from the complete state where the short one leaves the sender out", async () => {
    const scene = new Scene();
    const event = messageOf(ANA, "approve CODE");
    scene.answers = (path) => {
      if (!path.includes("/context/")) return undefined;
      return { event, state: path.includes("lazy_load_members") ? [create, levels] : [create, levels, memberOf(ANA)] };
    };
    expect(await examineIn(scene, event.event_id)).toEqual({
      ...{ sender: ANA, type: "m.room.message", stateKey: null, content: event.content, encrypted: false },
      ...{ redacted: false, originServerTs: event["origin_server_ts"], membership: "join", power: 60, required: 55 },
      ...{ shield: "none", shieldReason: null },
    });
    expect(scene.asked).toHaveLength(2);
  });

  test("says what is redacted and what is state", async () => {
    const scene = new Scene();
    const state = [create, levels, memberOf(ANA)];
    const redacted = { ...messageOf(ANA, ""), content: {}, unsigned: { redacted_because: messageOf(ME, "") } };
    scene.answers = () => ({ event: redacted, state });
    expect(await examineIn(scene, redacted.event_id)).toMatchObject({ redacted: true, content: {} });
    const connection = stateOf(CONNECTION, { status: "approved" }, "link", ANA);
    scene.answers = () => ({ event: connection, state });
    expect(await examineIn(scene, connection.event_id)).toMatchObject({ stateKey: "link", type: CONNECTION });
  });

  test("fails by name where there is no such event, or another one comes", async () => {
    const scene = new Scene();
    scene.answers = () => 403;
    await expect(examineIn(scene, "$gone")).rejects.toMatchObject({ code: "event-not-found" });
    scene.answers = () => ({ event: messageOf(ANA, "another"), state: [create, memberOf(ANA)] });
    await expect(examineIn(scene, "$wanted")).rejects.toMatchObject({ code: "event-not-found" });
  });

  test("fails for what it has no key for", async () => {
    const scene = new Scene();
    const event = { ...messageOf(ANA, ""), type: "m.room.encrypted", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    scene.answers = () => ({ event, state: [create, memberOf(ANA)] });
    await expect(examineIn(scene, event.event_id)).rejects.toMatchObject({ code: "key-missing" });
  });
});

describe("the shield", () => {
  test.each<[EventShieldColour, EventShieldReason | null, string, string | null]>([
    [EventShieldColour.NONE, null, "none", null],
    [EventShieldColour.GREY, EventShieldReason.AUTHENTICITY_NOT_GUARANTEED, "grey", "authenticity-not-guaranteed"],
    [EventShieldColour.RED, EventShieldReason.UNSIGNED_DEVICE, "red", "unsigned-device"],
    [EventShieldColour.RED, EventShieldReason.MISMATCHED_SENDER, "red", "mismatched-sender"],
    [EventShieldColour.GREY, null, "grey", "unknown"],
    [EventShieldColour.RED, 99 as EventShieldReason, "red", "unknown"],
  ])("%i %s is %s, %s", (shieldColour, reason, shield, shieldReason) => {
    expect(shieldOf({ shieldColour, shieldReason: reason })).toEqual({ shield, shieldReason });
  });

  test("is red where the crypto library says nothing", () => {
    expect(shieldOf(null)).toEqual({ shield: "red", shieldReason: "unknown" });
  });
});
