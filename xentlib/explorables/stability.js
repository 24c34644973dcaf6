// At which logit does a hand-written loss break, and does its slope break first?

import { grid, half } from "./math.js";

// How each format rounds, and to how many decimal digits.
const FORMATS = {
  float16: { round: half, most: 3 },
  float32: { round: Math.fround, most: 7 },
  float64: { round: (x) => x, most: 15 },
};

// By the definition of the softmax; the slope in z as automatic differentiation finds it: the
// backward pass of a / b is 1 / b for a, and -(a / b) / b for b. r rounds every operation.
function naive(z, truth, r) {
  const e = [r(Math.exp(z)), 1];
  const total = r(e[0] + e[1]);
  const q = r(e[truth] / total);
  const toQ = r(-1 / q);
  const toTotal = -r(toQ * r(q / total));
  const toE = truth === 0 ? r(r(toQ / total) + toTotal) : toTotal;
  return { loss: -r(Math.log(q)), slope: r(toE * e[0]) };
}

// By log-sum-exp with the shift z, and log1p. Where the answer is right, q - 1 is minus the rest.
function stable(z, truth, r) {
  const [top, other] = [r(Math.exp(r(z - z))), r(Math.exp(r(0 - z)))]; // 1 and e^-z
  const total = r(top + other);
  const rest = r(Math.log1p(r(other / top)));
  return truth === 0 ? { loss: rest, slope: -r(other / total) } : { loss: r(z + rest), slope: r(top / total) };
}

// Decimal digits that are right, whole ones. No exact loss or slope is 0: a 0 has none.
function digits(value, exact, most) {
  const error = Math.abs(value / exact - 1);
  return value === 0 || Number.isNaN(error) ? 0 : Math.max(0, Math.min(most, Math.floor(-Math.log10(error))));
}

// Both forms at one logit, and their digits beside the stable form in double precision.
function forms(scale, dtype, truth) {
  const { round, most } = FORMATS[dtype];
  const z = round(scale);
  const exact = stable(z, truth, FORMATS.float64.round);
  return [naive, stable].map((form) => {
    const { loss, slope } = form(z, truth, round);
    return { loss, slope, lossDigits: digits(loss, exact.loss, most), slopeDigits: digits(slope, exact.slope, most) };
  });
}

export const kind = {
  compute({ scale, dtype, truth }) {
    const [bad, good] = forms(scale, dtype, truth);
    return {
      loss_naive: bad.loss, loss_stable: good.loss,
      loss_digits_naive: bad.lossDigits, loss_digits_stable: good.lossDigits,
      slope_naive: bad.slope, slope_stable: good.slope,
      slope_digits_naive: bad.slopeDigits, slope_digits_stable: good.slopeDigits,
    };
  },

  draw({ chart, element, drag }) {
    const height = 200;
    const x = { range: [0, 5], label: "logit z (logarithmic)", ticks: [[0, "1"], [1, "10"], [2, "100"], [3, "1000"], [4, "10⁴"], [5, "10⁵"]] };
    const y = { range: [0, 17], ticks: [0, 3, 7, 15] };
    const charts = [
      { key: "loss", at: (each) => Math.log10(each.loss), place: chart({ label: "Naive and stable loss against the logit z; the naive one breaks off.", height, x, y: { range: [-10, 6], label: "loss (nats)", ticks: [[-8, "10⁻⁸"], [-4, "10⁻⁴"], [0, "1"], [4, "10⁴"]] } }) },
      { key: "lossDigits", at: (each) => each.lossDigits, place: chart({ label: "Digits that are right in both losses, against the logit z.", height, x, y: { ...y, label: "digits right: loss" } }) },
      { key: "slopeDigits", at: (each) => each.slopeDigits, place: chart({ label: "Digits that are right in both slopes, against the logit z.", height, x, y: { ...y, label: "digits right: slope" } }) },
    ];
    const looks = [["red", "6 3"], ["blue", ""]];
    const scales = grid(0, 5, 301);
    for (const each of charts) {
      // The stable one below, for the broken line of the naive one to show upon it.
      each.lines = [1, 0].map((i) => each.place.line(looks[i][0], { dash: looks[i][1] })).reverse();
      each.dots = [1, 0].map((i) => each.place.dot(looks[i][0], { r: i ? 8 : 6 })).reverse();
      each.words = each.place.text("end");
      each.place.onDrag((a) => drag({ scale: 10 ** a }));
    }
    element("p", { class: "xent-note" }, "A right answer's loss can be smaller than the smallest number of the format: then both forms give 0.");
    const legend = [["naive", -6], ["stable", -8]].map(([name, level], i) => {
      charts[0].place.line(looks[i][0], { dash: looks[i][1] })([[3.1, level], [3.7, level]]);
      const words = charts[0].place.text("start");
      return ({ loss }) => words(3.8, level - 0.4, Number.isFinite(loss) ? name : `${name}: ${String(loss).replace("Infinity", "∞").replace("NaN", "nan")}`);
    });

    return ({ scale, dtype, truth }) => {
      const here = forms(scale, dtype, truth);
      const all = scales.map((a) => forms(10 ** a, dtype, truth));
      const { most } = FORMATS[dtype];
      here.forEach((each, i) => legend[i](each));
      for (const { key, at, place, lines, dots, words } of charts) {
        here.forEach((each, i) => {
          lines[i](all.map((pair, k) => [scales[k], at(pair[i])]));
          dots[i](Math.log10(scale), at(each));
        });
        if (key !== "loss") words(4.9, 15.7, `naive ${here[0][key]}, stable ${here[1][key]} of ${most}`);
      }
    };
  },
};
