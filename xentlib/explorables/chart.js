// A small chart in SVG: axes, lines, dots and bars in data coordinates, which take new data.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 340;
const EDGE = { left: 46, right: 12, top: 12, bottom: 38 };

function shape(parent, name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

// Round numbers between low and high, about as many as asked for.
function ticks([low, high], count = 5) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((x) => x * power).find((x) => x >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

// x and y are { range: [low, high], label, ticks }; ticks are numbers, or pairs of number and text.
export function chart(parent, { label, x, y, height = 220 }) {
  const svg = shape(parent, "svg", {
    viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label, class: "xent-chart",
  });
  const inner = { width: WIDTH - EDGE.left - EDGE.right, height: height - EDGE.top - EDGE.bottom };
  const px = (value) => ((value - x.range[0]) / (x.range[1] - x.range[0])) * inner.width;
  const py = (value) => inner.height - ((value - y.range[0]) / (y.range[1] - y.range[0])) * inner.height;
  const written = (tick) => (Array.isArray(tick) ? tick : [tick, String(tick).replace("-", "−")]);

  const axes = shape(svg, "g", { class: "xent-axes", transform: `translate(${EDGE.left} ${EDGE.top})` });
  for (const [at, text] of (x.ticks ?? ticks(x.range)).map(written)) {
    shape(axes, "line", { x1: px(at), x2: px(at), y1: 0, y2: inner.height });
    shape(axes, "text", { x: px(at), y: inner.height + 15, "text-anchor": "middle" }, text);
  }
  for (const [at, text] of (y.ticks ?? ticks(y.range, 4)).map(written)) {
    shape(axes, "line", { x1: 0, x2: inner.width, y1: py(at), y2: py(at) });
    shape(axes, "text", { x: -6, y: py(at) + 4, "text-anchor": "end" }, text);
  }
  shape(axes, "text", { x: inner.width / 2, y: inner.height + 32, "text-anchor": "middle" }, x.label);
  shape(axes, "text", {
    transform: `translate(-35 ${inner.height / 2}) rotate(-90)`, "text-anchor": "middle",
  }, y.label);

  // A nested svg cuts off what lies outside the axes; dots on the border stay whole.
  const plot = shape(svg, "svg", { x: EDGE.left, y: EDGE.top, ...inner });
  const above = shape(svg, "g", { transform: `translate(${EDGE.left} ${EDGE.top})` });

  return {
    // A line through points. One that is not finite breaks it.
    line(colour, { dash = "" } = {}) {
      const path = shape(plot, "path", { class: `xent-line xent-${colour}`, "stroke-dasharray": dash });
      return (points) => {
        let pen = "M";
        let d = "";
        for (const [a, b] of points) {
          if (!Number.isFinite(a) || !Number.isFinite(b)) { pen = "M"; continue; }
          d += `${pen}${px(a).toFixed(1)} ${Math.max(-1e4, Math.min(1e4, py(b))).toFixed(1)}`;
          pen = "L";
        }
        path.setAttribute("d", d);
      };
    },
    // A dot. Where its value lies outside the axes, it rests hollow on their border, with an arrow.
    dot(colour, { r = 6 } = {}) {
      const circle = shape(above, "circle", { r, class: `xent-dot xent-${colour}` });
      const arrow = shape(above, "text", { class: "xent-words" });
      return (a, b) => {
        const inside = b >= y.range[0] && b <= y.range[1];
        circle.toggleAttribute("hidden", Number.isNaN(b));
        circle.classList.toggle("xent-hollow", !inside);
        arrow.textContent = inside || Number.isNaN(b) ? "" : b > y.range[1] ? "↑" : "↓";
        arrow.setAttribute("x", px(a) + 9);
        arrow.setAttribute("y", b > y.range[1] ? 10 : inner.height - 2);
        circle.setAttribute("cx", px(a));
        circle.setAttribute("cy", py(Math.max(y.range[0], Math.min(y.range[1], Number.isNaN(b) ? 0 : b))));
      };
    },
    // Bars from [left, right, low, high] each.
    bars(colour) {
      const path = shape(plot, "path", { class: `xent-bars xent-${colour}` });
      return (boxes) => path.setAttribute("d", boxes.map(([left, right, low, high]) =>
        `M${px(left).toFixed(1)} ${py(low).toFixed(1)}V${py(high).toFixed(1)}H${px(right).toFixed(1)}V${py(low).toFixed(1)}Z`,
      ).join(""));
    },
    // Words at a place in the chart.
    text(anchor = "middle") {
      const words = shape(above, "text", { class: "xent-words", "text-anchor": anchor });
      return (a, b, text) => {
        words.setAttribute("x", px(a));
        words.setAttribute("y", py(b));
        words.textContent = text;
      };
    },
    // Call back with the place, in data coordinates, that a mouse or finger points at.
    onDrag(moved) {
      svg.classList.add("xent-draggable");
      const point = (event) => {
        const box = svg.getBoundingClientRect();
        const scale = WIDTH / box.width;
        const a = ((event.clientX - box.left) * scale - EDGE.left) / inner.width;
        const b = 1 - ((event.clientY - box.top) * scale - EDGE.top) / inner.height;
        moved(x.range[0] + a * (x.range[1] - x.range[0]), y.range[0] + b * (y.range[1] - y.range[0]));
      };
      // A finger that goes up or down scrolls the page. One that goes sideways drags, one that stays taps.
      let from = null; // where such a finger came down, until it is known
      svg.addEventListener("pointerdown", (event) => {
        if (event.button || !event.isPrimary) return;
        svg.setPointerCapture(event.pointerId);
        from = event.pointerType === "touch" ? event : null;
        if (!from) point(event);
      });
      svg.addEventListener("pointermove", (event) => {
        if (!svg.hasPointerCapture(event.pointerId)) return;
        const sideways = from && Math.abs(event.clientX - from.clientX);
        if (from && (sideways < 6 || sideways < Math.abs(event.clientY - from.clientY))) return;
        from = null;
        point(event);
      });
      svg.addEventListener("pointerup", (event) => { if (from && event.isPrimary) point(event); });
    },
  };
}
