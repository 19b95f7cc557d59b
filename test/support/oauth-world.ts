import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { StatusView } from "../../main/protocol/control.ts";
import { removeFolder, temporaryFolder } from "./cleanup.ts";
import { beginBrowserLogin, startFerry, succeeded, type Ferry } from "./ferry.ts";
import { OauthIssuer } from "./oauth-issuer.ts";
import { Person } from "./person.ts";
import { startSynapse, type Synapse } from "./synapse.ts";
import { delegatedTo } from "./synapse-config.ts";
import { pause } from "./talking.ts";
import { openBrowser, type Visitor } from "./visitor.ts";

const SECRET = "shared-between-the-two";
const ACCESS_TOKEN_SECONDS = 3;
/** How often Ferry, which idles, is given something to do while its tokens run out, in milliseconds. */
const NUDGE_MS = 300;

/** OAuth 2.0: a real Synapse that leaves its logins to a real issuer, whose access tokens last a few seconds. */
export class OauthWorld {
  readonly issuer: OauthIssuer;
  readonly dataDir = temporaryFolder("ferry-oauth-");
  readonly synapse: Synapse;
  readonly browser: Visitor;
  /** Kim's other app. */
  readonly kim: Person;
  readonly kitchen: string;
  readonly workshop: string;
  ferry: Ferry;
  /** Ferry's own, once it is logged in. */
  device = "";
  #said = 0;

  private constructor(parts: Pick<OauthWorld, "issuer" | "synapse" | "browser" | "kim" | "kitchen" | "workshop">) {
    this.issuer = parts.issuer;
    this.synapse = parts.synapse;
    this.browser = parts.browser;
    this.kim = parts.kim;
    this.kitchen = parts.kitchen;
    this.workshop = parts.workshop;
    this.ferry = startFerry({ dataDir: this.dataDir });
  }

  /** Starts everything; Ferry runs, and nobody is logged in to it. */
  static async create(): Promise<OauthWorld> {
    const issuer = new OauthIssuer(SECRET);
    await issuer.start(ACCESS_TOKEN_SECONDS);
    const synapse = await startSynapse({ configure: async () => delegatedTo(issuer.url, SECRET) });
    issuer.serve(synapse.url);
    await issuer.register("kim");
    const kim = new Person(synapse, "kim");
    const deviceId = "KIMSPHONE";
    await kim.start({ userId: "@kim:ferry.test", deviceId, accessToken: await issuer.tokenFor("kim", deviceId) });
    const kitchen = await kim.createEncryptedRoom({ name: "Kitchen" });
    const workshop = await kim.createEncryptedRoom({ name: "Workshop" });
    const browser = await openBrowser();
    const world = new OauthWorld({ issuer, synapse, browser, kim, kitchen, workshop });
    await world.ferry.waitReady();
    return world;
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.ferry.kill();
    await this.kim.stop();
    await this.synapse.stop();
    await this.issuer.stop();
    removeFolder(this.dataDir);
  }

  /** Starts Ferry again, which has ended. */
  async restart(): Promise<void> {
    this.ferry = startFerry({ dataDir: this.dataDir });
    await this.ferry.waitReady();
  }

  async status(): Promise<StatusView & { device_id: string }> {
    return (await this.ferry.cli("status", "--json")).json as StatusView & { device_id: string };
  }

  async until(connection: string): Promise<void> {
    const isSo = async (): Promise<boolean> => {
      if ((await this.status()).connection === connection) return true;
      await this.#nudge();
      return false;
    };
    await this.kim.waitFor(isSo, 60_000, `Ferry to be ${connection}`);
  }

  /** Logs in with the browser, as a new device. */
  async logIn(): Promise<void> {
    const { address, ended } = await beginBrowserLogin(this.dataDir, this.synapse.url);
    expect(await this.browser.logIn(address, "kim")).toBe("You can close this tab and go back to Ferry.");
    const { json } = succeeded("ferry login", await ended);
    this.device = (json as { device_id: string }).device_id;
    await this.kim.untilKnows(this.kim.userId, this.device);
  }

  /** A token of Ferry's, as it is stored. */
  stored(name: "access-token" | "refresh-token"): string {
    const { entries } = JSON.parse(readFileSync(join(this.dataDir, "secrets-not-encrypted.json"), "utf8")) as {
      entries: Record<string, string>;
    };
    return entries[`@kim:ferry.test ${this.device}/${name}`] ?? "";
  }

  /** Has the homeserver answer what Ferry waits for, so that its next request comes soon. */
  async #nudge(): Promise<void> {
    await this.kim.say(this.kitchen, "ahoy");
    await pause(NUDGE_MS);
  }

  /** Waits until the issuer has been asked for tokens so many times more. */
  async untilAsked(more: number): Promise<void> {
    const wanted = this.issuer.asked + more;
    for (let nudges = 0; this.issuer.asked < wanted; nudges++) {
      if (nudges * NUDGE_MS > 60_000) throw new Error("No new tokens were asked for.");
      await this.#nudge();
    }
  }

  /** Something new is said, and its copy comes. */
  async untilCopied(): Promise<void> {
    this.#said += 1;
    await this.kim.say(this.kitchen, `message ${this.#said}`);
    await this.kim.waitForMessage(this.workshop, `message ${this.#said}`, 60_000);
  }

  /** Kills Ferry when it next asks for tokens, or has been given them, and starts it again. */
  async killAtTokens(moment: "request" | "answer"): Promise<void> {
    const killed = new Promise<void>((resolve, reject) => {
      this.issuer.atNext(moment, () => void this.ferry.kill().then(resolve, reject));
    });
    await this.untilAsked(1);
    await killed;
    await this.restart();
    await this.until("online");
    await this.untilCopied();
  }
}
