/** The word count as README.md defines it, over a whole text at once: what a distributed count must equal. */

const WORD = /[A-Za-z]+(?:'[A-Za-z]+)*/g

/** How often each word occurs, small letters throughout. */
export function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [match] of text.matchAll(WORD)) {
    // After the match: some letters beyond ASCII have small forms within it.
    const word = match.toLowerCase()
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

/** The answer as the task and the `merge-map` aggregate write it: `word<TAB>count` lines in ascending order. */
export function wordCountLines(text: string): string {
  const words = [...countWords(text)].sort(([a], [b]) => (a < b ? -1 : 1))
  return words.map(([word, count]) => `${word}\t${count}\n`).join('')
}
