/** A fault that could be in Ferry, outside of the pure folder, and where `npm test` finds it. */
export interface Fault {
  /** What goes wrong, for whoever uses Ferry. */
  name: string;
  file: string;
  /** What stands there, once, and what stands there with the fault. */
  find: string;
  replace: string;
  /** The tests that are to fail: files, as `npm test` takes them. */
  tests: string[];
}

export const FAULTS: readonly Fault[] = [
  {
    name: "a copy twice: what was sent before a crash is not looked for",
    file: "main/service/sender.ts",
    find: "const found = line.sent.events.get(row.transactionId) ?? null;",
    replace: "const found = null as Found | null;",
    tests: ["test/unit/service/exactly-once.test.ts"],
  },
  {
    name: "a copy lost: it leaves the outbox when it is taken in hand",
    file: "main/store/outbox.ts",
    find: "UPDATE outbox SET state = 'sending', first_attempt_ts = ?, attempt_device = ? WHERE id = ?",
    replace: "UPDATE outbox SET state = 'failed', first_attempt_ts = ?, attempt_device = ? WHERE id = ?",
    tests: ["test/unit/store/outbox.test.ts"],
  },
  {
    name: "an order: what is owed last goes first",
    file: "main/store/sendable.ts",
    find: '.join(" UNION ALL ")}) ORDER BY id LIMIT 1`;',
    replace: '.join(" UNION ALL ")}) ORDER BY id DESC LIMIT 1`;',
    tests: ["test/unit/service/exactly-once.test.ts"],
  },
  {
    name: "a hole: what was missed is read back until one known event, and not ten in a row",
    file: "renderer/engine/room-reader.ts",
    find: "export const KNOWN_RUN = 10;",
    replace: "export const KNOWN_RUN = 1;",
    tests: ["test/unit/engine/room-reader.test.ts", "test/unit/service/exactly-once.test.ts"],
  },
  {
    name: "a gap that opens too late: main hears what was written before it hears how the room is now",
    file: "renderer/engine/session.ts",
    find: `    await this.rooms.onSync(response);
    this.#syncedTo = response.next_batch;
    this.freshness.processed(answeredTs);
    const isNew = this.timeline.onSync(response);`,
    replace: `    this.#syncedTo = response.next_batch;
    this.freshness.processed(answeredTs);
    const isNew = this.timeline.onSync(response);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await this.rooms.onSync(response);`,
    tests: ["test/headless/consent.test.ts"],
  },
  {
    name: "consent: an answer counts from a device that its owner has not confirmed",
    file: "main/service/objection.ts",
    find: 'if (opens && examined.encrypted && examined.shield !== "none" && !unverified) {',
    replace: 'if (opens && examined.encrypted && examined.shield === "never" && !unverified) {',
    tests: ["test/headless/consent-hostile.test.ts"],
  },
  {
    name: "a redaction: the copies of a redacted message's edits stay",
    file: "main/store/ledger.ts",
    find: "kind IN ('edit', 'reaction', 'votes', 'poll-end'))) ORDER BY id",
    replace: "kind IN ('reaction', 'votes', 'poll-end'))) ORDER BY id",
    tests: ["test/headless/three-rooms.test.ts"],
  },
  {
    name: "a secret in a log: a token in the middle of a text is not masked",
    file: "main/log.ts",
    find: "const TOKEN = /\\b(?:syt|syr",
    replace: "const TOKEN = /^(?:syt|syr",
    tests: ["test/unit/log.test.ts"],
  },
  {
    name: "plaintext on disk: the database keeps what was said beside its event id",
    file: "main/service/mirror.ts",
    find: "kind: kindOf(event, decision),",
    replace: "kind: kindOf(event, decision) + JSON.stringify(event.content),",
    tests: ["test/headless/canary.test.ts"],
  },
  {
    name: "a page's power: the settings page may reach the network",
    file: "main/host/chromium-window.ts",
    find: 'session.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });',
    replace: 'session.send("Fetch.continueRequest", { requestId });',
    tests: ["test/settings/network.test.ts", "test/settings/window.test.ts"],
  },
  {
    name: "a page's power: a frame inside a page may speak for it",
    file: "main/desktop/ipc.ts",
    find: 'if (event.senderFrame === null || event.senderFrame !== contents.mainFrame) return "wrong-frame";',
    replace: 'if (event.senderFrame === null) return "wrong-frame";',
    tests: ["test/desktop/ipc.test.ts"],
  },
  {
    name: "a migration: a column is not taken along",
    file: "main/store/newer-migrations.ts",
    find: `target_event, target_kind, transaction_id, state, placeholder, attempts, first_attempt_ts, attempt_device, reason,
    created_ts, reason_code FROM outbox;`,
    replace: `target_event, target_kind, transaction_id, state, 0, attempts, first_attempt_ts, attempt_device, reason,
    created_ts, reason_code FROM outbox;`,
    tests: ["test/unit/store/migrations.test.ts"],
  },
  {
    name: "encryption: what must be encrypted goes in the clear where the homeserver says that the room is not",
    file: "renderer/engine/encrypt.ts",
    find: "if (isEncrypted || !must) return isEncrypted;",
    replace: "if (isEncrypted || must !== undefined) return isEncrypted;",
    tests: ["test/unit/engine/send.test.ts"],
  },
  {
    name: "a file's key: every room gets the same one",
    file: "renderer/engine/files/cipher.ts",
    find: 'const key = await crypto.subtle.generateKey({ name: "AES-CTR", length: 256 }, true, ["encrypt"]);',
    replace:
      'const key = await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "AES-CTR" }, true, ["encrypt"]);',
    tests: ["test/unit/engine/files/cipher.test.ts"],
  },
  {
    name: "what is read is seen by others",
    file: "renderer/engine/reads.ts",
    find: "client.setRoomReadMarkersHttpRequest(roomId, eventId, undefined, eventId);",
    replace: "client.setRoomReadMarkersHttpRequest(roomId, eventId, eventId, eventId);",
    tests: ["test/headless/reads.test.ts"],
  },
  {
    name: "a key that is late: the line is not held",
    file: "main/app.ts",
    find: "decryptionHoldMs: options.decryptionHoldMs ?? DECRYPTION_HOLD_MS,",
    replace: "decryptionHoldMs: 0 * (options.decryptionHoldMs ?? DECRYPTION_HOLD_MS),",
    tests: ["test/headless/late-keys.test.ts"],
  },
  {
    name: "limits: the homeserver's wish to be asked later is not heard",
    file: "main/service/rate.ts",
    find: "now + Math.min(Math.max(retryAfterMs, 100), 3_600_000));",
    replace: "now + Math.min(retryAfterMs, 100));",
    tests: ["test/unit/service/rate.test.ts"],
  },
  {
    name: "the control socket is everybody's",
    file: "main/service/control-socket.ts",
    find: "const before = process.umask(0o177);",
    replace: "const before = process.umask(0o000);",
    tests: ["test/unit/control-socket.test.ts"],
  },
  {
    name: "a login lost: new tokens are used before they are stored",
    file: "renderer/engine/tokens.ts",
    find: "      await this.#options.store(this.#issued);",
    replace: "      this.#tokens = this.#issued;\n      await this.#options.store(this.#issued);",
    tests: ["test/unit/engine/tokens.test.ts"],
  },
  {
    name: "the window says that a link mirrors which nobody has agreed to",
    file: "main/service/views.ts",
    find: '  if (link.state === "starting") return hasGap ? "waiting" : "starting";\n  if (hasGap) return "suspended";\n',
    replace: "",
    tests: ["test/headless/consent.test.ts"],
  },
];
