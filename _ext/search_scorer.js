// How Sphinx's search orders what it found: the numbers are Sphinx's own, and `score` adds to them where a
// page stands. A chapter explains, its notebook shows, and the rest helps those who know the word.
var Scorer = {
  score: ([page, , , , score]) =>
    score + (/^chapters\/\d/.test(page) ? 20 : /^notebooks\//.test(page) ? 10 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
