// Makes the explorables of a page of the book live. Each loads its own file, and no other.

import { complain, mount, readState, writeState } from "./kit.js";

const asked = () => location.hash.slice(1);
const askedName = () => new URLSearchParams(asked()).get("explorable");
const roots = [...document.querySelectorAll("[data-explorable]")];
const address = (spec, state) => `${location.href.split("#")[0]}#${writeState(spec, state)}`;

async function open(root) {
  const name = root.dataset.explorable;
  let kind;
  let spec;
  try {
    spec = JSON.parse(root.dataset.spec);
    ({ kind } = await import(`./${name.replaceAll("-", "_")}.js`));
  } catch (error) {
    complain(root, `The explorable "${name}" cannot be shown: ${error.message}. The table says what it would.`);
    return;
  }
  let timer;
  const mounted = mount(root, kind, spec, {
    state: spec.state,
    address: (state) => address(spec, state),
    // Browsers allow only some changes of the address a second.
    onState: (state) => {
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState(history.state, "", address(spec, state)), 250);
    },
  });
  const follow = () => {
    if (askedName() !== name) return;
    const { state, problems } = readState(spec, spec.state, asked());
    mounted.set(state);
    complain(root, problems.length ? `In the address, ${problems.join("; ")}. The first value stands instead.` : "");
    root.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();
}

await Promise.all(roots.map(open));
if (askedName() !== null && !roots.some((root) => root.dataset.explorable === askedName())) {
  complain(roots[0], `The address asks for the explorable "${askedName()}". This page has ${roots.map((root) => root.dataset.explorable).join(", ")}.`);
}
