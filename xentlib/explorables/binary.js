// A yes-or-no question and one logit: what does each branch cost, and where is their sum lowest?

import { grid, sigmoid, softplus } from "./math.js";

export const kind = {
  compute({ z, t, pos_weight: weight }) {
    const yes = weight * t * softplus(-z); // -ln q
    const no = (1 - t) * softplus(z); // -ln(1 - q)
    const slope = (1 - t) * sigmoid(z) - weight * t * sigmoid(-z);
    return { q: sigmoid(z), yes, no, loss: yes + no, slope };
  },

  draw({ chart, element, drag }) {
    const x = { range: [-10, 10], label: "logit z" };
    const costs = chart({ label: "The loss along the logit as the sum of the yes branch, which falls, and the no branch, which rises.", x, y: { range: [0, 5], label: "loss (nats)" } });
    const slopes = chart({ label: "The slope of the loss along the logit: it rises, and is zero where the loss is lowest.", x, y: { range: [-1.25, 1.25], label: "slope of the loss", ticks: [-1, 0, 1] } });
    element("p", { class: "xent-note" }, "Solid: the loss and its slope. Dashed: yes branch. Dotted: no branch.");
    const lines = {
      loss: costs.line("green"),
      yes: costs.line("blue", { dash: "6 3" }),
      no: costs.line("red", { dash: "2 3" }),
      slope: slopes.line("green"),
    };
    const stem = costs.line("plum");
    const lowest = costs.text();
    const dots = [costs.dot("green"), slopes.dot("green")];
    for (const each of [costs, slopes]) each.onDrag((z) => drag({ z }));
    const zs = grid(...x.range, 201);

    return ({ z, t, pos_weight: weight }, numbers) => {
      const along = zs.map((each) => kind.compute({ z: each, t, pos_weight: weight }));
      for (const [name, line] of Object.entries(lines)) line(zs.map((each, i) => [each, along[i][name]]));
      dots[0](z, numbers.loss);
      dots[1](z, numbers.slope);
      // The slope is zero at these log-odds. A hard target on its own has no lowest point.
      const best = Math.log((weight * t) / (1 - t));
      const soft = Math.abs(best) < 10;
      stem(soft ? [[best, kind.compute({ z: best, t, pos_weight: weight }).loss], [best, 4.45]] : []);
      lowest(soft ? best : 0, 4.55, soft ? "lowest" : "");
    };
  },
};
