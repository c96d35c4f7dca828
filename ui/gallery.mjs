// Photographs what the component tests wrote with CARNET_GALLERY: every page at a phone's and a desk's size, light and
// dark. Needs playwright-core (tests/npm) and a Chromium:
//   CARNET_GALLERY=/tmp/gallery cargo test -p carnet-ui
//   node ui/gallery.mjs /tmp/gallery [a-part-of-a-name] [200]
// A last argument is the size of the text in per cent.
import { createRequire } from "node:module";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

const { chromium } = createRequire(resolve("tests/npm/x"))("playwright-core");
const [folder, part = "", text = "100"] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CARNET_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
const sizes = { phone: [390, 844], desk: [1280, 800], narrow: [320, 640] };
for (const file of readdirSync(folder).filter((name) => name.endsWith(".html") && name.includes(part))) {
  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const scheme of size === "narrow" ? ["light"] : ["light", "dark"]) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme, reducedMotion: "reduce" });
      await page.goto(`file://${resolve(folder, file)}`);
      if (text !== "100") await page.addStyleTag({ content: `html { font-size: ${text}%; }` });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log(`${file} at ${width} px is ${wide} px too wide`);
      await page.screenshot({ path: resolve(folder, `${file.replace(".html", "")}-${size}-${scheme}.png`), fullPage: true });
      await page.close();
    }
  }
}
await browser.close();
