/** What a unit of the task of capacity checks answers, computed without WebAssembly: see task.c. */

const LANES = 8
const WORDS = 1_024
const STEPS = 1 << 18

function mix(x: number): number {
  let mixed = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/**
 * The output of a unit. Takes a few milliseconds, about as long as running it.
 * @param input - the unit's input, its seed
 * @returns 8 bytes
 */
export function capacityAnswer(input: Uint8Array): Uint8Array {
  let low = 0x243f6a88
  let high = 0x85a308d3
  for (const byte of input) {
    low = mix(low ^ byte)
    high = mix((high + low) | 0)
  }
  const table = new Int32Array(LANES * WORDS)
  let next = low
  for (let at = 0; at < table.length; at++) {
    next = mix((next + high + at) | 0)
    table[at] = next
  }
  const lanes = new Int32Array(LANES)
  for (let lane = 0; lane < LANES; lane++) {
    next = mix((next + lane + 1) | 0)
    lanes[lane] = work(table, lane * WORDS, next)
  }
  low = 0
  for (const lane of lanes.reverse()) low = mix(lane ^ low)
  high = low
  for (const word of table) high = mix(high ^ word)
  const answer = new DataView(new ArrayBuffer(8))
  answer.setInt32(0, low, true)
  answer.setInt32(4, high, true)
  return new Uint8Array(answer.buffer)
}

/** All steps of one lane, which no other lane has anything to do with. */
function work(table: Int32Array, first: number, seed: number): number {
  let lane = seed
  for (let step = 0; step < STEPS; step++) {
    const at = first + (lane & (WORDS - 1))
    const word = table[at] as number
    lane = Math.imul(lane ^ word, 0x9e3779b1)
    lane ^= lane >>> 15
    table[at] = word + lane
  }
  return lane
}
