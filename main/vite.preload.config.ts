import { defineConfig } from "vite";

/** Bundles the preload script: a sandboxed one must be a single CommonJS file. Runs after the desktop's build, into its folder. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    ssr: true,
    target: "chrome130",
    outDir: "../dist/desktop",
    emptyOutDir: false,
    sourcemap: false,
    minify: false,
    rolldownOptions: {
      input: { preload: "main/desktop/preload.ts" },
      external: ["electron"],
      output: { format: "cjs", entryFileNames: "[name].cjs" },
    },
  },
  ssr: { noExternal: true, external: ["electron"] },
});
