// Tries every combination of settings: how a population grows under the logistic map.
// Each unit gets one combination as input.json and returns a line of CSV; the region puts the lines together in order.
export default function (input) {
  const { rate, start } = input.json
  let share = start
  for (let year = 0; year < 1000; year++) share = rate * share * (1 - share)
  return `${rate},${start},${share.toFixed(6)}\n`
}
