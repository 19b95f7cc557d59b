// Makes the PNGs and ICOs from the SVGs, with an installed Chromium: node assets/make-icons.mjs [path of Chromium]
// The results are committed, so that building Ferry needs no browser.
import { Buffer } from "node:buffer";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** What Windows asks for in its notification area, from 100 % to 300 % scale. */
const ICO_SIZES = [16, 20, 24, 32, 40, 48];

/** The folders of the icon theme that every desktop of Linux looks into (Icon Theme Specification, "hicolor"). */
const THEME_SIZES = [16, 32, 48, 64, 128, 256, 512];

const here = import.meta.dirname;
const executablePath = process.argv[2] ?? process.env.FERRY_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
const page = await browser.newPage();

async function draw(svg, size, file) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px }</style>${svg}`);
  await writeFile(join(here, file), await page.screenshot({ omitBackground: true }));
}

/** The pixels of a drawing, four bytes each (red, green, blue, alpha), row by row from the top. */
async function pixels(svg, size) {
  const encoded = await page.evaluate(
    async ([text, side]) => {
      const { Image, document } = globalThis;
      const image = new Image(side, side);
      image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = side;
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, side, side);
      return Array.from(context.getImageData(0, 0, side, side).data);
    },
    [svg, size],
  );
  return Buffer.from(encoded);
}

/** An icon file of Windows: bitmaps, which every loader of it reads, from the bottom row up in blue, green, red, alpha. */
async function drawIco(svg, file) {
  const images = [];
  for (const size of ICO_SIZES) {
    const rgba = await pixels(svg, size);
    const header = Buffer.alloc(40);
    header.writeUInt32LE(40, 0);
    header.writeInt32LE(size, 4);
    header.writeInt32LE(size * 2, 8); // The mask counts as a second half, though alpha makes it superfluous.
    header.writeUInt16LE(1, 12);
    header.writeUInt16LE(32, 14);
    const bgra = Buffer.alloc(rgba.length);
    for (let at = 0; at < rgba.length; at += 4) {
      const column = (at / 4) % size;
      const row = size - 1 - Math.floor(at / 4 / size);
      const to = (row * size + column) * 4;
      bgra.set([rgba[at + 2], rgba[at + 1], rgba[at], rgba[at + 3]], to);
    }
    const mask = Buffer.alloc(Math.ceil(size / 32) * 4 * size);
    images.push({ size, data: Buffer.concat([header, bgra, mask]) });
  }
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { size, data }] of images.entries()) {
    const at = 6 + 16 * index;
    head.set([size, size], at);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(data.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += data.length;
  }
  await writeFile(join(here, file), Buffer.concat([head, ...images.map(({ data }) => data)]));
}

for (const name of await readdir(join(here, "tray"))) {
  if (!name.endsWith(".svg")) continue;
  const state = name.slice(0, -".svg".length);
  const svg = await readFile(join(here, "tray", name), "utf8");
  const black = svg.replaceAll(/#[0-9a-f]{6}/g, "#000000");
  // 16 points are what a menu bar of macOS has room for; the trays of Linux scale down from more.
  for (const [suffix, drawing, size] of [
    [".png", svg, 24],
    ["@2x.png", svg, 48],
    ["Template.png", black, 16],
    ["Template@2x.png", black, 32],
  ]) {
    await draw(drawing, size, join("tray", state + suffix));
  }
  await drawIco(svg, join("tray", `${state}.ico`));
}
const icon = await readFile(join(here, "icon.svg"), "utf8");
await draw(icon, 1024, "icon.png");
await mkdir(join(here, "icons"), { recursive: true });
for (const size of THEME_SIZES) await draw(icon, size, join("icons", `${size}x${size}.png`));
await browser.close();
