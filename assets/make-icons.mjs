// Makes the PNGs from the SVGs, with an installed Chromium: node assets/make-icons.mjs [path of Chromium]
// The results are committed, so that building Ferry needs no browser.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const here = import.meta.dirname;
const executablePath = process.argv[2] ?? process.env.FERRY_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
const page = await browser.newPage();

async function draw(svg, size, file) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px }</style>${svg}`);
  await writeFile(join(here, file), await page.screenshot({ omitBackground: true }));
}

for (const name of await readdir(join(here, "tray"))) {
  if (!name.endsWith(".svg")) continue;
  const state = name.slice(0, -".svg".length);
  const svg = await readFile(join(here, "tray", name), "utf8");
  const black = svg.replaceAll(/#[0-9a-f]{6}/g, "#000000");
  // 16 points are what a menu bar of macOS has room for; other trays scale down from more.
  for (const [suffix, drawing, size] of [
    [".png", svg, 24],
    ["@2x.png", svg, 48],
    ["Template.png", black, 16],
    ["Template@2x.png", black, 32],
  ]) {
    await draw(drawing, size, join("tray", state + suffix));
  }
}
await draw(await readFile(join(here, "icon.svg"), "utf8"), 1024, "icon.png");
await browser.close();
