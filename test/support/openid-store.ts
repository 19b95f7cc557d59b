import type { Adapter, AdapterPayload } from "oidc-provider";

interface Entry {
  payload: AdapterPayload;
  expiresTs: number;
}

/**
 * What an OpenID provider remembers, in memory.
 *
 * A refresh token that has been used stays good until one of those that took its place has been used, as with the
 * Matrix Authentication Service: an answer that was lost on its way ends no login.
 */
export class OpenidStore {
  readonly #entries = new Map<string, Entry>();
  /** The refresh token that was given for a grant's newest tokens, and for each of those. */
  readonly #spent = new Map<string, string>();
  readonly #predecessors = new Map<string, string>();

  readonly adapter = (model: string): Adapter => ({
    upsert: async (id, payload, expiresIn) => {
      const expiresTs = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
      this.#entries.set(`${model} ${id}`, { payload, expiresTs });
      const spent = this.#spent.get(payload.grantId ?? "");
      if (spent !== undefined && (model === "AccessToken" || model === "RefreshToken")) {
        this.#predecessors.set(id, spent);
      }
    },
    find: async (id) => this.#find(model, id),
    findByUid: async (uid) => this.#search(model, (payload) => payload.uid === uid),
    findByUserCode: async (code) => this.#search(model, (payload) => payload.userCode === code),
    consume: async (id) => {
      const payload = this.#find(model, id);
      if (payload === undefined) return;
      if (model !== "RefreshToken") payload.consumed = seconds();
      else {
        this.used(id);
        this.#spent.set(payload.grantId ?? "", id);
      }
    },
    destroy: async (id) => void this.#entries.delete(`${model} ${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, { payload }] of this.#entries) {
        if (key.startsWith(`${model} `) && payload.grantId === grantId) this.#entries.delete(key);
      }
    },
  });

  /** Ends every login of an account, but those by one client. */
  forgetAccount(accountId: string, butBy: string): void {
    for (const [key, { payload }] of this.#entries) {
      if (payload.accountId === accountId && payload.clientId !== butBy) this.#entries.delete(key);
    }
  }

  /** A token has been used: the refresh token that it was got with is of no use any more. */
  used(token: string): void {
    const predecessor = this.#predecessors.get(token);
    const payload = predecessor === undefined ? undefined : this.#find("RefreshToken", predecessor);
    if (payload) payload.consumed = seconds();
  }

  #find(model: string, id: string): AdapterPayload | undefined {
    const entry = this.#entries.get(`${model} ${id}`);
    return entry === undefined || entry.expiresTs < Date.now() ? undefined : entry.payload;
  }

  #search(model: string, matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, { payload }] of this.#entries) if (key.startsWith(`${model} `) && matches(payload)) return payload;
    return undefined;
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
