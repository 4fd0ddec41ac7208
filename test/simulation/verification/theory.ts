/** What the literature promises for the same fleet: L. F. G. Sarmenta, CCGrid 2001, re-derived. */

/**
 * Share of wrong results when devices are caught by spot checks and all that they did is done again:
 * s·f·(1 − q·s)^n / ((1 − f) + f·(1 − q·s)^n).
 * @param f - share of cheats
 * @param s - how often each of them cheats
 * @param q - share of leases that are checked
 * @param n - leases of each device
 */
export function spotCheckError(f: number, s: number, q: number, n: number): number {
  const survivors = f * (1 - q * s) ** n
  return (s * survivors) / (1 - f + survivors)
}

/** The same for the s that is worst: about f/(1 − f) · 1/(e·q·n). */
export function spotCheckErrorWorst(f: number, q: number, n: number): number {
  let worst = 0
  for (let s = 1; s > 1e-6; s /= 1.05) worst = Math.max(worst, spotCheckError(f, s, q, n))
  return worst
}

/** Share of wrong results when whatever m devices agree on first is accepted and all cheats agree: Σ C(2m−1, j) f^j (1−f)^(2m−1−j), j from m. */
export function votingError(m: number, f: number): number {
  const all = 2 * m - 1
  let error = 0
  for (let j = m; j <= all; j++) error += choose(all, j) * f ** j * (1 - f) ** (all - j)
  return error
}

function choose(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return ways
}
