import type { controlRequests } from "../../../main/protocol/control.ts";
import type { RoomId } from "../../../main/matrix/ids.ts";
import type { Client } from "../../../main/protocol/rpc.ts";

const known = new Map<RoomId, Promise<string | null>>();

/** A room's picture as an address that the page may show; null where it has none. Asked for once while the page is open. */
export function avatarOf(main: Client<typeof controlRequests>, roomId: RoomId): Promise<string | null> {
  const asked = known.get(roomId) ?? main.roomAvatar({ roomId }).then(shown, () => null);
  known.set(roomId, asked);
  return asked;
}

/** Nothing but a picture that main has made: an address of any other kind is not put into the page. */
function shown({ image }: { image: string | null }): string | null {
  return image?.startsWith("data:image/png;base64,") === true ? image : null;
}
