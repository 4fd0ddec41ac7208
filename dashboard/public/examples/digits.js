// The digits of every number of a range, added up.
// Each unit gets a stretch of numbers as input.range and returns one number; the region adds them.
export default function (input) {
  const { from, to } = input.range
  let sum = 0
  for (let number = from; number < to; number++) {
    for (const digit of String(number)) sum += Number(digit)
  }
  return sum
}
