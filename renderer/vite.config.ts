import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Bundles the two pages, each into a folder of its own, because each is served on an origin of its own. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [svelte()],
  build: {
    target: "chrome130",
    outDir: "../dist/renderer",
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { engine: "renderer/engine/index.html", settings: "renderer/settings/index.html" },
    },
  },
});
