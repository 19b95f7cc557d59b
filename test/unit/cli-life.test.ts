import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { FerryError } from "../../main/matrix/errors.ts";
import { asked, codeOf, parse, setUpCli, world } from "../support/cli-world.ts";
import { fakeHandlers, fakeStatus } from "../support/fake-control.ts";

const { folder, ferry, running } = setUpCli();

describe("login, logout and doctor", () => {
  const words = ["login", "--homeserver", "example.org", "--user", "ana", "--password-stdin"];

  it("use the Ferry that runs", async () => {
    const loginPassword = vi.fn(fakeHandlers().loginPassword);
    await running({ loginPassword });
    const surroundings = world({}, {}, ["secret"]);
    expect(await ferry(words, surroundings)).toMatchObject({
      status: 0,
      out: "Logged in as @ana:example.org on https://matrix.example.org.",
    });
    expect(loginPassword).toHaveBeenCalledWith({ homeserver: "example.org", user: "ana", password: "secret" });
    expect(surroundings.opened).toEqual([]);
  });

  it("open one where none runs, with what comes on standard input, and close it again", async () => {
    const stop = vi.fn(async () => undefined);
    const loginPassword = vi.fn(fakeHandlers().loginPassword);
    const handlers = fakeHandlers({ loginPassword });
    const surroundings = world({}, { stop, handlers }, ["secret", "passphrase"]);
    expect((await ferry([...words, "--secrets", "passphrase"], surroundings)).status).toBe(0);
    expect(loginPassword).toHaveBeenCalledWith({ homeserver: "example.org", user: "ana", password: "secret" });
    expect(surroundings.opened).toMatchObject([{ secrets: "passphrase", passphrase: "passphrase" }]);
    expect(stop).toHaveBeenCalledOnce();
    expect((await ferry(["status"])).status).toBe(3);
    expect(readFileSync(join(folder(), "secrets-kind.json"), "utf8")).toContain("passphrase");
  });

  it("take the server from a full user id, and an access token in place of a password", async () => {
    const loginToken = vi.fn(fakeHandlers().loginToken);
    await running({ loginToken });
    await ferry(["login", "--user", "@ana:example.org", "--token-stdin"], world({}, {}, ["token"]));
    expect(loginToken).toHaveBeenCalledWith({ homeserver: "example.org", accessToken: "token" });
  });

  it("log in in the browser, by OAuth 2.0 where that is offered, and say the address beside the answer", async () => {
    const offered = { homeserver: "https://matrix.example.org", user: null, password: true };
    const sso = [{ id: "house", name: "House keys" }];
    const loginBrowser = vi.fn(fakeHandlers().loginBrowser);
    const browser = ["login", "--homeserver", "example.org", "--browser", "--json"];
    const methods = vi.fn(async () => ({ ...offered, sso, oauth: true }));
    await running({ loginMethods: methods, loginBrowser });
    const outcome = await ferry(browser);
    expect(parse(outcome.out)).toMatchObject({ user_id: "@ana:example.org" });
    expect(outcome.error.split("\n")).toContain("https://matrix.example.org/login");
    expect(methods).toHaveBeenCalledWith({ server: "example.org" });
    methods.mockResolvedValue({ ...offered, sso, oauth: false });
    await ferry(browser);
    const asked = { homeserver: "https://matrix.example.org", provider: null };
    expect(loginBrowser.mock.calls.map(([request]) => request)).toEqual([
      { ...asked, method: "oauth" },
      { ...asked, method: "sso" },
    ]);
    methods.mockResolvedValue({ ...offered, sso: [], oauth: false });
    expect(parse((await ferry(browser)).error)).toMatchObject({ error: { code: "login-unsupported" } });
  });

  it("log out, and give up what is owed only after a yes", async () => {
    const logout = vi.fn(async () => ({ loggedOut: true }));
    await running({ logout });
    expect((await ferry(["logout"])).out).toBe("Logged out.");
    expect(logout).toHaveBeenCalledWith({ dropOwed: false });
    const refused = await ferry(["logout", "--drop-owed", "--json"]);
    expect([refused.status, codeOf(refused), logout.mock.calls.length]).toEqual([1, "link-needs-confirmation", 1]);
    expect(parse((await ferry(["logout", "--drop-owed", "--yes", "--json"])).out)).toEqual({
      ok: true,
      logged_out: true,
    });
    expect(logout).toHaveBeenLastCalledWith({ dropOwed: true });
  });

  it("say where the homeserver still lists the device after a logout", async () => {
    await running({ logout: async () => ({ loggedOut: false }) });
    const { status, out } = await ferry(["logout"]);
    expect([status, out]).toEqual([0, expect.stringMatching(/^Logged out on this computer\..*remove the session/)]);
    expect(parse((await ferry(["logout", "--json"])).out)).toEqual({ ok: true, logged_out: false });
  });

  it("ask for passphrases at a terminal, a new one twice", async () => {
    const surroundings = world({ interactive: true }, {}, ["secret", "one", "other"]);
    expect(await ferry([...words, "--secrets", "passphrase"], surroundings)).toMatchObject({ status: 1 });
    expect(surroundings.opened).toEqual([]);
    const missing = await ferry([...words, "--secrets", "passphrase", "--json"], world({}, {}, ["secret"]));
    expect(parse(missing.error)).toMatchObject({ error: { code: "passphrase-missing" } });
  });

  it("do not pass over a wish for another place than the running Ferry's", async () => {
    await ferry(["doctor", "--secrets", "plain-file"]);
    await running();
    expect((await ferry([...words, "--secrets", "passphrase"], world({}, {}, ["secret"]))).error).toContain(
      "plain-file",
    );
    expect((await ferry([...words, "--secrets", "plain-file"], world({}, {}, ["secret"]))).status).toBe(0);
  });

  it("report why Ferry could not be opened", async () => {
    const start = () => Promise.reject(new FerryError("database-damaged", "The database is damaged."));
    expect(await ferry(words, world({}, { start }, ["secret"]))).toMatchObject({
      status: 1,
      error: "The database is damaged.",
    });
    expect(await ferry(["doctor"], world({}, { start }))).toMatchObject({
      status: 1,
      out: "ok  clock  The clock is right.",
      error: "The database is damaged.",
    });
  });

  it("doctor fails where a check does", async () => {
    await running({ doctor: async () => [{ name: "browser", ok: false, text: "There is no browser." }] });
    expect(await ferry(["doctor"])).toMatchObject({ status: 1, out: "FAILED  browser  There is no browser." });
  });
});

