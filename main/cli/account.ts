import type { z } from "zod";
import { asFerryError, FerryError } from "../matrix/errors.ts";
import { isUserId } from "../matrix/ids.ts";
import type { doctorCheck } from "../protocol/control.ts";
import { confirm } from "./confirm.ts";
import type { Context } from "./environment.ts";
import { CommandFailure } from "./hints.ts";
import { toJson } from "./json.ts";
import { openSession, type ControlClient, type Session } from "./session.ts";
import { foreign } from "./text.ts";
import { doctorText } from "./views.ts";

/** `ferry login`, `ferry logout` and `ferry doctor`: they work whether Ferry is running or not. */

export interface LoginOptions {
  homeserver?: string | undefined;
  user?: string | undefined;
  passwordStdin?: boolean | undefined;
  tokenStdin?: boolean | undefined;
  browser?: boolean | undefined;
}

/** Logs in with a password or in the system's browser, or takes over an access token. */
export async function login(context: Context, options: LoginOptions): Promise<number> {
  const { environment, settings } = context;
  const request = await readLogin(context, options);
  const session = await openSession(context);
  const account = await finish(session, async () => {
    if (session.startFailure !== null) throw session.startFailure;
    return request(session.client);
  });
  if (settings.json) environment.print(toJson(account));
  else environment.print(`Logged in as ${foreign(account.userId)} on ${foreign(account.homeserver)}.`);
  return 0;
}

/** What is left to do where nobody could end the login at the homeserver. */
export const STILL_LISTED =
  "The homeserver could not be told: remove the session “Ferry” from your account's list of sessions with another app.";

export interface LogoutOptions {
  dropOwed?: boolean | undefined;
}

/** Logs this device out and deletes its secrets; asked to, gives up what is owed as well. */
export async function logout(context: Context, options: LogoutOptions): Promise<number> {
  const { environment, settings } = context;
  const dropOwed = options.dropOwed ?? false;
  const question = "Give up what has not been copied yet? It will not follow when you log in again.";
  if (dropOwed && !(await confirm(context, question))) {
    environment.complain("Nothing was given up, and you are still logged in.");
    return 1;
  }
  const session = await openSession(context);
  const result = await finish(session, () => session.client.logout({ dropOwed }));
  const sentence = result.loggedOut ? "Logged out." : `Logged out on this computer. ${STILL_LISTED}`;
  environment.print(settings.json ? toJson({ ok: true, ...result }) : sentence);
  return 0;
}

/** Checks browser, keychain, store, homeserver and clock; exit status 1 where one of them fails. */
export async function doctor(context: Context): Promise<number> {
  const { environment, settings } = context;
  const session = await openSession(context);
  const checks = await finish(session, () => session.client.doctor({}));
  environment.print(settings.json ? toJson(checks) : doctorText(checks));
  if (!allWell(checks)) return 1;
  // Whatever it was, none of the checks has said so.
  if (session.startFailure !== null) throw session.startFailure;
  return 0;
}

function allWell(checks: readonly z.output<typeof doctorCheck>[]): boolean {
  return checks.every(({ ok }) => ok);
}

/** Ends the session whatever happens; a failure to end it does not hide the first one. */
export async function finish<Result>(session: Session, action: () => Promise<Result>): Promise<Result> {
  let result: Result;
  try {
    result = await action();
  } catch (error) {
    await session.end().catch(() => undefined);
    throw session.startFailure ?? asFerryError(error);
  }
  await session.end();
  return result;
}

/** Collects what is needed for a login, and answers with the request to make. */
async function readLogin(context: Context, options: LoginOptions) {
  const { user } = options;
  if ([options.tokenStdin, options.passwordStdin, options.browser].filter(Boolean).length > 1) {
    throw new FerryError("bad-request", "Give only one of --browser, --password-stdin and --token-stdin.");
  }
  const homeserver = options.homeserver ?? serverOf(user);
  if (homeserver === undefined) throw new FerryError("bad-request", "Name the homeserver: --homeserver example.org");
  if (options.browser) return (client: ControlClient) => loginInBrowser(context, client, homeserver);
  if (options.tokenStdin) {
    const accessToken = await readSecret(context, "Access token: ", true);
    return (client: ControlClient) => client.loginToken({ homeserver, accessToken });
  }
  if (user === undefined) throw new FerryError("bad-request", "Name the user to log in: --user ana");
  const password = await readSecret(context, "Password: ", options.passwordStdin ?? false);
  return (client: ControlClient) => client.loginPassword({ homeserver, user, password });
}

/** Logs in at the homeserver's own page. Its address goes to standard error: standard output is for the answer. */
async function loginInBrowser({ environment }: Context, client: ControlClient, server: string) {
  const { homeserver, oauth, sso } = await client.loginMethods({ server });
  if (!oauth && sso.length === 0) {
    throw new CommandFailure("login-unsupported", "This homeserver has no page to log in at. Log in with --user.");
  }
  const method = oauth ? "oauth" : "sso";
  const { address } = await client.loginBrowser({ homeserver, method, provider: null });
  environment.complain("Log in in your browser. Where it has not opened by itself, open this address in it:");
  environment.complain(new URL(address).href);
  return client.loginBrowserEnd({});
}

/** The server of a full user id (`@ana:example.org`). */
function serverOf(user: string | undefined): string | undefined {
  return isUserId(user) ? user.slice(user.indexOf(":") + 1) : undefined;
}

async function readSecret(context: Context, question: string, fromInput: boolean): Promise<string> {
  if (!context.environment.interactive && !fromInput) {
    throw new FerryError(
      "bad-request",
      "There is no terminal to ask for the password. Give it on standard input, with --password-stdin.",
    );
  }
  return askSecret(context, question);
}

/** Asks at a terminal without showing what is typed; else takes the next line of standard input. */
export async function askSecret({ environment }: Context, question: string): Promise<string> {
  if (environment.interactive) return environment.askHidden(question);
  const line = await environment.readLine();
  if (line === null || line === "") throw new FerryError("bad-request", "Standard input was empty.");
  return line;
}
