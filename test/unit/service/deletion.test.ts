import { afterEach, expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import type { Account } from "../../../main/service/account.ts";
import { deleteData, type DeletionOptions } from "../../../main/service/deletion.ts";
import { SILENT } from "../../support/silent-logger.ts";

afterEach(() => void vi.useRealTimers());

/** What was done, in order. */
function create(logout: () => Promise<boolean>, other: Partial<DeletionOptions> = {}) {
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const account = {
    stored: { userId: "@ana:example.org" },
    logout: async () => {
      done.push("logout");
      return logout();
    },
  } as unknown as Account;
  const options: DeletionOptions = {
    ...{ account, autostart: undefined, logger: SILENT, mark: note("mark"), unmark: note("unmark"), end: note("end") },
    ...{ checkSecrets: async () => undefined, forgetSecrets: async () => void done.push("forget") },
    ...other,
  };
  return { done, options };
}

test("what is to be deleted is noted first, and Ferry ends last", async () => {
  const { done, options } = create(async () => true);
  expect(await deleteData(options)).toEqual({ loggedOut: true });
  expect(done).toEqual(["mark", "logout", "forget", "end"]);
});

test.each([
  ["that cannot be reached", async () => Promise.reject(new FerryError("homeserver-unreachable", "No."))],
  ["that nobody has asked", async () => false],
])("a homeserver %s does not keep anything", async (_which, logout) => {
  const { done, options } = create(logout);
  expect(await deleteData(options)).toEqual({ loggedOut: false });
  expect(done.at(-1)).toBe("end");
});

test("a homeserver that does not answer is not waited for longer than ten seconds", async () => {
  vi.useFakeTimers();
  const { done, options } = create(() => new Promise(() => undefined));
  const deleted = deleteData(options);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(done).toEqual(["mark", "logout"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await deleted).toEqual({ loggedOut: false });
  expect(done).toEqual(["mark", "logout", "forget", "end"]);
});

test("a keychain that cannot be used keeps everything, the login too, and says so", async () => {
  const locked = new FerryError("keychain-locked", "It is locked.");
  const { done, options } = create(async () => true, { checkSecrets: async () => Promise.reject(locked) });
  await expect(deleteData(options)).rejects.toBe(locked);
  expect(done).toEqual([]);
});

test("a keychain that is locked meanwhile keeps every file", async () => {
  const locked = new FerryError("keychain-locked", "It is locked.");
  const { done, options } = create(async () => true, { forgetSecrets: async () => Promise.reject(locked) });
  await expect(deleteData(options)).rejects.toBe(locked);
  expect(done).toEqual(["mark", "logout", "unmark"]);
});

test("where nobody is logged in, or nothing can be opened, it goes without", async () => {
  const nobody = create(async () => true, { account: { stored: null } as Account });
  expect(await deleteData(nobody.options)).toEqual({ loggedOut: true });
  const damaged = create(async () => true, { account: null });
  expect(await deleteData(damaged.options)).toEqual({ loggedOut: false });
  expect(damaged.done).toEqual(["mark", "forget", "end"]);
});

test("Ferry is not started with the computer any more, also where the rest is cut off", async () => {
  const autostart = { get: async () => true, set: async (on: boolean) => void done.push(`autostart ${on}`) };
  const { done, options } = create(() => new Promise(() => undefined), { autostart });
  void deleteData(options);
  await vi.waitFor(() => expect(done).toContain("logout"));
  expect(done).toEqual(["mark", "autostart false", "logout"]);
});

test("Ferry is not started with the computer any more, and goes where that fails", async () => {
  const set = vi.fn(async () => undefined);
  const on = create(async () => true, { autostart: { get: async () => true, set } });
  await deleteData(on.options);
  expect(set).toHaveBeenCalledWith(false);
  const off = create(async () => true, { autostart: { get: async () => false, set } });
  await deleteData(off.options);
  expect(set).toHaveBeenCalledTimes(1);
  set.mockRejectedValue(new FerryError("data-folder", "It may not be written."));
  const stuck = create(async () => true, { autostart: { get: async () => true, set } });
  expect(await deleteData(stuck.options)).toEqual({ loggedOut: true });
  expect(stuck.done.at(-1)).toBe("end");
});
