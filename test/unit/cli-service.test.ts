import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ended } from "../../main/host/systemd.ts";
import { codeOf, parse, setUpCli, world, type World } from "../support/cli-world.ts";

const { folder, ferry, running } = setUpCli();

/** A systemd that does what it is asked, and notes it. */
function systemd(answers: Record<string, Ended> = {}): { surroundings: World; calls: string[]; file: string } {
  const calls: string[] = [];
  const file = join(folder(), "config", "systemd", "user", "ferry.service");
  const surroundings = world({
    serviceFile: file,
    callSystemd: async (program, words) => {
      calls.push([program, ...words].join(" "));
      return answers[words[1] ?? ""] ?? { status: words[1] === "is-active" ? 3 : 0, output: "" };
    },
  });
  return { surroundings, calls, file };
}

const install = ["service", "install", "--secrets", "plain-file"];

describe("ferry service install", () => {
  it("writes the unit, starts it, and says what to do next", async () => {
    const { surroundings, calls, file } = systemd();
    const { status, out } = await ferry(install, surroundings);
    expect(status).toBe(0);
    expect(out).toContain("Ferry runs as a service");
    expect(out).toContain("loginctl enable-linger");
    const unit = readFileSync(file, "utf8");
    expect(unit).toContain(
      `ExecStart="/usr/bin/node" "/opt/ferry/main/bin/ferry.mjs" "run" "--data" "${folder()}" "--secrets" "plain-file"`,
    );
    expect(unit).not.toContain("LoadCredential");
    expect(calls).toEqual([
      "systemctl --user show --property=Version",
      "systemctl --user daemon-reload",
      "systemctl --user enable ferry.service",
      "systemctl --user restart ferry.service",
    ]);
  });

  it("changes its own unit where it runs already", async () => {
    const first = systemd();
    await ferry(install, first.surroundings);
    await running();
    const second = systemd({ "is-active": { status: 0, output: "active" } });
    const { status } = await ferry([...install, "--json"], second.surroundings);
    expect(status).toBe(0);
    expect(second.calls.at(-1)).toBe("systemctl --user restart ferry.service");
  });

  it("hands over the passphrase as a credential, which no process list or environment shows", async () => {
    const { surroundings, file } = systemd();
    const words = ["service", "install", "--secrets", "passphrase"];
    expect(codeOf(await ferry([...words, "--json"], surroundings))).toBe("passphrase-missing");
    expect(existsSync(file)).toBe(false);
    const again = systemd();
    expect((await ferry([...words, "--passphrase-file", "/run/keys/ferry 100%"], again.surroundings)).status).toBe(0);
    const unit = readFileSync(file, "utf8");
    expect(unit).toContain("LoadCredential=ferry-passphrase:/run/keys/ferry 100%%\n");
    expect(unit).toContain("Environment=FERRY_PASSPHRASE_FILE=%d/ferry-passphrase\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("does nothing where Ferry runs otherwise", async () => {
    await running();
    const { surroundings, calls, file } = systemd();
    expect(codeOf(await ferry([...install, "--json"], surroundings))).toBe("already-running");
    expect(existsSync(file)).toBe(false);
    expect(calls).toEqual(["systemctl --user show --property=Version"]);
  });

  it("leaves a unit of somebody else's as it is", async () => {
    const { surroundings, file } = systemd();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "[Service]\nExecStart=/usr/bin/true\n");
    for (const words of [install, ["service", "remove"]]) {
      surroundings.error.length = 0;
      expect(codeOf(await ferry([...words, "--json"], surroundings))).toBe("bad-request");
    }
    expect(readFileSync(file, "utf8")).toContain("/usr/bin/true");
  });

  it("says so where there is no systemd, or it refuses", async () => {
    const none = await ferry(install, world());
    expect(none.status).toBe(1);
    expect(none.error).toContain("there is no systemctl here");
    expect(none.error).toContain("ferry run");
    const refusing = systemd({ enable: { status: 1, output: "Failed to enable unit\nand more" } });
    const refused = await ferry(install, refusing.surroundings);
    expect(refused.error).toContain("Failed to enable unit.");
    refusing.surroundings.error.length = 0;
    expect(codeOf(await ferry([...install, "--json"], refusing.surroundings))).toBe("no-systemd");
  });
});

it("ferry service remove ends it and takes the unit away, once", async () => {
  const { surroundings, calls, file } = systemd();
  await ferry(install, surroundings);
  calls.length = 0;
  expect((await ferry(["service", "remove"], surroundings)).out).toContain("no service any more");
  expect(existsSync(file)).toBe(false);
  expect(calls).toEqual(["systemctl --user disable --now ferry.service", "systemctl --user daemon-reload"]);
  expect((await ferry(["service", "remove"], systemd().surroundings)).status).toBe(0);
});

describe("ferry service status", () => {
  const shown = "ActiveState=active\nSubState=running\nUnitFileState=enabled\nNRestarts=2";

  it("says what systemd knows", async () => {
    const { surroundings } = systemd({ show: { status: 0, output: shown } });
    await ferry(install, surroundings);
    surroundings.out.length = 0;
    const { out } = await ferry(["service", "status"], surroundings);
    expect(out).toBe(
      "The service runs.\nIt starts when you log in to this computer.\nIt has been started again 2 times.",
    );
    surroundings.out.length = 0;
    const { out: json } = await ferry(["service", "status", "--json"], surroundings);
    expect(parse(json)).toMatchObject({ installed: true, active: "active", enabled: true, restarts: 2 });
  });

  it("says so where there is none, or it has ended", async () => {
    const { surroundings } = systemd({ show: { status: 0, output: "ActiveState=inactive\nUnitFileState=" } });
    expect((await ferry(["service", "status"], surroundings)).out).toContain("ferry service install");
    await ferry(install, surroundings);
    surroundings.out.length = 0;
    const { out } = await ferry(["service", "status"], surroundings);
    expect(out).toBe("The service does not run (inactive).\nIt does not start by itself.");
  });
});
