{ // The reader's choice of light or dark, or else the system's.
  let mode;
  try { mode = localStorage.getItem("mode"); } catch { /* a browser may refuse to store anything */ }
  const dark = mode === "dark" || (mode !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.mode = mode || "auto";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
{ // Fetch the page's fonts now, so that no line breaks anew when they come. A page opened from a file
  // may not fetch, and has them at once: this is why these are no tags of the page.
  const { fonts } = document.currentScript.dataset;
  for (const href of location.protocol === "file:" ? [] : fonts.split(" ")) {
    const link = Object.assign(document.createElement("link"), { rel: "preload", as: "font", type: "font/woff2", crossOrigin: "", href });
    document.head.append(link);
  }
}
