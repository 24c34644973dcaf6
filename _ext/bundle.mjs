// Join, trim and minify what the pages load. Run by assets.py with the path of a plan (JSON).

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const load = createRequire(join(plan.npm, "package.json"));
const esbuild = load("esbuild");
const { PurgeCSS } = load("purgecss");

function put(name, contents) {
  const path = join(plan.static, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}

// Scripts. The theme would store where the sidebar stood; this book stores nothing but the choice of
// light or dark. And what the theme logs helps no reader.
const scriptOptions = {
  banner: "var noStorage={getItem:()=>null,setItem(){}};",
  define: { sessionStorage: "noStorage" },
  pure: ["console.log", "console.debug", "console.info"],
  minify: true,
  legalComments: "none",
};
for (const { name, parts } of plan.scripts) {
  const text = parts.map((part) => part.body ?? readFileSync(part.file, "utf8")).join("\n;");
  put(name, (await esbuild.transform(text, scriptOptions)).code);
}

// Explorables: one classic script for each set that a page shows, since a module cannot be loaded
// from a file:// address.
for (const { name, kinds } of plan.explorables) {
  const lines = kinds.map((kind, i) => `import { kind as k${i} } from "./${kind.replaceAll("-", "_")}.js";`);
  const list = kinds.map((kind, i) => `"${kind}": k${i}`);
  const contents = `import { start } from "./page.js";\n${lines.join("\n")}\nstart({ ${list.join(", ")} });`;
  const stdin = { contents, resolveDir: plan.source };
  await esbuild.build({ stdin, bundle: true, minify: true, format: "iife", outfile: join(plan.static, name) });
}

// Styles: join them, then drop the rules for what is on no page and in no script.
const { outputFiles } = await esbuild.build({
  stdin: { contents: plan.styles.map((file) => `@import ${JSON.stringify(file)};`).join("\n"), loader: "css", resolveDir: plan.static },
  bundle: true,
  write: false,
  minify: true,
  legalComments: "none",
  outdir: plan.static,
  nodePaths: [join(plan.npm, "node_modules")],
  assetNames: "fonts/[name]",
  loader: { ".woff2": "file", ".svg": "dataurl", ".png": "dataurl", ".ttf": "empty", ".woff": "empty" },
});
const css = outputFiles.find(({ path }) => path.endsWith(".css")).text;
const [{ css: used }] = await new PurgeCSS().purge({
  content: [...plan.pages, ...plan.scripts.map(({ name }) => join(plan.static, name)), ...plan.explorables.map(({ name }) => join(plan.static, name))],
  css: [{ raw: css }],
  keyframes: true,
  variables: true,
  safelist: { greedy: [/xent-/], variables: [/^--xent-/] }, // scripts put these names together
});
put("book.css", used);
for (const { path, contents } of outputFiles) {
  if (!path.endsWith(".css") && used.includes(basename(path))) put(join("fonts", basename(path)), contents);
}
