import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** "default": Synapse's own rate limits, which Ferry's users live with. "none": they never strike. */
export type Limits = "default" | "none";

export interface SynapseSettings {
  folder: string;
  serverName: string;
  port: number;
  sharedSecret: string;
  limits: Limits;
  /** Put over the rest. */
  more: Record<string, unknown>;
}

const unlimited = { per_second: 100_000, burst_count: 100_000 };

const RAISED_LIMITS = {
  rc_message: unlimited,
  rc_registration: unlimited,
  rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
  rc_admin_redaction: unlimited,
  rc_joins: { local: unlimited, remote: unlimited },
  rc_joins_per_room: unlimited,
  rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
  rc_room_creation: unlimited,
  rc_key_requests: unlimited,
  rc_profile: unlimited,
  rc_media_create: unlimited,
};

/**
 * Writes the configuration of a homeserver that talks to nobody: loopback only, no federation, no key servers, no
 * presence, no telemetry. JSON, which is YAML too.
 *
 * @returns path of the configuration file
 */
export function writeSynapseConfig(settings: SynapseSettings): string {
  const { folder, serverName, port, sharedSecret, limits, more } = settings;
  const signingKey = join(folder, "signing.key");
  writeFileSync(signingKey, `ed25519 a_test ${randomBytes(32).toString("base64").replaceAll("=", "")}\n`);
  const config = {
    server_name: serverName,
    public_baseurl: `http://127.0.0.1:${port}/`,
    signing_key_path: signingKey,
    log_config: writeLogConfig(folder),
    media_store_path: join(folder, "media"),
    pid_file: join(folder, "synapse.pid"),
    listeners: [
      { port, type: "http", bind_addresses: ["127.0.0.1"], tls: false, resources: [{ names: ["client", "media"] }] },
    ],
    database: { name: "sqlite3", args: { database: join(folder, "synapse.db") } },
    registration_shared_secret: sharedSecret,
    macaroon_secret_key: randomBytes(32).toString("hex"),
    form_secret: randomBytes(32).toString("hex"),
    trusted_key_servers: [],
    federation_domain_whitelist: [],
    presence: { enabled: false },
    report_stats: false,
    // The fewest that bcrypt takes: what a login costs is none of what the tests are about.
    bcrypt_rounds: 4,
    // Small enough to be met by a file that is too large.
    max_upload_size: "30M",
    url_preview_enabled: false,
    ...(limits === "none" ? RAISED_LIMITS : {}),
    ...more,
  };
  const path = join(folder, "homeserver.yaml");
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

/**
 * Single sign-on by an OpenID provider on this machine: who logs in there is who has that name here.
 *
 * @param trusted where a login may end without the homeserver asking whether it may
 */
export function singleSignOn(issuer: string, client: { id: string; secret: string }, trusted: readonly string[] = []) {
  return {
    oidc_providers: [
      {
        idp_id: "house",
        idp_name: "House keys",
        issuer,
        client_id: client.id,
        client_secret: client.secret,
        scopes: ["openid"],
        // Its issuer is plain http, as nothing outside of a test's machine may be.
        skip_verification: true,
        allow_existing_users: true,
        user_mapping_provider: { config: { localpart_template: "{{ user.sub }}" } },
      },
    ],
    sso: { client_whitelist: trusted },
  };
}

/** Everything about logging in is left to an OAuth 2.0 issuer, which knows this homeserver's secret. */
export function delegatedTo(issuer: string, secret: string) {
  return {
    matrix_authentication_service: { enabled: true, endpoint: issuer, secret },
    password_config: { enabled: false },
    enable_registration: false,
  };
}

function writeLogConfig(folder: string): string {
  const path = join(folder, "log.yaml");
  const config = {
    version: 1,
    formatters: { plain: { format: "%(asctime)s %(levelname)s %(name)s %(message)s" } },
    handlers: { file: { class: "logging.FileHandler", filename: join(folder, "synapse.log"), formatter: "plain" } },
    root: { level: "WARNING", handlers: ["file"] },
    disable_existing_loggers: false,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}
