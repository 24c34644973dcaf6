// Starts a deck. Letters get a little smaller on a slide that would overflow, never below 24 px.
const SIZES = [40, 38, 36, 34, 32, 30, 28, 26, 24];
const BESIDE_A_PICTURE = 32;

const overflows = (slide) => [...slide.querySelectorAll(".sheet, .words, .picture")].some((part) =>
  part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1);

const fit = (slide) => {
  const most = slide.querySelector(".words + .picture figure, h1") ? BESIDE_A_PICTURE : SIZES[0];
  SIZES.filter((size) => size <= most).some((size) => {
    slide.style.fontSize = `${size}px`;
    return !overflows(slide);
  });
};

Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  hash: true,
  transition: "none",
  progress: false,
  slideNumber: "c/t",
  controlsTutorial: false,
  pdfMaxPagesPerSlide: 1,
  plugins: [RevealNotes],
});

// On the screen the others are hidden, and have no size until they are shown.
Reveal.on("ready", async () => {
  await document.fonts.ready;
  fit(Reveal.getCurrentSlide());
});
Reveal.on("slidechanged", ({ currentSlide }) => fit(currentSlide));
Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
