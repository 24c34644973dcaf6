// The frame around every explorable: controls -> state -> compute() -> numbers and picture.

import { chart } from "./chart.js";

// A number as it is displayed: four digits, a true minus sign; or a whole number.
export function number(x, whole = false) {
  if (Number.isNaN(x)) return "nan";
  if (x === 0) return "0";
  const size = Math.abs(x);
  let text = "∞";
  if (whole && size < Infinity) text = String(size);
  else if (size < Infinity) {
    const [digits, power] = size.toExponential(3).split("e").map(Number);
    if (power > -4 && power < 4) text = size.toFixed(3 - power);
    else if (power >= 4 && power < 6) text = size.toFixed(0);
    else text = `${digits.toFixed(3)}e${power}`;
  }
  return x < 0 ? `−${text}` : text;
}

// The value of a control as it is displayed.
export function setting(control, value) {
  if (control.type === "Choice") return control.labels[control.values.indexOf(value)];
  const text = number(value);
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

// Python that gives the number `codeGives`. A name in braces stands for the value of that control.
export const python = (spec, state) => spec.code.replace(/\{(\w+)\}/g, (_, name) => String(state[name]));

// Read one value, which is text in an address. Throws what is wrong with it.
export function check(control, given) {
  const { name, type, low, high, step, values } = control;
  if (type !== "Slider") {
    const found = values.find((value) => String(value) === given);
    if (found !== undefined) return found;
    throw new RangeError(`${name} must be one of ${values.join(", ")}; got ${given}`);
  }
  const value = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : NaN;
  if (!(value >= low && value <= high)) throw new RangeError(`${name} must lie between ${low} and ${high}, got ${given}`);
  if (Number.isInteger(step) && !Number.isInteger(value)) throw new RangeError(`${name} must be a whole number, got ${given}`);
  return value;
}

// The whole state that a text like "p=0.5" asks for, and what is wrong with the text.
export function readState(spec, first, text) {
  const state = { ...first };
  const problems = [];
  const seen = new Set();
  for (const [name, value] of new URLSearchParams(text)) {
    if (name === "explorable") continue;
    const control = spec.controls.find((each) => each.name === name);
    try {
      if (!control) throw new RangeError(`there is no control ${name.slice(0, 40)}; there is ${spec.controls.map((each) => each.name).join(", ")}`);
      if (seen.has(name)) throw new RangeError(`${name} is given twice`);
      seen.add(name);
      state[name] = check(control, value.length > 40 ? `${value.slice(0, 40)}…` : value);
    } catch (error) { problems.push(error.message); }
  }
  return { state, problems };
}

export const writeState = (spec, state) =>
  new URLSearchParams({ explorable: spec.name, ...state }).toString();

function element(parent, name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(text);
  parent?.append(made);
  return made;
}

// Say in the place of an explorable, or above it, what is wrong.
export function complain(root, text) {
  let told = root.querySelector(".xent-problem");
  if (!told && !text) return;
  told ??= element(null, "p", { class: "xent-problem", role: "alert" });
  told.textContent = text;
  told.hidden = !text;
  if (root.firstChild !== told) root.prepend(told);
}

let count = 0; // keeps the ids of several explorables on one page apart

// Build an explorable inside root. The host hears of every new state through onState.
export function mount(root, kind, spec, { state: first, onState = () => {}, address = null }) {
  const id = `xent-${spec.name}-${(count += 1)}`;
  let state = { ...first };
  const timers = {};
  const later = (name, wait, work) => { clearTimeout(timers[name]); timers[name] = setTimeout(work, wait); };

  root.classList.add("xent-explorable");
  const live = element(root, "div", { class: "xent-live", role: "group", "aria-labelledby": id });
  // Else JupyterLab, and themes with shortcuts, take the keys that move a slider.
  live.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); });
  element(live, "p", { id, class: "xent-title" }, spec.title);
  const tip = element(live, "p", { class: "xent-try" });
  element(tip, "strong", {}, "Try this. ");
  tip.append(spec.tryThis);

  const presets = element(live, "div", { class: "xent-buttons" });
  const start = Object.fromEntries(spec.controls.map((control) => [control.name, control.start]));
  for (const [label, preset] of Object.entries(spec.presets)) {
    button(presets, label, () => move({ ...start, ...preset }));
  }
  // Above the picture, so that a hand on a phone does not cover what it moves.
  const controls = element(live, "div", { class: "xent-controls" });
  const follow = spec.controls.map((control) => input(controls, control));
  const stage = element(live, "div", { class: "xent-stage" });
  const numbers = element(live, "dl", { class: "xent-numbers" });
  const outputs = spec.numbers.map(({ name, label, unit, whole }) => {
    const row = element(numbers, "div");
    element(row, "dt", { id: `${id}-${name}` }, label);
    const dd = element(row, "dd");
    const output = element(dd, "output", { "aria-live": "off", "aria-labelledby": `${id}-${name}`, "data-number": name });
    dd.append(unit && ` ${unit}`);
    return { name, label, unit, whole, output };
  });

  const actions = element(live, "div", { class: "xent-buttons" });
  button(actions, "Reset", () => move(first));
  if (address) button(actions, "Copy link", () => copy("link", address(state)));
  button(actions, "Copy as Python", () => copy("Python", python(spec, state)));
  const told = element(actions, "span", { role: "status" });
  const code = element(live, "pre", { class: "xent-code", role: "group", tabindex: "0", "aria-label": "Text to copy" });
  code.hidden = true;
  const status = element(live, "p", { class: "xent-hidden", role: "status" });

  const draw = kind.draw({
    chart: (options) => chart(stage, options),
    element: (name, attributes, text) => element(stage, name, attributes, text),
    button: (label, work) => button(stage, label, work),
    // From a drag, which may lead anywhere: to the nearest value that the control has.
    drag: (changes) => move({ ...state, ...Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, nearest(name, value)])) }),
    move: (changes) => move({ ...state, ...changes }),
    state: () => state,
    calm: matchMedia("(prefers-reduced-motion: reduce)"),
  });

  function button(parent, label, work) {
    const made = element(parent, "button", { type: "button" }, label);
    made.addEventListener("click", work);
    return made;
  }

  function nearest(name, value) {
    const { type, low, high, step, values } = spec.controls.find((control) => control.name === name);
    if (type !== "Slider") return values.reduce((best, each) => (Math.abs(each - value) < Math.abs(best - value) ? each : best));
    const steps = Math.round((Math.max(low, Math.min(high, value)) - low) / step);
    return Number((low + steps * step).toPrecision(12));
  }

  // One control. Returns the function that makes it follow the state.
  function input(parent, control) {
    const { name, label, type, low, high, step, values, labels } = control;
    const row = element(parent, "div", { class: "xent-control" });
    element(row, "label", { for: `${id}-in-${name}` }, label);
    if (type === "Choice") {
      const select = element(row, "select", { id: `${id}-in-${name}`, "data-control": name });
      labels.forEach((text, i) => element(select, "option", { value: i }, text));
      select.addEventListener("change", () => move({ ...state, [name]: values[select.value] }));
      return () => { select.value = values.indexOf(state[name]); };
    }
    const bounds = type === "Stops" ? { min: 0, max: values.length - 1, step: 1 } : { min: low, max: high, step };
    const range = element(row, "input", { type: "range", id: `${id}-in-${name}`, "data-control": name, ...bounds });
    const shown = element(row, "output", { "aria-hidden": "true" });
    range.addEventListener("input", () => move({ ...state, [name]: type === "Stops" ? values[range.value] : Number(range.value) }));
    return () => {
      range.value = type === "Stops" ? values.indexOf(state[name]) : state[name];
      shown.textContent = setting(control, state[name]);
      range.setAttribute("aria-valuetext", shown.textContent);
    };
  }

  function update() {
    const found = kind.compute(state);
    for (const follows of follow) follows();
    for (const { name, whole, output } of outputs) output.textContent = number(found[name], whole);
    if (!code.hidden) code.textContent = python(spec, state);
    draw(state, found);
  }

  function move(next) {
    state = { ...next };
    complain(root, "");
    told.textContent = "";
    update();
    onState(state);
    later("status", 700, () => {
      status.textContent = outputs.map(({ label, unit, output }) => `${label}: ${output.textContent} ${unit}`).join("; ");
    });
  }

  async function copy(what, text) {
    told.textContent = ""; // so that the same words are news again
    code.hidden = what !== "Python" && code.hidden;
    code.tabIndex = 0; // a theme may have taken it away while there was nothing to scroll
    code.textContent = python(spec, state);
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = `Copied: ${what}`;
    } catch { // the browser forbids it: then the reader can
      code.hidden = false;
      code.textContent = text;
      getSelection().selectAllChildren(code);
      told.textContent = `Selected for you to copy: ${what}`;
    }
  }

  update();
  root.classList.add("xent-is-live"); // which hides the table: not before all of it works
  return {
    set: (next) => { state = { ...state, ...next }; update(); },
    stop: () => Object.values(timers).forEach(clearTimeout),
  };
}
