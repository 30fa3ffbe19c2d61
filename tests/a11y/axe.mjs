// Runs axe-core over HTML pages in headless Chromium, on a wide and on a narrow screen, light and dark.
// Usage: node axe.mjs PAGE... ; exits with 1 if a page has a violation, or scrolls sideways on a narrow screen.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROMIUM ?? browsers.find((path) => {
  try {
    return readFileSync(path, { flag: "r" }).length > 0;
  } catch {
    return false;
  }
});
const browser = await puppeteer.launch({ executablePath, headless: true, args: ["--no-sandbox"] });
let faults = 0;
for (const path of process.argv.slice(2)) {
  for (const [name, width, scheme] of [["wide", 1280, "light"], ["wide", 1280, "dark"], ["narrow", 360, "light"]]) {
    const page = await browser.newPage();
    // The policy of the page forbids scripts, and axe is one. It comes in beside the page.
    await page.setBypassCSP(true);
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(`file://${resolve(path)}`);
    // Closed evidence is part of the page, too.
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => window.axe.run());
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (passes.length === 0) throw new Error(`axe looked at nothing in ${path}`);
    for (const { id, impact, help, nodes } of violations) {
      faults += 1;
      console.error(`${path} (${name}, ${scheme}): ${impact} ${id}: ${help}, ${nodes.length} times`);
      nodes.slice(0, 3).forEach((node) => console.error(`  ${node.html.slice(0, 160)}\n  ${node.failureSummary}`));
    }
    if (sideways > 0) {
      faults += 1;
      console.error(`${path} (${name}): the page scrolls sideways by ${sideways} pixels`);
    }
    console.log(`${path} (${name}, ${scheme}): ${passes.length} rules passed, ${violations.length} violated`);
    await page.close();
  }
}
await browser.close();
process.exit(faults > 0 ? 1 : 0);