describe("running", () => {
  it("says when it is ready, answers others meanwhile, and ends in order when asked to", async () => {
    const asked = Promise.withResolvers<void>();
    const stop = vi.fn(async () => undefined);
    const never = new Promise<void>(() => undefined);
    const surroundings = world({ endAsked: () => asked.promise }, { stop, ended: never });
    const ended = ferry(["run", "--json"], surroundings);
    await expect.poll(() => surroundings.out.length).toBe(1);
    expect(parse(surroundings.out[0] ?? "")).toMatchObject({
      ready: true,
      user_id: "@ana:example.org",
      connection: "online",
    });
    expect(surroundings.out[0]).not.toContain("\n");
    expect((await ferry(["status"])).status).toBe(0);
    expect(await ferry(["run"])).toMatchObject({
      status: 1,
      error: expect.stringContaining("already running") as string,
    });
    asked.resolve();
    expect((await ended).status).toBe(0);
    expect(stop).toHaveBeenCalledOnce();
    expect((await ferry(["status"])).status).toBe(3);
  });

  it("says how to log in", async () => {
    const handlers = fakeHandlers({ status: async () => fakeStatus({ userId: null, connection: "logged-out" }) });
    const { status, out } = await ferry(["run"], world({}, { handlers }));
    expect(status).toBe(0);
    expect(out).toMatch(/^Ferry is ready \(not logged in\)[^]*ferry login --homeserver/);
  });

  it("ends while it is still starting", async () => {
    const start = () => new Promise<void>(() => undefined);
    expect((await ferry(["run"], world({ endAsked: () => Promise.resolve() }, { start }))).status).toBe(0);
  });

  it("cleans up where it cannot start", async () => {
    const stop = vi.fn(async () => undefined);
    const start = () => Promise.reject(new FerryError("keychain-locked", "The keychain is locked."));
    expect(await ferry(["run"], world({}, { start, stop }))).toMatchObject({
      status: 1,
      error: "The keychain is locked.",
    });
    expect(stop).toHaveBeenCalledOnce();
    expect((await ferry(["status"])).status).toBe(3);
  });

  it("starts the desktop app, or says in one line that it goes on without", async () => {
    const withDesktop = world({ runDesktop: async () => ({ status: 5 }) });
    expect((await ferry(["start"], withDesktop)).status).toBe(5);
    expect(withDesktop.opened).toEqual([]);
    const without = await ferry(["start"]);
    expect(without.error).toBe("Electron's runtime is not here, so Ferry goes on with Chromium.");
    expect(without.out).toContain("Ferry is ready (@ana:example.org: Mirroring 1 link).");
  });
});

it("everything is paused, and goes on, by one word", async () => {
  const pauseAll = vi.fn(async () => fakeStatus({ paused: true, everythingPaused: true, summary: "Paused" }));
  const resumeAll = vi.fn(async () => fakeStatus());
  await running({ pauseAll, resumeAll });
  expect((await ferry(["pause"])).out).toMatch(/Paused[^]*online, paused/);
  expect(parse((await ferry(["resume", "--json"])).out)).toMatchObject({ paused: false, everything_paused: false });
  expect([pauseAll.mock.calls.length, resumeAll.mock.calls.length]).toEqual([1, 1]);
});

describe("deleting everything", () => {
  it("happens only after a yes", async () => {
    const deleteData = vi.fn(async () => ({ loggedOut: true }));
    await running({ deleteData });
    expect((await ferry(["delete-data"])).status).toBe(1);
    const { surroundings, questions } = asked("n");
    expect((await ferry(["delete-data"], surroundings)).error).toBe("Nothing was deleted.");
    expect(questions.join()).toContain(folder());
    expect(deleteData).not.toHaveBeenCalled();
    expect((await ferry(["delete-data", "--yes"])).out).toBe("Everything is deleted.");
    expect(deleteData).toHaveBeenCalledOnce();
  });

  it("says what is left at the homeserver", async () => {
    await running({ deleteData: async () => ({ loggedOut: false }) });
    expect((await ferry(["delete-data", "--yes"])).out).toContain("The homeserver could not be told");
    const { out } = await ferry(["delete-data", "--yes", "--json"]);
    expect(parse(out)).toEqual({ logged_out: false, deleted: true });
  });
});
