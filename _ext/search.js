// What we change of Sphinx's search; it follows Sphinx's own scripts (assets.py).

// How what was found is ordered: a chapter explains a word, its notebook shows it, the rest is for those who
// know it. The other numbers are Sphinx's own.
Scorer.score = ([page, , , , score]) =>
  score + (/^chapters\/\d/.test(page) ? 20 : page.startsWith("notebooks/") ? 10 : 0);

// What is shown of a page. Sphinx would show each formula three times, as letters, as MathML and as LaTeX, and
// begin with the buttons and the contents above the article.
Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const place = page.getElementById(anchor?.slice(1)) ?? page.querySelector("article");
  for (const part of place.querySelectorAll(".headerlink, .katex-mathml, script, style")) part.remove();
  return place.textContent;
};
