// Lighthouse on many pages, in one Chromium. Says one line of JSON for each.
import * as launcher from "chrome-launcher";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";

const asked = JSON.parse(process.argv.at(-1));
const chrome = await launcher.launch({ chromePath: asked.chromium, chromeFlags: asked.flags });
const hasty = {
  cpuQuietThresholdMs: 0,
  networkQuietThresholdMs: 100,
  pauseAfterFcpMs: 0,
  pauseAfterLoadMs: 0,
  disableFullPageScreenshot: true,
};
const options = {
  port: chrome.port,
  onlyCategories: asked.categories,
  logLevel: "error",
  ...(asked.patient ? {} : hasty),
};
try {
  for (const [url, preset] of asked.runs) {
    const config = preset === "desktop" ? desktop : undefined;
    const { categories, audits, runtimeError } = (await lighthouse(url, options, config)).lhr;
    const pick = (table, choose) => Object.fromEntries(
      Object.values(table).map(choose).filter(([, value]) => value !== undefined));
    console.log(JSON.stringify({
      error: runtimeError?.message ?? null,
      scores: pick(categories, ({ id, score }) => [id, Math.round(score * 100)]),
      failed: pick(audits, ({ id, title, score }) => [
        id, score !== null && score < 1 ? title : undefined]),
      measured: pick(audits, ({ id, numericValue }) => [id, numericValue]),
    }));
  }
} finally {
  chrome.kill();
}
