/** When the next kill comes, and whom it meets. */
import type { DownlinkClass, Random, UplinkClass } from '../../protocol/index.ts'

export type Moment =
  /** So long after the last restart. */
  | { readonly kind: 'time'; readonly ms: number }
  /** So long after so many messages of a class have passed: 0 to 4 ms behind a result the coordinator is committing it. */
  | {
      readonly kind: 'message'
      readonly name: UplinkClass | DownlinkClass
      readonly count: number
      readonly ms: number
    }
  /** So long after a job is handed in, or after it tells that all its units are in and only its answer is missing. */
  | { readonly kind: 'submission' | 'completion'; readonly ms: number }
  /** In the middle of the first group commit so long after the last restart: its first pages are written and its last is not. */
  | { readonly kind: 'commit'; readonly afterMs: number }

export interface Kill {
  readonly moment: Moment
  readonly coordinator: boolean
  /** Index of the device that is killed. */
  readonly device: number | null
  /** It is killed again so long after it was started again; null when it may start in peace. */
  readonly againMs: number | null
  /** How long it stays away. */
  readonly awayMs: number
}

/**
 * A plan of kills that depends on the random source alone; what they meet depends on the machine.
 * @param index - how many kills came before
 */
export function nextKill(random: Random, index: number, devices: number): Kill {
  const between = (least: number, most: number) => least + Math.floor(random.uniform() * (most - least + 1))
  // The first two meet one of each, so that few kills meet both too.
  const who = index > 1 ? random.uniform() : index
  const coordinator = who < 0.55
  const device = who >= 0.5 ? between(0, devices - 1) : null
  return {
    moment: coordinator && random.uniform() < 0.25 ? { kind: 'commit', afterMs: 0 } : nextMoment(random, between),
    coordinator,
    device,
    againMs: random.uniform() < 0.15 ? between(0, 500) : null,
    awayMs: coordinator ? between(0, 300) : between(0, 1_500),
  }
}

function nextMoment(random: Random, between: (least: number, most: number) => number): Moment {
  const choice = random.uniform()
  const ms = between(0, 4)
  if (choice < 0.25) return { kind: 'time', ms: between(0, 2_000) }
  if (choice < 0.4) return { kind: 'submission', ms: between(0, 10) }
  if (choice < 0.5) return { kind: 'completion', ms: between(0, 1) }
  const name = choice < 0.75 ? 'result' : choice < 0.87 ? 'ack' : 'lease'
  return { kind: 'message', name, count: between(1, 60), ms }
}

/** A kill of the coordinator in the middle of a group commit. */
export function commitKill(random: Random): Kill {
  const [afterMs, awayMs] = [1_500, 300].map(most => Math.floor(random.uniform() * most)) as [number, number]
  return { moment: { kind: 'commit', afterMs }, coordinator: true, device: null, againMs: null, awayMs }
}

/** For people. */
export function describeKill({ moment, coordinator, device, againMs }: Kill): string {
  const victims = [coordinator ? 'coordinator' : '', device === null ? '' : `device ${device + 1}`]
    .filter(Boolean)
    .join(' and ')
  return `${victims} ${describeMoment(moment)}${againMs === null ? '' : `, and again ${againMs} ms after its start`}`
}

function describeMoment(moment: Moment): string {
  if (moment.kind === 'commit')
    return `in the middle of a commit${moment.afterMs > 0 ? ` after ${moment.afterMs} ms` : ''}`
  if (moment.kind === 'time') return `after ${moment.ms} ms`
  if (moment.kind !== 'message') return `${moment.ms} ms after a ${moment.kind}`
  return `${moment.ms} ms after ${moment.count} × ${moment.name}`
}
