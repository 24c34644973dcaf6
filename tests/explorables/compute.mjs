// The numbers and the Python of many states, by the scripts of the page; infinity and nan as text.

import { readFileSync } from "node:fs";

const [folder] = process.argv.slice(2);
const { number, python, readState, writeState } = await import(`${folder}/kit.js`);
const text = (_, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
const answers = {};
for (const [name, { spec, states }] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  const { kind } = await import(`${folder}/${name.replaceAll("-", "_")}.js`);
  answers[name] = states.map((state) => {
    const numbers = kind.compute(state);
    return {
      numbers,
      shown: Object.fromEntries(spec.numbers.map((each) => [each.name, number(numbers[each.name], each.whole)])),
      code: python(spec, state),
      again: readState(spec, {}, writeState(spec, state)),
    };
  });
}
process.stdout.write(JSON.stringify(answers, text));
