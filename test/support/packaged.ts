import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, Platform, type AfterPackContext } from "electron-builder";
import { LinuxTargetHelper } from "app-builder-lib/out/targets/LinuxTargetHelper.js";
import type { LinuxPackager } from "app-builder-lib/out/linuxPackager.js";

/** Packages Ferry as a release does, with a stand-in for Electron's runtime. */

export interface Packaged {
  /** The application's folder, as it is installed. */
  folder: string;
  /** The text of the .desktop file, and its base name. */
  desktopEntry: string;
  desktopFileName: string;
  /** The sizes in pixels of the pictures that are put into the icon theme. */
  iconSizes: number[];
  remove(): void;
}

/**
 * As much of a runtime as electron-builder looks at. The program holds what it finds the fuses by: a mark, the version
 * of what follows, its length, and a sign for each, all unlike what Ferry wants.
 *
 * @param wanted the fuses in their order
 */
function makeRuntime(folder: string, wanted: readonly boolean[]): void {
  mkdirSync(join(folder, "locales"), { recursive: true });
  mkdirSync(join(folder, "resources"));
  for (const locale of ["en-US", "de", "fr"]) writeFileSync(join(folder, "locales", `${locale}.pak`), "");
  for (const name of ["LICENSE", "LICENSES.chromium.html", "chrome-sandbox", "chrome_crashpad_handler"]) {
    writeFileSync(join(folder, name), "");
  }
  const wire = wanted.map((isOn) => (isOn ? "0" : "1")).join("");
  const program = `#!/bin/sh\n# dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001${String.fromCharCode(wanted.length)}${wire}\n`;
  writeFileSync(join(folder, "electron"), program);
  chmodSync(join(folder, "electron"), 0o755);
}

/** Builds `linux-unpacked` with electron-builder.yml as it is, but for the runtime and where the result goes. */
export async function packageFerry(top: string, wanted: readonly boolean[]): Promise<Packaged> {
  const output = mkdtempSync(join(tmpdir(), "ferry-packaged-"));
  const electronDist = join(output, "runtime");
  makeRuntime(electronDist, wanted);
  let desktopEntry = "";
  let desktopFileName = "";
  let iconSizes: number[] = [];
  await build({
    projectDir: top,
    targets: Platform.LINUX.createTarget("dir"),
    publish: "never",
    config: {
      electronDist,
      directories: { output },
      // What the packages for installing would have: they themselves need tools that are fetched.
      afterPack: async (context: AfterPackContext) => {
        const packager = context.packager as LinuxPackager;
        const helper = new LinuxTargetHelper(packager);
        desktopEntry = await helper.computeDesktopEntry(packager.platformSpecificBuildOptions);
        desktopFileName = helper.getDesktopFileName();
        iconSizes = (await helper.icons).map(({ size }) => size);
      },
    },
  });
  const remove = (): void => rmSync(output, { recursive: true, force: true });
  return { folder: join(output, "linux-unpacked"), desktopEntry, desktopFileName, iconSizes, remove };
}
