// The longest walk of the Collatz problem: halve even numbers, take three times the odd ones and add one.
// Each unit returns the length of the longest walk among its numbers; the region keeps the greatest.
export default function (input) {
  let longest = 0
  for (let start = Math.max(1, input.range.from); start < input.range.to; start++) {
    let steps = 0
    for (let number = start; number !== 1; steps++) {
      number = number % 2 === 0 ? number / 2 : 3 * number + 1
    }
    if (steps > longest) longest = steps
  }
  return longest
}
