/** Draws from a seeded generator. Each actor has a generator of its own, so that a new draw in one shifts no other. */
import { assert, type Random, seededRandom } from '../../protocol/index.ts'

/** Whether something of this probability happens. */
export const happens = (random: Random, probability: number): boolean => random.uniform() < probability

/** Uniform in [low, high). */
export const between = (random: Random, low: number, high: number): number => low + random.uniform() * (high - low)

/** A whole number, uniform in low..high, both included. */
export const wholeBetween = (random: Random, low: number, high: number): number =>
  Math.floor(between(random, low, high + 1))

/** One of the items, each as likely. */
export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random.uniform() * items.length)]
  assert(item !== undefined, 'there is something to choose from')
  return item
}

/** Exponentially distributed with this mean: the waits between events that know nothing of each other. */
export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random.uniform())

/** Gives every actor the generator of its label. */
export function splitRandom(seed: string): (label: string) => Random {
  return label => seededRandom(`${seed}/${label}`)
}
