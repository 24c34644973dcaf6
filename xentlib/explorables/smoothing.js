// A smoothed label: which prediction does it want, and what does that one still cost?

import { crossEntropy, divergence, entropy, grid } from "./math.js";

// A distribution over the classes: the true one's share, the others alike.
const spread = (top, classes) => [top, ...Array(classes - 1).fill((1 - top) / (classes - 1))];

// The share of the true class in the smoothed label. Rounded, 0.925 is the 0.925 of the slider, and the excess 0.
const smoothed = (eps, classes) => Number((1 - eps + eps / classes).toFixed(15));

// The probability of the true class, when its logit lies so far above the others.
const confidence = (gap, classes) => 1 / (1 + (classes - 1) * Math.exp(-gap));

const GAPS = grid(-10, 25, 350);

export const kind = {
  compute({ eps, classes, q }) {
    const best = smoothed(eps, classes);
    const label = spread(best, classes);
    const prediction = spread(q, classes);
    return {
      loss: crossEntropy(label, prediction),
      plain: -Math.log(q),
      best,
      gap: Math.log(best) - Math.log(label[1]),
      floor: entropy(label),
      excess: divergence(spread(best, 2), spread(q, 2)), // the wrong classes are alike in both: two say it, and round less
    };
  },

  draw({ chart, element, drag, state }) {
    const left = chart({
      label: "Loss against the probability of the true class. With smoothing it turns up again before 1, and its lowest point, the floor, is above 0.",
      x: { range: [0, 1], label: "probability q of the true class" },
      y: { range: [0, 3], label: "loss (nats)" },
    });
    const right = chart({
      label: "Excess of the loss over its floor, against the logit gap. With smoothing it is 0 at a finite gap and rises beyond; without, it only falls.",
      x: { range: [-4, 14], label: "logit gap, true class to others" },
      y: { range: [0, 1], label: "excess over the floor (nats)" },
    });
    const lines = [left, right].map((each) => ({
      floor: each.line("green", { dash: "2 3" }),
      loss: each.line("blue"),
      plain: each.line("plum", { dash: "6 4" }), // above the other, which without smoothing is the same
      dot: each.dot("blue"),
    }));
    element("p", { class: "xent-note" }, "Solid: smoothed label. Dashed: one-hot label. Dotted: the lowest point of the smoothed loss.");
    const tooHigh = left.text();
    left.onDrag((q) => drag({ q }));
    // No gap is wide enough for certainty.
    right.onDrag((gap) => drag({ q: Math.min(0.999, confidence(gap, state().classes)) }));

    return ({ classes, q }, { loss, best, gap, floor, excess }) => {
      const [ofShare, ofGap] = lines;
      const points = GAPS.map((z) => {
        const plain = Math.log1p((classes - 1) * Math.exp(-z));
        return { z, q: confidence(z, classes), plain, loss: plain + (1 - best) * z }; // every wrong class costs z more
      });
      // Beyond the widest gap it only rises, to infinity at 1.
      ofShare.loss([...points.map((at) => [at.q, at.loss]), ...(best < 1 ? [[1, 100]] : [])]);
      ofShare.plain(points.map((at) => [at.q, at.plain]));
      ofShare.floor([[best, 0], [best, floor], [0, floor]]);
      ofShare.dot(q, loss);
      tooHigh(0.5, 2.5, floor > 3 ? "The smoothed curve lies higher." : "");
      ofGap.loss(points.map((at) => [at.z, at.loss - floor]));
      ofGap.plain(points.map((at) => [at.z, at.plain]));
      ofGap.floor([[gap, 0], [gap, 1]]);
      ofGap.dot(Math.max(-4, Math.min(14, Math.log(q * (classes - 1)) - Math.log(1 - q))), excess);
    };
  },
};
