import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveDataFolder, type DataFolder } from "../../main/host/data-folder.ts";
import { writePrivateFile } from "../../main/host/private-file.ts";
import { chooseSecrets, openSecrets, rememberedSecrets } from "../../main/host/secrets-choice.ts";

const ANA = "@ana:example.org";
const TOKEN = "syt_canary_token";

let folder: DataFolder;

beforeEach(() => {
  folder = resolveDataFolder(mkdtempSync(join(tmpdir(), "ferry-secrets-")));
});
afterEach(() => rmSync(folder.path, { recursive: true, force: true }));

const path = (name: string): string => join(folder.path, name);
const openFile = (passphrase: string) => openSecrets({ kind: "passphrase", folder, passphrase });
const openPlain = () => openSecrets({ kind: "plain-file", folder });

interface SecretFile {
  entries: Record<string, { iv: string; tag: string; data: string }>;
}

/** Changes the encrypted file as somebody with access to the disk could. */
function tamper(edit: (file: SecretFile) => void): void {
  const file = JSON.parse(readFileSync(path("secrets.json"), "utf8")) as SecretFile;
  edit(file);
  writeFileSync(path("secrets.json"), JSON.stringify(file));
}

describe("the passphrase file", () => {
  it("gives back what was stored, also after a restart, and knows what was deleted", async () => {
    const secrets = openFile("correct horse");
    expect(await secrets.get(ANA, "access-token")).toBeNull();
    await secrets.set(ANA, "access-token", TOKEN);
    await secrets.set(ANA, "storage-key", "c3RvcmFnZQ==");
    const again = openFile("correct horse");
    expect(await again.get(ANA, "access-token")).toBe(TOKEN);
    expect(await again.get("@ben:example.org", "access-token")).toBeNull();
    await again.delete(ANA, "access-token");
    expect(await again.get(ANA, "access-token")).toBeNull();
    expect(await again.get(ANA, "storage-key")).toBe("c3RvcmFnZQ==");
  });

  it("holds nothing readable, for the user alone", async () => {
    await openFile("correct horse").set(ANA, "access-token", TOKEN);
    const text = readFileSync(path("secrets.json"), "utf8");
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(Buffer.from(TOKEN).toString("base64"));
    expect(statSync(path("secrets.json")).mode & 0o777).toBe(0o600);
  });

  it("refuses a wrong passphrase for reading and for writing, and stays as it is", async () => {
    await openFile("correct horse").set(ANA, "access-token", TOKEN);
    const before = readFileSync(path("secrets.json"), "utf8");
    const wrong = openFile("battery staple");
    await expect(wrong.get(ANA, "access-token")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expect(wrong.set(ANA, "access-token", "x")).rejects.toMatchObject({ code: "wrong-passphrase" });
    await expect(wrong.delete(ANA, "access-token")).rejects.toMatchObject({ code: "wrong-passphrase" });
    expect(readFileSync(path("secrets.json"), "utf8")).toBe(before);
  });

  it("notices an entry that was changed, moved to another name, or taken away", async () => {
    const secrets = openFile("correct horse");
    await secrets.set(ANA, "access-token", TOKEN);
    await secrets.set(ANA, "storage-key", "c3RvcmFnZQ==");
    const kept = readFileSync(path("secrets.json"), "utf8");
    const token = `${ANA}/access-token`;
    const key = `${ANA}/storage-key`;

    tamper(({ entries }) => Object.assign(entries[token]!, { data: Buffer.from("other").toString("base64") }));
    await expect(secrets.get(ANA, "access-token")).rejects.toMatchObject({ code: "data-folder" });
    writeFileSync(path("secrets.json"), kept);
    tamper(({ entries }) => Object.assign(entries, { [token]: entries[key], [key]: entries[token] }));
    await expect(secrets.get(ANA, "access-token")).rejects.toMatchObject({ code: "data-folder" });
    writeFileSync(path("secrets.json"), kept);
    tamper(({ entries }) => delete entries[token]);
    await expect(secrets.get(ANA, "access-token")).rejects.toMatchObject({ code: "data-folder" });
    rmSync(path("secrets.json"));
    await expect(openFile("correct horse").get(ANA, "access-token")).rejects.toMatchObject({ code: "data-folder" });
  });

  it("is not overwritten where it cannot be understood", async () => {
    writeFileSync(path("secrets.json"), "not JSON");
    await expect(openFile("correct horse").set(ANA, "access-token", TOKEN)).rejects.toMatchObject({
      code: "data-folder",
    });
    expect(readFileSync(path("secrets.json"), "utf8")).toBe("not JSON");
  });

  it("needs a passphrase", () => {
    expect(() => openFile("")).toThrow(expect.objectContaining({ code: "passphrase-missing" }));
  });
});

describe("the plain file", () => {
  it("gives back what was stored, is named for what it is, and is for the user alone", async () => {
    await openPlain().set(ANA, "access-token", TOKEN);
    expect(await openPlain().get(ANA, "access-token")).toBe(TOKEN);
    expect(await openPlain().get(ANA, "storage-key")).toBeNull();
    expect(statSync(path("secrets-not-encrypted.json")).mode & 0o777).toBe(0o600);
    await openPlain().delete(ANA, "access-token");
    expect(readFileSync(path("secrets-not-encrypted.json"), "utf8")).not.toContain(TOKEN);
  });

  it("never looks empty where a stored secret is missing", async () => {
    await openPlain().set(ANA, "access-token", TOKEN);
    rmSync(path("secrets-not-encrypted.json"));
    await expect(openPlain().get(ANA, "access-token")).rejects.toMatchObject({ code: "data-folder" });
    await openPlain().delete(ANA, "access-token");
    expect(await openPlain().get(ANA, "access-token")).toBeNull();
  });
});

describe("writing a private file", () => {
  it("replaces it in one step, whatever a crash has left", () => {
    writePrivateFile(path("file"), "old");
    writeFileSync(path("file.new"), "torn", { mode: 0o644 });
    writePrivateFile(path("file"), "new");
    expect(readFileSync(path("file"), "utf8")).toBe("new");
    expect(statSync(path("file")).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(["file"]);
  });

  it("says what is wrong where it cannot", () => {
    expect(() => writePrivateFile(join(folder.path, "missing", "file"), "x")).toThrow(
      expect.objectContaining({ code: "data-folder" }),
    );
  });
});

describe("the choice of a place", () => {
  it("is the keychain unless the user says otherwise, and is remembered", () => {
    expect(rememberedSecrets(folder)).toBeNull();
    expect(chooseSecrets(folder, undefined)).toBe("keychain");
    expect(chooseSecrets(folder, "plain-file")).toBe("plain-file");
    expect(chooseSecrets(folder, undefined)).toBe("plain-file");
    expect(existsSync(path("secrets-not-encrypted.json"))).toBe(false);
  });

  it("cannot change while secrets are stored, and can after they are deleted", async () => {
    chooseSecrets(folder, "plain-file");
    await openPlain().set(ANA, "access-token", TOKEN);
    expect(() => chooseSecrets(folder, "keychain")).toThrow(/already/);
    await openPlain().delete(ANA, "access-token");
    expect(chooseSecrets(folder, "keychain")).toBe("keychain");
  });

  it("remembers for whom it keeps anything, until the last of it is deleted", async () => {
    chooseSecrets(folder, "plain-file");
    const secrets = openSecrets({ kind: "plain-file", folder });
    for (const name of ["access-token", "storage-key"] as const) await secrets.set(ANA, name, TOKEN);
    await secrets.delete(ANA, "access-token");
    expect(secrets.accounts()).toEqual([ANA]);
    await secrets.delete(ANA, "storage-key");
    expect(secrets.accounts()).toEqual([]);
  });

  it("is refused where there is no such place, or what was chosen cannot be read", () => {
    expect(() => chooseSecrets(folder, "paper")).toThrow(/keychain, passphrase, plain-file/);
    writeFileSync(path("secrets-kind.json"), "{}");
    expect(() => chooseSecrets(folder, undefined)).toThrow(expect.objectContaining({ code: "data-folder" }));
  });
});
