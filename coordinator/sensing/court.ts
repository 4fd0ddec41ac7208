/** Judges windows one after another, a few sensors at a turn of the event loop: reads their evidence from the store and steps what comes of it. */
import type { CampaignId } from '../../protocol/index.ts'
import type { Region } from '../region.ts'
import type { Store } from '../store/rows.ts'
import { gatherEvidence } from './evidence.ts'
import type { ReadingIntake } from './intake.ts'
import { judgeWindow } from './judge-window.ts'

/** A window whose time has come. */
export interface Case {
  readonly campaign: CampaignId
  readonly windowMs: number
  /** Frames up to this id are evidence; all of them are committed. */
  readonly frameMax: number
}

export interface CourtComponents {
  region: Region
  store: Pick<Store, 'frames'>
  readings: ReadingIntake
  /** Runs `fn` after the I/O events at hand. */
  defer(fn: () => void): void
}

/** Sensors looked at in one turn: some milliseconds. */
const SENSORS_A_TURN = 8

/** @returns takes cases, and judges them in their order */
export function createCourt(components: CourtComponents): (next: Case) => void {
  const { region, readings, defer } = components
  const ports = {
    frames: (filter: Parameters<Store['frames']>[0]) => components.store.frames(filter),
    profileOf: readings.storedProfile,
  }
  const waiting: Case[] = []
  let trial: Generator<void, void> | null = null

  function* judge({ campaign, windowMs, frameMax }: Case): Generator<void, void> {
    const question = region.sensing.question(campaign, windowMs, frameMax)
    if (question === null) return
    const evidence = yield* gatherEvidence(ports, question)
    const verdict = yield* judgeWindow(question, evidence)
    region.step((now, batch) => region.sensing.judged(campaign, verdict, now, batch))
  }

  const goOn = () => {
    for (let turn = 0; turn < SENSORS_A_TURN; turn++) {
      if (trial === null) {
        const next = waiting.shift()
        if (next === undefined) return
        trial = judge(next)
      }
      if (trial.next().done) trial = null
    }
    defer(goOn)
  }

  return next => {
    const isIdle = trial === null && waiting.length === 0
    waiting.push(next)
    if (isIdle) defer(goOn)
  }
}
