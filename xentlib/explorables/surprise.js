// How much news is an event of probability p, and how much is the next toss of such a coin?

import { entropy, grid } from "./math.js";

const BITS = Math.LN2; // nats in a bit

export const kind = {
  compute({ p }) {
    const nats = -Math.log(p);
    return { nats, bits: nats / BITS, entropy: entropy([p, 1 - p]) / BITS };
  },

  draw({ chart, drag }) {
    const x = { range: [0, 1], label: "probability p" };
    const left = chart({ label: "Surprisal against p: it falls from infinity at 0 to nothing at 1.", x, y: { range: [0, 8], label: "surprisal (bits)" } });
    const right = chart({ label: "Entropy against p: an arch, highest at one half.", x, y: { range: [0, 1.1], label: "entropy (bits)" } });
    const ps = [...grid(0, 0.01, 11), ...grid(0.015, 1, 198)];
    left.line("blue")(ps.map((p) => [p, kind.compute({ p }).bits]));
    right.line("green", { dash: "6 3" })(ps.map((p) => [p, kind.compute({ p }).entropy]));
    const dots = [left.dot("blue"), right.dot("green")];
    for (const each of [left, right]) each.onDrag((p) => drag({ p }));
    return ({ p }, { bits, entropy: expected }) => {
      dots[0](p, bits);
      dots[1](p, expected);
    };
  },
};
