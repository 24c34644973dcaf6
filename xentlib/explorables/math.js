// The mathematics that several explorables share: pure functions, nats, nothing clipped.

export const sum = (xs) => xs.reduce((total, x) => total + x, 0);

// A product in which 0 wins over infinity: what never happens costs nothing.
const times = (a, b) => (a === 0 || b === 0 ? 0 : a * b);

export const sigmoid = (z) => (z < 0 ? Math.exp(z) / (1 + Math.exp(z)) : 1 / (1 + Math.exp(-z)));

// ln(1 + e^z), without overflow: the loss of a yes-or-no question whose answer is no.
export const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

export const crossEntropy = (p, q) => sum(p.map((share, i) => times(share, -Math.log(q[i]))));

export const entropy = (p) => crossEntropy(p, p);

// KL(p || q), from the ratios. Near p = q log1p keeps the digits that a quotient close to 1 loses.
export const divergence = (p, q) => sum(p.map((share, i) => {
  const gap = share - q[i];
  return times(share, Math.abs(gap) <= q[i] / 2 ? Math.log1p(gap / q[i]) : Math.log(share) - Math.log(q[i]));
}));

// Evenly spaced numbers from low to high, both included.
export const grid = (low, high, count) =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

// The nearest number of half precision. Older browsers lack f16round: a sum so large that it holds no
// more digits rounds for them, ties to even. Below 2^-14 the numbers lie 2^-24 apart.
export const half = Math.f16round ?? ((x) => {
  const size = Math.abs(x);
  if (size >= 65520) return Math.sign(x) * Infinity;
  const large = 2 ** (Math.max(-14, Math.floor(Math.log2(size))) + 42);
  return Math.sign(x) * (size + large - large);
});
