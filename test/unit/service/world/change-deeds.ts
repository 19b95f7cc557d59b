import type { RoomId, UserId } from "../../../../main/matrix/ids.ts";
import type { Homeserver } from "./homeserver.ts";

/** Somebody calls the room something that it has not been called before. */
export function rename(server: Homeserver, roomId: RoomId, sender: UserId, number: string): void {
  const content = { name: `name ${number}` };
  server.send({ roomId, sender, device: "PHONE", type: "m.room.name", stateKey: "", content });
}
