{ // Before anything is drawn: the reader's choice of light or dark, or else the system's.
  let mode;
  try { mode = localStorage.getItem("mode"); } catch { /* a browser may refuse to store anything */ }
  const dark = mode === "dark" || (mode !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.mode = mode || "auto";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}
