// Makes the explorables of a page of the book live, of the kinds that its script holds.

import { complain, mount, readState, writeState } from "./kit.js";

const asked = () => location.hash.slice(1);
const roots = [...document.querySelectorAll("[data-explorable]")];
const address = (spec, state) => `${location.href.split("#")[0]}#${writeState(spec, state)}`;

function open(kinds, root) {
  const name = root.dataset.explorable;
  try {
    const spec = JSON.parse(root.dataset.spec);
    let timer;
    const { set } = mount(root, kinds[name], spec, {
      state: spec.state,
      address: (state) => address(spec, state),
      // Browsers allow only some changes of the address a second.
      onState: (state) => {
        clearTimeout(timer);
        timer = setTimeout(() => history.replaceState(history.state, "", address(spec, state)), 250);
      },
    });
    return [name, () => {
      const { state, problems } = readState(spec, spec.state, asked());
      set(state);
      complain(root, problems.length ? `In the address, ${problems.join("; ")}. That part is left out.` : "");
      root.scrollIntoView();
    }];
  } catch (error) {
    root.querySelector(".xent-live")?.remove();
    complain(root, `The explorable "${name}" cannot be shown: ${error.message}. The table says what it would.`);
    return [name, () => {}];
  }
}

// The element of the page and the script of each kind, by name.
export function start(kinds) {
  const ready = new Map(roots.map((root) => open(kinds, root)));
  const follow = () => {
    const name = new URLSearchParams(asked()).get("explorable");
    if (name === null) return;
    if (ready.has(name)) {
      ready.get(name)();
      return;
    }
    complain(roots[0], `The address asks for the explorable "${name.slice(0, 40)}". This page has ${[...ready.keys()].join(", ")}.`);
    roots[0].scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();
}
