// Every model of three classes is a point of a triangle: what does each cost, under one truth?

import { crossEntropy, divergence, entropy } from "./math.js";

const SIDE = 640; // of the triangle in pixels: enough for a phone, few enough to colour while dragging
const RISE = Math.round(SIDE * Math.sqrt(0.75));
const STEP = 0.25; // nats from one grey to the next
const CLASSES = ["cat", "dog", "fox"]; // above, left, right
const CORNERS = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
const EDGES = [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]; // the middle of each, opposite its corner

const spread = (first, share) => [first, (1 - first) * share, (1 - first) * (1 - share)];

// Where a distribution lies, in parts of the width and the height; and back, to the nearest in the triangle.
const place = (q) => [q[0] / 2 + q[2], 1 - q[0]];
function distribution(x, y) {
  const q = [1 - y, (1 + y) / 2 - x, x - (1 - y) / 2].map((share) => Math.max(share, 0));
  const total = q[0] + q[1] + q[2];
  return q.map((share) => share / total);
}

// The pixels of the triangle and of a rim around it; for each the distribution, and its surprisals.
function tables() {
  const pixels = [];
  for (let y = 1; y < RISE - 1; y++) {
    const half = (y / RISE) * (SIDE / 2) + 4;
    const end = Math.min(SIDE, SIDE / 2 + half);
    for (let x = Math.max(0, Math.ceil(SIDE / 2 - half)); x < end; x++) pixels.push(y * SIDE + x);
  }
  const shares = CLASSES.map(() => new Float32Array(pixels.length));
  const costs = CLASSES.map(() => new Float32Array(pixels.length));
  for (let n = 0; n < pixels.length; n++) {
    const a = 1 - (Math.floor(pixels[n] / SIDE) + 0.5) / RISE;
    const c = ((pixels[n] % SIDE) + 0.5) / SIDE - a / 2;
    shares[0][n] = a;
    shares[1][n] = 1 - a - c;
    shares[2][n] = c;
    for (let i = 0; i < 3; i++) costs[i][n] = -Math.log(Math.max(shares[i][n], 1e-4)); // less only in the rim
  }
  return { pixels: Int32Array.from(pixels), shares, costs };
}

// The height of the map at every pixel. Its lowest point is at p: H(p) for the cross-entropy, else 0.
function heights(map, { pixels, shares: [qa, qb, qc], costs: [a, b, c] }, p, contours) {
  if (contours === "swapped") {
    const [pa, pb, pc] = p.map((share) => -Math.log(share));
    for (let n = 0; n < pixels.length; n++) map[pixels[n]] = qa[n] * (pa - a[n]) + qb[n] * (pb - b[n]) + qc[n] * (pc - c[n]);
  } else {
    const [pa, pb, pc] = p;
    const bottom = contours === "kl" ? entropy(p) : 0;
    for (let n = 0; n < pixels.length; n++) map[pixels[n]] = pa * a[n] + pb * b[n] + pc * c[n] - bottom;
  }
}

// Black of varying opacity (the style sheet inverts it in the dark): steps of grey, a line at one
// height, stripes where the map is infinite.
function ink(image, map, pixels, height) {
  for (let n = 0; n < pixels.length; n++) {
    const k = pixels[n];
    const level = map[k];
    if (level === Infinity) {
      image[4 * k + 3] = ((k % SIDE) + Math.floor(k / SIDE)) % 16 < 8 ? 100 : 40;
      continue;
    }
    // The neighbours tell how many pixels away a border is. The flatter side counts: beyond an edge it is steep.
    const across = Math.min(Math.abs(level - map[k - 1]), Math.abs(level - map[k + 1]));
    const down = Math.min(Math.abs(level - map[k - SIDE]), Math.abs(level - map[k + SIDE]));
    const slope = Math.sqrt(across * across + down * down);
    const step = Math.floor(level / STEP);
    const grey = Math.max(0, step - 1 + Math.min(1, (level - step * STEP) / slope));
    const line = 2.2 - Math.abs(level - height) / slope;
    image[4 * k + 3] = line > 0 ? Math.min(255, 255 * line) : Math.min(180, 13 * grey);
  }
}

