/** Finds what a person probably meant. */

/**
 * The candidate closest to a misspelt word, or null when none is close: at most one edit for every three letters.
 * Edits are insertions, deletions, substitutions and swaps of neighbours; letter case, `_` and `-` do not count.
 */
export function closest(word: string, candidates: readonly string[]): string | null {
  if (word.length > 64) return null
  const wanted = plain(word)
  let best: string | null = null
  let bestEdits = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = editDistance(wanted, plain(candidate))
    if (edits < bestEdits) {
      best = candidate
      bestEdits = edits
    }
  }
  return best
}

const plain = (word: string): string => word.toLowerCase().replaceAll(/[_-]/g, '')

/** Optimal string alignment distance (Damerau-Levenshtein without repeated edits of one substring). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1)
      row.push(edits)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
