/** Computes disputed verdicts again, one after another and a few sensors at a turn of the event loop, from the frames of back then. */
import { assert } from '../../protocol/index.ts'
import type { Effect } from '../batch.ts'
import type { Region } from '../region.ts'
import { gatherEvidence } from '../sensing/evidence.ts'
import type { ReadingIntake } from '../sensing/intake.ts'
import { judgeWindow } from '../sensing/judge-window.ts'
import { storedQuestion } from '../sensing/stored-question.ts'
import type { Store } from '../store/rows.ts'
import type { Disputes } from './disputes.ts'
import type { Rehearing } from './settle-verdict.ts'
import { readVerdictFile, type VerdictStore } from './verdict-file.ts'
import { isNewest } from './verdict-terms.ts'

export type RejudgeEffect = Extract<Effect, { kind: 'rejudge' }>

export interface RehearingComponents {
  step: Region['step']
  disputes: Disputes
  store: VerdictStore & Pick<Store, 'frames'>
  readings: Pick<ReadingIntake, 'storedProfile'>
  /** Runs `fn` after the I/O events at hand. */
  defer(fn: () => void): void
}

/** Sensors looked at in one turn: some milliseconds. */
const SENSORS_A_TURN = 8

/** @returns takes disputed verdicts, and computes them in their order */
export function createRehearings(components: RehearingComponents): (effect: RejudgeEffect) => void {
  const { step, disputes, store, defer } = components
  const ports = {
    frames: (filter: Parameters<Store['frames']>[0]) => store.frames(filter),
    profileOf: components.readings.storedProfile,
  }
  const waiting: RejudgeEffect[] = []
  let rehearing: Generator<void, Rehearing | { why: string }> | null = null

  function* rehear({ campaign, windowMs, sensor }: RejudgeEffect): Generator<void, Rehearing | { why: string }> {
    const file = readVerdictFile(store, campaign, windowMs, sensor)
    if (file === null || !isNewest(file)) {
      return { why: 'The window was judged again meanwhile, without this sensor.' }
    }
    const question = storedQuestion(file.campaign, file.judgement, file.window)
    const evidence = yield* gatherEvidence(ports, question)
    return { file, verdict: yield* judgeWindow(question, evidence) }
  }

  const goOn = () => {
    for (let turn = 0; turn < SENSORS_A_TURN; turn++) {
      const effect = waiting[0]
      if (effect === undefined) return
      rehearing ??= rehear(effect)
      const { done, value } = rehearing.next()
      if (!done) continue
      rehearing = null
      waiting.shift()
      assert(value, 'a rehearing comes to something')
      step((now, batch) => disputes.rejudged(effect.dispute, value, now, batch))
    }
    defer(goOn)
  }

  return effect => {
    waiting.push(effect)
    if (waiting.length === 1) defer(goOn)
  }
}
