// Opens pages in Firefox, and says as JSON what is wrong with each of them, and what its figures spell
// (sums.js):
//
//     node firefox.mjs FIREFOX MODULES SITE PAGE...
//
// MODULES is the folder in which puppeteer-core is installed, SITE the address of the website.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [executablePath, modules, site, ...names] = process.argv.slice(2);
const puppeteer = createRequire(`${modules}/`)("puppeteer-core");
const look = readFileSync(new URL("inspect.js", import.meta.url), "utf-8");
const sums = readFileSync(new URL("sums.js", import.meta.url), "utf-8");
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

// What a page asks for outside, says, throws and looks like, on a desk and on a phone; what it spells.
async function report(page, name) {
  const found = [];
  const told = (message) => message.type() === "error" && found.push(`console: ${message.text()}`);
  const failed = (error) => found.push(`script: ${error.message}`);
  const asked = (request) => {
    const url = request.url();
    if (!url.startsWith(site) && !/^(data|blob):/.test(url)) found.push(`asks for ${url}`);
  };
  const listeners = { console: told, pageerror: failed, request: asked };
  for (const [event, listener] of Object.entries(listeners)) page.on(event, listener);
  await page.setViewport(DESK);
  await page.goto(`${site}/${name}.html`, { waitUntil: "load", timeout: 120_000 });
  await page.evaluate("window.MathJax?.startup?.promise.then(() => null)");
  await page.evaluate(look);
  found.push(...(await page.evaluate("look.faults()")).map((fault) => `desk: ${fault}`));
  await page.evaluate("look.unfold()");
  await page.setViewport(PHONE);
  found.push(...(await page.evaluate("look.faults()")).map((fault) => `phone: ${fault}`));
  if (await page.$(".ed")) {
    const said = await answer(page);
    if (!said.startsWith("✗")) found.push(`editor: ${said}`);
  }
  await page.evaluate(sums);
  const figures = await page.evaluate("window.sums()");
  for (const [event, listener] of Object.entries(listeners)) page.off(event, listener);
  return { faults: found, figures };
}

// What the first editor of a page says of the lines that stand in it: they are not yet right.
async function answer(page) {
  await page.$eval(".ed-run", (button) => button.click());
  try {
    const head = await page.waitForSelector(".ed-head", { timeout: 60_000 });
    return await head.evaluate((element) => element.textContent);
  } catch (error) {
    return error.message;
  }
}

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  // Nothing answers there: what a page asks for outside does not come.
  extraPrefsFirefox: {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
  },
});
try {
  const page = await browser.newPage();
  const reports = {};
  for (const name of names) reports[name] = await report(page, name);
  console.log(JSON.stringify(reports));
} finally {
  await browser.close();
}
