import type { HedgerowError, RegionName, Standing } from '../protocol/index.ts'
import type { LinkState } from './link/index.ts'
import { standingSentence } from './standing-sentence.ts'

/** Everything that decides whether a device works. */
export interface Situation {
  readonly region: RegionName
  readonly failure: HedgerowError<{ code: string }> | null
  readonly link: LinkState
  /** Whether the region has answered on this connection. */
  readonly welcomed: boolean
  /** Null before the first join. */
  readonly standing: Standing | null
  readonly standingReason: string
  /** Why no work is begun; empty when it is. */
  readonly pauseReason: string
  readonly slots: number
  readonly running: number
  readonly waiting: number
  /** Results that wait for their receipts. */
  readonly resultFrames: number
  /** What the sensors do, in sentences. */
  readonly sampling: readonly string[]
  /** What keeps tasks from taking the machine's memory, in sentences; may be empty. */
  readonly memoryBounds: string
  readonly nowMs: number
}

/** Why the device works or waits, in words for its owner. */
export function explainSituation(situation: Situation): string {
  const { resultFrames, sampling, failure, link, memoryBounds } = situation
  const sentences = [mainSentence(situation)]
  if (resultFrames > 0) sentences.push(`${counted(resultFrames, 'message')} of results wait for the region's receipt.`)
  if (failure === null && link.kind !== 'off') sentences.push(...sampling)
  if (mayWork(situation) && memoryBounds !== '') sentences.push(memoryBounds)
  return sentences.join(' ')
}

function mainSentence(situation: Situation): string {
  const { failure, link } = situation
  if (failure !== null) return failure.message
  switch (link.kind) {
    case 'off':
      return 'Stopped.'
    case 'connecting':
      return `Connecting to ${link.address}.`
    case 'waiting':
      return waitingSentence(situation, link)
    case 'open':
      return situation.welcomed
        ? workSentence(situation)
        : `Connected to ${link.address}; the region has yet to answer.`
  }
}

function waitingSentence(
  { standing, standingReason, nowMs }: Situation,
  link: LinkState & { kind: 'waiting' },
): string {
  const seconds = Math.max(0, Math.ceil((link.retryAtMs - nowMs) / 1000))
  const retry = `Next try in ${seconds} s.`
  if (standing === 'revoked') return `${standingSentence(standing, standingReason)} ${retry}`
  return `${link.error.message} ${retry}`
}

/** Whether tasks could run here now or soon; before that it does not matter what would hold them. */
function mayWork({ failure, link, welcomed, standing }: Situation): boolean {
  return failure === null && link.kind === 'open' && welcomed && (standing === null || standing === 'joined')
}

function workSentence(situation: Situation): string {
  const { standing, standingReason, pauseReason, region, slots, running, waiting } = situation
  if (standing !== null && standing !== 'joined') return standingSentence(standing, standingReason)
  if (pauseReason !== '') {
    const rest = running === 0 ? '' : ` ${counted(running, 'lease')} begun before still run.`
    return `Takes no work: ${pauseReason}.${rest}`
  }
  if (running + waiting === 0) return `Ready: the region '${region}' has no work for this device at the moment.`
  return `Working: ${running} of ${counted(slots, 'slot')} busy, ${counted(waiting, 'lease')} waiting.`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
