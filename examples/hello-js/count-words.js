/** Counts the words of its lines. A Map becomes the lines of key and count that the aggregate `merge-map` adds up. */
export default function countWords(input) {
  const counts = new Map()
  for (const [match] of input.text.matchAll(/[A-Za-z]+(?:'[A-Za-z]+)*/g)) {
    const word = match.toLowerCase()
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}
