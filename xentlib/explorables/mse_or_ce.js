// One unit that is sure and wrong: which loss gets it out, and how soon?

import { grid, sigmoid, softplus } from "./math.js";

const END = 2000; // steps: the slider ends there
const LOSSES = [
  // Truth 1. The pull is minus the slope along the logit.
  { name: "ce", colour: "blue", dash: "", loss: (z) => softplus(-z), pull: (z) => sigmoid(-z) },
  { name: "se", colour: "red", dash: "6 3", loss: (z) => sigmoid(-z) ** 2, pull: (z) => 2 * sigmoid(z) * sigmoid(-z) * sigmoid(-z) },
];

// Where gradient descent starts, and where each step leads.
function descent(pull, start, rate, steps) {
  const path = [start];
  for (let k = 0; k < Math.floor(steps); k++) path.push(path[k] + rate * pull(path[k]));
  return path;
}

export const kind = {
  compute({ start, rate, steps }) {
    const numbers = {};
    for (const { name, loss, pull } of LOSSES) {
      const z = descent(pull, start, rate, steps).at(-1);
      Object.assign(numbers, { [`z_${name}`]: z, [`q_${name}`]: sigmoid(z), [`loss_${name}`]: loss(z), [`pull_${name}`]: pull(z) });
    }
    return numbers;
  },

  draw({ chart, element, button, drag, move, state, calm }) {
    const height = 200;
    const x = { range: [-12, 10], label: "logit z" };
    const losses = chart({ label: "Both losses along the logit: cross-entropy rises to the left without end, squared error lies flat at 1.", height, x, y: { range: [0, 8], label: "loss" } });
    const pulls = chart({ label: "Both pulls along the logit: that of cross-entropy goes to 1 on the left, that of squared error is a low hump.", height, x, y: { range: [0, 1.1], label: "pull" } });
    const decades = [0, 10, 100, 1000].map((k) => [Math.log10(1 + k), k]);
    const race = chart({ label: "The logits of both units against the steps taken, on a logarithmic axis.", height, x: { range: [0, Math.log10(1 + END)], label: "steps (logarithmic)", ticks: decades }, y: { range: [-13, 11], label: "logit z" } });
    losses.text("start")(-4.6, 5.4, "cross-entropy");
    losses.text("start")(-11.6, 1.4, "squared error");
    pulls.text("start")(-11.6, 0.88, "cross-entropy");
    pulls.text("end")(-3, 0.2, "squared error");

    const zs = grid(...x.range, 221);
    const runners = LOSSES.map(({ name, colour, dash, loss, pull }) => {
      losses.line(colour, { dash })(zs.map((z) => [z, loss(z)]));
      pulls.line(colour, { dash })(zs.map((z) => [z, pull(z)]));
      return { name, pull, path: race.line(colour, { dash }), dots: [losses, pulls, race].map((each) => each.dot(colour, { r: name === "ce" ? 8 : 6 })) };
    });
    // Steps that lie evenly on the race's axis: what is drawn of 2000 points.
    const marks = [...new Set(grid(0, Math.log10(1 + END), 150).map((a) => Math.round(10 ** a - 1)))];

    for (const each of [losses, pulls]) each.onDrag((z) => drag({ start: z, steps: 0 }));
    race.onDrag((a) => drag({ steps: 10 ** a - 1 }));

    const row = element("div", { class: "xent-buttons" });
    const play = button("Play", () => (frame ? pause() : run()));
    row.append(
      play,
      button("Step", () => move({ steps: Math.min(END, Math.floor(state().steps) + 1) })),
      button("To step 0", () => move({ steps: 0 })),
    );

    let frame = 0; // not 0: it plays
    let at = 0; // steps, with a fraction
    let last = 0; // time of the last picture
    let mine = ""; // what playing has made of the state
    const now = () => { const { start, rate, steps } = state(); return `${start} ${rate} ${steps}`; };
    function run() {
      const { steps } = state();
      if (calm.matches) return move({ steps: steps < END ? END : 0 });
      at = steps < END ? steps : 0;
      move({ steps: at });
      mine = now();
      last = performance.now();
      frame = requestAnimationFrame(tick);
      play.textContent = "Pause";
    }
    function pause() {
      cancelAnimationFrame(frame);
      frame = 0;
      play.textContent = "Play";
    }
    function tick(time) {
      if (!play.isConnected || now() !== mine || at >= END) return pause();
      at = Math.min(END, at + (Math.max(0, time - last) / 1000) * state().speed);
      last = time;
      if (Math.floor(at) > state().steps) move({ steps: Math.floor(at) });
      mine = now();
      frame = requestAnimationFrame(tick);
    }

    return ({ start, rate, steps }, numbers) => {
      const shown = [...marks.filter((k) => k < Math.floor(steps)), Math.floor(steps)];
      for (const { name, pull, path, dots } of runners) {
        const all = descent(pull, start, rate, steps);
        const z = numbers[`z_${name}`];
        path(shown.map((k) => [Math.log10(1 + k), all[k]]));
        dots[0](z, numbers[`loss_${name}`]);
        dots[1](z, numbers[`pull_${name}`]);
        dots[2](Math.log10(1 + Math.floor(steps)), z);
      }
    };
  },
};
