import { builtinModules } from "node:module";
import { defineConfig } from "vite";

/**
 * Bundles main: the `ferry` command for Node 22 and later, and with `--mode desktop` Electron's main process. Apart from
 * each other, so that what is packaged is all of the one and nothing of the other.
 */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  build: {
    ssr: true,
    target: "node22",
    outDir: mode === "desktop" ? "../dist/desktop" : "../dist/main",
    emptyOutDir: true,
    sourcemap: false,
    minify: false,
    rolldownOptions: {
      input: mode === "desktop" ? { electron: "main/electron.ts" } : { cli: "main/cli.ts" },
      // Loaded from node_modules at run time: native, found only where it is installed, or too large to bundle.
      external: [...builtinModules, /^node:/, "electron", "keytar", "playwright-core"],
      output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "[name].js" },
    },
  },
  ssr: { noExternal: true, external: ["electron", "keytar", "playwright-core"] },
}));
