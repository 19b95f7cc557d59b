import { builtinModules } from "node:module";
import { defineConfig } from "vite";

/** Bundles main: one file an entry, for Node 22 and later and for Electron's main process. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    ssr: true,
    target: "node22",
    outDir: "../dist/main",
    emptyOutDir: true,
    sourcemap: false,
    minify: false,
    rolldownOptions: {
      input: {
        cli: "main/cli.ts",
        electron: "main/electron.ts",
      },
      // Loaded from node_modules at run time: native, found only where it is installed, or too large to bundle.
      external: [...builtinModules, /^node:/, "electron", "keytar", "playwright-core"],
      output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "[name].js" },
    },
  },
  ssr: { noExternal: true, external: ["electron", "keytar", "playwright-core"] },
});
