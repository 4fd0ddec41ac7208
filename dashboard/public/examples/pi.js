// Estimates pi by throwing darts at a square with a circle in it.
// Chance follows from the job and the unit, so every device that is asked gets the same darts.
const DARTS = 2000

export default function () {
  let inside = 0
  for (let dart = 0; dart < DARTS; dart++) {
    const x = Math.random()
    const y = Math.random()
    if (x * x + y * y < 1) inside++
  }
  return (4 * inside) / DARTS
}
