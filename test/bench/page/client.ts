import {
  createClient,
  ClientEvent,
  MatrixEventEvent,
  RoomEvent,
  SyncState,
  type MatrixClient,
  type MatrixEvent,
} from "matrix-js-sdk";

/**
 * An ordinary client in a browser, as the SDK comes: keys in IndexedDB, encrypted, and `sendEvent`. No Ferry in it.
 * Times are read in the page, so that steering it costs nothing that is measured.
 */

export interface PageLogin {
  homeserver: string;
  user: string;
  password: string;
}

export interface PageClient {
  logIn(login: PageLogin): Promise<void>;
  /** Makes an encrypted room, with one other person. @returns its id */
  createRoom(invite: string): Promise<string>;
  join(roomId: string): Promise<void>;
  /** @returns when it was called, as `Date.now()` */
  say(roomId: string, body: string): Promise<number>;
}

declare global {
  interface Window {
    client: PageClient;
    /** Given by whoever steers the page: a message is there, decrypted. */
    heard(roomId: string, body: string, ts: number): Promise<void>;
  }
}

let matrix: MatrixClient;

window.client = {
  logIn: async ({ homeserver, user, password }) => {
    const login = await createClient({ baseUrl: homeserver }).loginRequest({
      type: "m.login.password",
      identifier: { type: "m.id.user", user },
      password,
    });
    matrix = createClient({
      baseUrl: homeserver,
      userId: login.user_id,
      deviceId: login.device_id,
      accessToken: login.access_token,
    });
    await matrix.initRustCrypto({ storageKey: crypto.getRandomValues(new Uint8Array(32)) });
    matrix.on(RoomEvent.Timeline, hear);
    matrix.on(MatrixEventEvent.Decrypted, hear);
    const synced = new Promise<void>((resolve) => {
      matrix.on(ClientEvent.Sync, (state) => {
        if (state === SyncState.Prepared) resolve();
      });
    });
    await matrix.startClient({ disablePresence: true });
    await synced;
  },
  createRoom: async (invite) => {
    const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    return (await matrix.createRoom({ invite: [invite], initial_state: [encryption] })).room_id;
  },
  join: async (roomId) => void (await matrix.joinRoom(roomId)),
  say: async (roomId, body) => {
    const startedAt = Date.now();
    await matrix.sendTextMessage(roomId, body);
    return startedAt;
  },
};

function hear(event: MatrixEvent): void {
  if (event.getType() !== "m.room.message" || event.isDecryptionFailure() || event.status !== null) return;
  const body: unknown = event.getContent()["body"];
  if (typeof body === "string") void window.heard(event.getRoomId() ?? "", body, Date.now());
}
