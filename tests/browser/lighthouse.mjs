// Lighthouse on several pages, in one Chromium: node … '{"chrome": …, "flags": …, "runs": …}'.
// Each run is {url, preset, categories}; each result is one line of JSON on stdout.
import * as chromeLauncher from "chrome-launcher";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";

const { chrome: chromePath, flags: chromeFlags, runs } = JSON.parse(process.argv[1]);
const quick = { pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 100, cpuQuietThresholdMs: 0, disableFullPageScreenshot: true };
const chrome = await chromeLauncher.launch({ chromePath, chromeFlags });
try {
  for (const { url, preset, categories: onlyCategories } of runs) {
    const options = { port: chrome.port, onlyCategories, logLevel: "error", ...quick };
    const { lhr } = await lighthouse(url, options, preset === "desktop" ? desktop : undefined);
    const failed = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 1);
    console.log(JSON.stringify({
      url,
      preset,
      error: lhr.runtimeError?.message ?? null,
      scores: Object.fromEntries(
        Object.entries(lhr.categories).map(([name, { score }]) => [name, score * 100])),
      failed: Object.fromEntries(failed.map(({ id, title }) => [id, title])),
      measured: Object.fromEntries(
        Object.values(lhr.audits)
          .filter(({ numericValue }) => numericValue !== undefined)
          .map(({ id, numericValue }) => [id, numericValue])),
    }));
  }
} finally {
  chrome.kill();
}
