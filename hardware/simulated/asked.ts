/** Simulated sensors that speak only when asked. */
import { createFramer, type FrameFormat } from '../serial/framer.ts'
import {
  type Misbehaviour,
  openLine,
  type Simulated,
  type SimulatorComponents,
  type SimulatorOptions,
} from './misbehave.ts'
import type { Pty } from './pty.ts'

/** What goes wrong with one that must be asked. Bytes of questions get lost as well; a sensor hears none that is not whole. */
export interface AskedMisbehaviour extends Misbehaviour {
  /** Chance that an answer ends half way, 0..1. */
  readonly halfAnswers?: number
}

/** One question that was put to it. */
export interface Exchange {
  readonly question: Uint8Array
  /** Whether the question was heard and its answer went out whole. */
  readonly intact: boolean
}

export interface AskedOptions extends Omit<SimulatorOptions, 'misbehave' | 'intervalMs'> {
  readonly misbehave?: AskedMisbehaviour
  /** Called after each question, answered or not. */
  readonly onExchange?: (exchange: Exchange) => void
}

/** An answer, and what it says in words. */
export interface Answer {
  readonly frame: Uint8Array
  readonly words: string
}

export interface AskedInit extends AskedOptions {
  readonly baudRate: number
  /** What questions look like. */
  readonly questions: FrameFormat
  /** What it hears of the bytes that come: less when it is asleep. */
  hear?(bytes: Uint8Array): Uint8Array
  /** @returns null when it says nothing to that */
  answer(question: Uint8Array): Answer | null
}

export async function simulateAsked(pty: Pty, components: SimulatorComponents, init: AskedInit): Promise<Simulated> {
  const { random } = components
  const { byteLoss = 0, halfAnswers = 0 } = init.misbehave ?? {}
  const line = await openLine(pty, components, init.baudRate, init.misbehave)

  /** @returns whether the answer went out whole */
  function respond(question: Uint8Array): boolean {
    const isHeard = question.every(() => byteLoss === 0 || random.uniform() >= byteLoss)
    const answer = isHeard ? init.answer(question) : null
    if (answer === null) return false
    if (halfAnswers > 0 && random.uniform() < halfAnswers) {
      line.send(answer.frame.subarray(0, answer.frame.length >> 1))
      return false
    }
    init.onSent?.(answer.words)
    return line.send(answer.frame)
  }

  const framer = createFramer(init.questions, question => {
    const intact = respond(question)
    init.onExchange?.({ question, intact })
  })
  line.onData(bytes => framer.push(init.hear?.(bytes) ?? bytes))
  return { counters: line.counters, stop: () => line.close() }
}
