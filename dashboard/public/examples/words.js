// Counts the words of a text.
// Each unit gets a few lines. A Map becomes lines of key and count, which the region merges.
export default function (input) {
  const counts = new Map()
  for (const [match] of input.text.matchAll(/[A-Za-z]+(?:'[A-Za-z]+)*/g)) {
    const word = match.toLowerCase()
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}
