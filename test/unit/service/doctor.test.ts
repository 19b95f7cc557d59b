import { expect, test, vi } from "vitest";
import { FerryError } from "../../../main/matrix/errors.ts";
import { examine, type DoctorOptions } from "../../../main/service/doctor.ts";

/** How the browser is looked at: the engine's page is none of the doctor's to open where somebody is logged in. */

function create(account: object | null, changes: Partial<DoctorOptions> = {}) {
  const openAny = vi.fn(async () => undefined);
  const options = {
    engine: { isOpen: false, openAny, remote: {} },
    store: { account: { get: () => account } },
    secrets: { readable: async () => undefined, tokens: async () => null, kind: "keychain" },
    ...{ storeFailure: null, clockOffsetMs: null, openFailure: null, hasRoom: () => true },
    ...changes,
  } as unknown as DoctorOptions;
  return { openAny, browser: async () => (await examine(options))[0] };
}

test("it is started for real where nobody is logged in", async () => {
  const { openAny, browser } = create(null);
  expect(await browser()).toEqual({ name: "browser", ok: true, text: "The browser runs." });
  expect(openAny).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ homeserver: null }));
});

test("but not on a full disk", async () => {
  const { openAny, browser } = create(null, { hasRoom: () => false });
  expect(await browser()).toMatchObject({ ok: false, text: expect.stringContaining("disk is full") as string });
  expect(openAny).not.toHaveBeenCalled();
});

test("an account that is being opened is left alone", async () => {
  const { openAny, browser } = create({});
  expect(await browser()).toMatchObject({ ok: false, text: expect.stringContaining("being started") as string });
  expect(openAny).not.toHaveBeenCalled();
});

test("an account that could not be opened says why", async () => {
  const { openAny, browser } = create({}, { openFailure: new FerryError("no-browser", "There is no browser.") });
  expect(await browser()).toMatchObject({ ok: false, text: "There is no browser." });
  expect(openAny).not.toHaveBeenCalled();
});
