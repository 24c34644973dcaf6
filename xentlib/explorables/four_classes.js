// Four logits and one true class: which probabilities and loss, and how is each logit pushed?

import { sum } from "./math.js";

const CLASSES = ["cat", "dog", "bird", "fish"];
const HALF = 0.32; // of a bar's width

const logitsOf = ({ z0, z1, z2, z3, temperature }) => [z0, z1, z2, z3].map((z) => z / temperature);

// What the other classes have together, as a multiple of what class i has: (1 - q) / q.
const oddsAgainst = (logits, i) => sum(logits.map((z, j) => (j === i ? 0 : Math.exp(z - logits[i]))));

export const kind = {
  compute(state) {
    const { truth, temperature } = state;
    const odds = CLASSES.map((_, i) => oddsAgainst(logitsOf(state), i));
    const numbers = { loss: Math.log1p(odds[truth]) };
    odds.forEach((against, i) => {
      const q = 1 / (1 + against);
      // q - 1 in another form: a subtraction would round to 0 where q is close to 1.
      const miss = -against / (1 + against);
      Object.assign(numbers, { [`q${i}`]: q, [`g${i}`]: (i === truth ? miss : q) / temperature });
    });
    return numbers;
  },

  draw({ chart, drag, state }) {
    const x = { range: [-0.5, 3.5], label: "class", ticks: CLASSES.map((name, i) => [i, name]) };
    const shares = chart({ label: "A bar for the probability of each class; the true class is marked with the word true.", x, y: { range: [0, 1.25], label: "probability q", ticks: [0, 0.5, 1] } });
    const slopes = chart({ label: "A bar for the slope of the loss in each logit: down for the true class, up for the others, none beyond 1/T.", x, y: { range: [-1.25, 1.25], label: "slope of the loss", ticks: [[-1, "−1/T"], [0, "0"], [1, "1/T"]] } });
    const [wrong, right] = ["red", "blue"].map((colour) => ({ share: shares.bars(colour), slope: slopes.bars(colour) }));
    slopes.line("plum")([[-0.5, 0], [3.5, 0]]);
    const words = CLASSES.map(() => [shares.text(), slopes.text()]);
    const marks = [shares.text(), slopes.text()];
    const price = shares.text("start");

    // Give the class under the pointer this probability, by its own logit alone.
    shares.onDrag((place, height) => {
      const i = Math.max(0, Math.min(3, Math.round(place)));
      const { temperature } = state();
      const q = Math.max(0, Math.min(1, height));
      const z = logitsOf(state())[i] + Math.log(oddsAgainst(logitsOf(state()), i)) + Math.log(q / (1 - q));
      drag({ [`z${i}`]: z * temperature });
    });

    return ({ truth, temperature }, { loss, ...numbers }) => {
      const boxes = CLASSES.map((_, i) => ({ q: numbers[`q${i}`], height: numbers[`g${i}`] * temperature, slope: numbers[`g${i}`] }));
      const bar = (i, height) => [i - HALF, i + HALF, Math.min(0, height), Math.max(0, height)];
      for (const [each, mine] of [[right, (i) => i === truth], [wrong, (i) => i !== truth]]) {
        each.share(boxes.flatMap(({ q }, i) => (mine(i) ? [bar(i, q)] : [])));
        each.slope(boxes.flatMap(({ height }, i) => (mine(i) ? [bar(i, height)] : [])));
      }
      boxes.forEach(({ q, height, slope }, i) => {
        words[i][0](i, q + 0.03, q.toFixed(3));
        words[i][1](i, i === truth ? height - 0.19 : height + 0.06, `${slope < 0 ? "−" : "+"}${Math.abs(slope).toFixed(3)}`);
      });
      price(-0.45, 1.14, `loss: ${loss.toFixed(3)} nats`);
      marks[0](truth, boxes[truth].q + 0.13, "true");
      marks[1](truth, 0.06, "true");
    };
  },
};
