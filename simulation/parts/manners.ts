/** How a device behaves. Honest ones run what they are leased and say what came of it. */

import type { RunRequest } from '../../device/index.ts'
import { encodeOutputs, type Random, type UnitOutcome } from '../../protocol/index.ts'
import { happens } from '../world/chance.ts'
import { mix, outputOf, type TaskShape } from './cost-model.ts'

export type Manner =
  | 'honest'
  /** Answers wrongly now and then, without having worked. */
  | 'lazy'
  /** Answers as the other colluders do. */
  | 'colluding'
  /** Takes leases and never answers some of them. */
  | 'silent'
  /** Answers at once with bytes that are no outputs. */
  | 'garbage'
  /** States more fuel than its units burned. */
  | 'fuel-liar'
  /** Answers with what it has answered before. */
  | 'replayer'
  /** Connects again and again. */
  | 'storm'
  /** Sends every frame many times, and bytes that are no frames. */
  | 'flooder'

/** Those that hand in wrong answers which look like right ones. */
export const CHEATS: ReadonlySet<Manner> = new Set<Manner>(['lazy', 'colluding', 'fuel-liar', 'replayer'])

/** What a device hands in for a run, and how much of the work it did for that. */
export interface Answer {
  /** Null when it never answers. */
  readonly outputs: Uint8Array | null
  /** Share of the time that honest work would take. */
  readonly effort: number
}

/** How often a device that is not honest is dishonest. */
const DEFAULT_RATE = 0.3
const FUEL_FACTOR = 1.5

export class Conduct {
  readonly manner: Manner
  readonly #random: Random
  readonly #rate: number
  #lastOutputs: Uint8Array | null = null

  constructor(manner: Manner, random: Random, rate = DEFAULT_RATE) {
    this.manner = manner
    this.#random = random
    this.#rate = rate
  }

  answer(shape: TaskShape, request: RunRequest, honest: readonly UnitOutcome[]): Answer {
    const right = encodeOutputs(honest)
    const before = this.#lastOutputs
    this.#lastOutputs = right
    if (this.manner === 'honest' || !happens(this.#random, this.#rate)) return { outputs: right, effort: 1 }
    switch (this.manner) {
      case 'silent':
        return { outputs: null, effort: 1 }
      case 'garbage':
        return { outputs: this.#random.bytes(40), effort: 0 }
      case 'replayer':
        return { outputs: before ?? right, effort: 0 }
      case 'lazy':
        return { outputs: encodeOutputs(altered(shape, honest, this.#random.uniform())), effort: 0 }
      case 'colluding':
        return { outputs: encodeOutputs(colluded(shape, request, honest)), effort: 0 }
      case 'fuel-liar':
        return { outputs: encodeOutputs(honest.map(outcome => inflated(outcome, request.unitFuelMax))), effort: 1 }
      default:
        return { outputs: right, effort: 1 }
    }
  }
}

/** A wrong answer that nobody else comes to. */
function altered(shape: TaskShape, honest: readonly UnitOutcome[], chance: number): UnitOutcome[] {
  const at = Math.floor(chance * honest.length)
  return honest.map((outcome, index) => (index === at ? wrong(shape, outcome, Math.floor(chance * 2 ** 30)) : outcome))
}

/** The wrong answer that all colluders come to. */
function colluded(shape: TaskShape, { inputs }: RunRequest, honest: readonly UnitOutcome[]): UnitOutcome[] {
  return honest.map((outcome, index) => wrong(shape, outcome, mix(inputs[index] ?? new Uint8Array()) + 1))
}

function wrong(shape: TaskShape, outcome: UnitOutcome, number: number): UnitOutcome {
  return { kind: 'ok', fuel: outcome.fuel, bytes: outputOf(shape, number) }
}

function inflated(outcome: UnitOutcome, fuelMax: number): UnitOutcome {
  return outcome.kind === 'out_of_fuel'
    ? outcome
    : { ...outcome, fuel: Math.min(fuelMax, Math.ceil(outcome.fuel * FUEL_FACTOR)) }
}
