// Easy and hard, frequent and rare rows: which of them make up the loss, and its gradient?

import { grid, sigmoid, softplus, sum } from "./math.js";

const MARGINS = grid(-4.75, 7.75, 26); // the middles of the bins: the logit of a row's own class

// The share of a class's rows in each bin. Most of the frequent class are easy, most of the rare class are not.
function bell(mean) {
  const heights = MARGINS.map((m) => Math.exp(-(((m - mean) / 1.5) ** 2) / 2));
  return heights.map((height) => height / sum(heights));
}
const FREQUENT = bell(4);
const RARE = bell(-1);

// sigmoid(-m) is 1 - q, with all its digits.
const focal = (m, gamma) => sigmoid(-m) ** gamma * softplus(-m);
const pull = (m, gamma) => sigmoid(-m) ** gamma * (sigmoid(-m) + gamma * sigmoid(m) * softplus(-m));

// What each bin contributes, in percent of the whole, if a row counts as much as `each` says.
function parts({ share, weight, alpha }, each) {
  const frequent = FREQUENT.map((part, i) => (1 - alpha) * (1 - share) * part * each(MARGINS[i]));
  const rare = RARE.map((part, i) => weight * alpha * share * part * each(MARGINS[i]));
  const total = sum(frequent) + sum(rare);
  return [frequent, rare].map((all) => all.map((part) => (100 * part) / total));
}

const easy = (all) => sum(all.filter((_, i) => MARGINS[i] > 0));
const hard = (all) => sum(all.filter((_, i) => MARGINS[i] < 0));

export const kind = {
  compute(state) {
    const ofLoss = parts(state, (m) => focal(m, state.gamma));
    const ofPull = parts(state, (m) => pull(m, state.gamma));
    return {
      loss_rare: sum(ofLoss[1]),
      loss_easy: easy(ofLoss[0]) + easy(ofLoss[1]),
      pull_rare: sum(ofPull[1]),
      pull_easy: easy(ofPull[0]) + easy(ofPull[1]),
      hard_row: pull(Math.log(1 / 9), state.gamma),
      easy_row: pull(Math.log(9), state.gamma),
    };
  },

  draw({ chart, element }) {
    const height = 170;
    const x = { range: [-5, 8], label: "q, the probability of the row's own class", ticks: [0.01, 0.1, 0.5, 0.9, 0.99, 0.999].map((q) => [Math.log(q / (1 - q)), q]) };
    const y = { range: [-36, 36], ticks: [-20, -10, 0, 10, 20].map((at) => [at, Math.abs(at)]) };
    // Frequent rows stand upwards, rare ones hang down: that tells them apart without colour.
    const histogram = (what) => {
      const made = chart({ label: `Which rows make up ${what}: frequent ones upwards, rare ones downwards, hard ones on the left, easy ones on the right.`, height, x, y: { ...y, label: `% of ${what}` } });
      const sides = [["frequent", 1, "blue"], ["rare", -1, "red"]].map(([name, side, colour]) => {
        made.text("end")(7.9, 31 * side - 2.5, name);
        return { side, bars: made.bars(colour), hard: made.text("end"), easy: made.text("start") };
      });
      made.line("plum", { dash: "4 4" })([[0, -36], [0, 36]]);
      return (contributions) => sides.forEach(({ side, bars, ...words }, i) => {
        const all = contributions[i];
        bars(all.map((part, k) => [MARGINS[k] - 0.23, MARGINS[k] + 0.23, 0, side * part]));
        words.hard(-0.25, 31 * side - 2.5, `hard: ${hard(all).toFixed(1)} %`);
        words.easy(0.25, 31 * side - 2.5, `easy: ${easy(all).toFixed(1)} %`);
      });
    };
    const pictures = [histogram("the rows"), histogram("the loss"), histogram("the gradient")];
    const one = chart({ label: "The pull of one row against q: focal loss raises it a little where q is small, and takes it away where q is large.", height, x, y: { range: [0, 1.5], label: "pull of one row" } });
    const margins = grid(-5, 8, 131);
    const now = one.line("green");
    one.line("plum", { dash: "6 4" })(margins.map((m) => [m, pull(m, 0)]));
    element("p", { class: "xent-note" }, "Easy: q above 1/2. Last picture, weights left out: dashed γ = 0, solid your γ.");

    return (state) => {
      const alike = { ...state, weight: 1, alpha: 0.5 };
      pictures[0](parts(alike, () => 1));
      pictures[1](parts(state, (m) => focal(m, state.gamma)));
      pictures[2](parts(state, (m) => pull(m, state.gamma)));
      now(margins.map((m) => [m, pull(m, state.gamma)]));
    };
  },
};