export const kind = {
  compute({ p_a, p_b, q_a, q_b }) {
    const p = spread(p_a, p_b);
    const q = spread(q_a, q_b);
    return { entropy: entropy(p), cross: crossEntropy(p, q), kl: divergence(p, q), swapped: divergence(q, p) };
  },

  draw({ element, drag }) {
    const figure = element("div", { class: "xent-simplex", role: "img", "aria-label": "A triangle of all models q of three classes, with the truth p in it: the map is lowest where q is p." });
    const inside = (name, attributes, text) => {
      const made = element(name, attributes, text);
      figure.append(made);
      return made;
    };
    const canvas = inside("canvas", { width: SIDE, height: RISE });
    const put = (part, [x, y]) => { part.style.left = `${100 * x}%`; part.style.top = `${100 * y}%`; };
    CORNERS.forEach((q, i) => put(inside("div", { class: `xent-corner xent-corner-${i}` }, CLASSES[i]), place(q)));
    const edges = EDGES.map((_, i) => inside("div", { class: `xent-edge xent-edge-${i}` }, "∞"));
    edges.forEach((edge, i) => put(edge, place(EDGES[i])));
    const words = { p: inside("div", { class: "xent-key" }), q: inside("div", { class: "xent-key xent-right" }) };
    const markers = { p: inside("div", { class: "xent-marker xent-blue" }, "p"), q: inside("div", { class: "xent-marker xent-round xent-red" }, "q") };
    element("p", { class: "xent-note" }, "The line through q: models at the same height. The closer to the page's own colour, the lower; a step of grey is 0.25 nats. Stripes and ∞: infinite.");

    const context = canvas.getContext("2d");
    const outline = new Path2D(`M${SIDE / 2} 0L${SIDE} ${RISE}H0Z`);
    context.lineWidth = 5;
    context.strokeStyle = "#0008";
    const image = context.createImageData(SIDE, RISE);
    const map = new Float32Array(SIDE * RISE);
    const table = tables();

    let held = "q";
    const follow = (event) => {
      const box = canvas.getBoundingClientRect();
      const [a, b, c] = distribution((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      drag({ [`${held}_a`]: a, ...(b + c > 0 && { [`${held}_b`]: b / (b + c) }) });
    };
    const distance = (event, part) => {
      const box = part.getBoundingClientRect();
      return Math.hypot(event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2);
    };
    figure.addEventListener("pointerdown", (event) => {
      // A finger beside the markers scrolls the page.
      if (event.button || !event.isPrimary || (event.pointerType === "touch" && !event.target.matches(".xent-marker"))) return;
      // A click elsewhere means q: p is the truth, and moves only when it is taken hold of.
      held = distance(event, markers.p) < Math.min(24, distance(event, markers.q)) ? "p" : "q";
      figure.setPointerCapture(event.pointerId);
      follow(event);
    });
    figure.addEventListener("pointermove", (event) => { if (figure.hasPointerCapture(event.pointerId)) follow(event); });

    return ({ p_a, p_b, q_a, q_b, contours }, numbers) => {
      const given = { p: spread(p_a, p_b), q: spread(q_a, q_b) };
      for (const [name, title] of [["p", "truth p"], ["q", "model q"]]) {
        put(markers[name], place(given[name]));
        words[name].textContent = [title, ...CLASSES.map((each, i) => `${each} ${Number(given[name][i].toFixed(4))}`)].join("\n");
      }
      heights(map, table, given.p, contours);
      ink(image.data, map, table.pixels, numbers[contours]);
      context.putImageData(image, 0, 0);
      context.stroke(outline);
      edges.forEach((edge, i) => {
        const there = contours === "swapped" ? divergence(EDGES[i], given.p) : crossEntropy(given.p, EDGES[i]);
        edge.hidden = there < Infinity;
      });
    };
  },
};
