// A browser that obeys lines of JSON: one command a line on the input, one answer a line on the output.
// The tests in Rust hold the other end (tests/src/browser.rs); a failed command answers {"failed": "why"}.
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: process.env.CARNET_CHROMIUM ?? "/usr/bin/chromium",
  // Run as root in containers, where Chromium's own sandbox cannot be made.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
let context, page, complaints, asked;

const commands = {
  // A fresh profile with one page of this size and scheme.
  async open({ width, height, scheme, scripts = true }) {
    await context?.close();
    context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: "reduce",
      locale: "en-GB",
      timezoneId: "UTC",
      javaScriptEnabled: scripts,
    });
    page = await context.newPage();
    complaints = [];
    asked = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
    page.on("request", (request) => asked.push(request.url()));
  },
  // Goes there, and says how long it took until `readable` could be seen.
  async go({ url, readable }) {
    const begun = performance.now();
    await page.goto(url, { waitUntil: "commit" });
    if (readable) await page.locator(readable).first().waitFor();
    return performance.now() - begun;
  },
  // Answers for an address of the network, as its server would.
  async answer({ url, status, headers, body }) {
    await context.route(url, (route) => route.fulfill({ status, headers, body }));
  },
  async reload() {
    await page.reload({ waitUntil: "commit" });
  },
  async wait({ selector, milliseconds = 15000 }) {
    await page.locator(selector).first().waitFor({ timeout: milliseconds });
  },
  async click({ selector }) {
    await page.locator(selector).first().click({ timeout: 10000 });
  },
  async fill({ selector, value }) {
    await page.locator(selector).first().fill(value, { timeout: 10000 });
  },
  async press({ key }) {
    await page.keyboard.press(key);
  },
  async text({ selector }) {
    return await page.locator(selector).first().innerText({ timeout: 10000 });
  },
  async count({ selector }) {
    return await page.locator(selector).count();
  },
  async evaluate({ expression }) {
    return await page.evaluate(expression);
  },
  async picture({ path, whole }) {
    // Away from what was clicked last, or it would be drawn as touched.
    await page.mouse.move(0, 0);
    await page.screenshot({ path, fullPage: whole });
  },
  async print({ path }) {
    await page.pdf({ path, format: "A4", preferCSSPageSize: true });
  },
  // What the page complained about, and every address it asked, since it was opened.
  async report() {
    return { complaints, asked };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...parameters } = JSON.parse(line);
  let answer;
  try {
    answer = { done: (await commands[command](parameters)) ?? null };
  } catch (error) {
    answer = { failed: `${command} ${JSON.stringify(parameters)}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
