/** Makes fewer readings of many: neighbours become statistics of a longer period. Pure. */
import { assert, type Profile, type SensorFault } from '../../protocol/index.ts'
import { type Block, faultsOf, firstColumn, spansOf } from './block.ts'
import type { ReadingValues } from './series.ts'
import { ChannelGatherer, readingOf } from './statistics.ts'

/** Neighbouring readings that become one. */
const THINNING = 15
const DAY_MS = 86_400_000

/** What readings of a profile are thinned to: its channels' statistics at a period 15 times as long, a day at most; null when it cannot be longer. */
export function thinnedProfile(profile: Profile): Profile | null {
  const times = Math.min(THINNING, Math.floor(DAY_MS / profile.periodMs))
  return times < 2 ? null : { periodMs: profile.periodMs * times, kind: 'statistics', channels: profile.channels }
}

/** What came of thinning. */
export interface Thinned {
  /** Readings of the longer period, in stretches without a break. */
  readonly blocks: readonly Block[]
  /** Where what was thinned begins and ends, by the clock of the blocks. */
  readonly fromMs: number
  readonly toMs: number
  /** How many of the given blocks went into it entirely; of the next, `restFrom` readings did. */
  readonly whole: number
  readonly restFrom: number
}

/**
 * Thins readings, but for those of the last long period: more of it may follow.
 * @param blocks - of one clock, ascending
 * @param long - as {@link thinnedProfile} gave it
 * @returns null when all readings are of one long period
 */
export function thinBlocks(blocks: readonly Block[], profile: Profile, long: Profile): Thinned | null {
  const groups: Group[] = []
  for (const [index, block] of blocks.entries()) {
    const faults = profile.channels.map((_, channel) => faultsOf(block, channel))
    for (let i = 0; i < block.count; i++) {
      const atMs = block.fromMs + i * profile.periodMs
      const startMs = startOf(atMs, profile.periodMs, long.periodMs)
      if (groups.at(-1)?.startMs !== startMs) groups.push(newGroup(startMs, atMs, index, i, profile))
      const group = groups.at(-1)
      assert(group !== undefined, 'a group was begun')
      addReading(group, block, i, profile, faults)
      group.uncertaintyMs = Math.max(group.uncertaintyMs, block.uncertaintyMs)
      group.endMs = Math.max(group.endMs, atMs + profile.periodMs)
    }
  }
  const last = groups.pop()
  if (groups.length === 0 || last === undefined) return null
  const { boot } = blocks[0] as Block
  return {
    blocks: blocksOf(groups, boot, long),
    fromMs: Math.min(...groups.map(({ atMs }) => atMs)),
    toMs: Math.max(...groups.map(({ endMs }) => endMs)),
    whole: last.block,
    restFrom: last.reading,
  }
}

interface Group {
  readonly startMs: number
  /** Its first reading: when, in which block, and which of its readings. */
  readonly atMs: number
  readonly block: number
  readonly reading: number
  uncertaintyMs: number
  /** The end of its last reading. */
  endMs: number
  readonly channels: readonly ChannelGatherer[]
}

function newGroup(startMs: number, atMs: number, block: number, reading: number, profile: Profile): Group {
  const channels = profile.channels.map(() => new ChannelGatherer())
  return { startMs, atMs, block, reading, uncertaintyMs: 0, endMs: atMs, channels }
}

/** The long period that a moment lies in. It begins with a moment of the short one. */
function startOf(atMs: number, shortMs: number, longMs: number): number {
  const phaseMs = atMs % shortMs
  return Math.floor((atMs - phaseMs) / longMs) * longMs + phaseMs
}

function addReading(
  group: Group,
  { columns }: Block,
  i: number,
  profile: Profile,
  faults: readonly (readonly (SensorFault | null)[])[],
): void {
  for (const [channel, gatherer] of group.channels.entries()) {
    const at = firstColumn(profile, channel)
    const value = (column: number) => columns[at + column]?.[i] ?? Number.NaN
    if (Number.isNaN(value(0))) gatherer.addFault(faults[channel]?.[i] ?? 'unknown')
    else if (profile.kind === 'sample') gatherer.addValue(value(0))
    else gatherer.addStatistics({ mean: value(0), least: value(1), greatest: value(2), samples: value(3) })
  }
}

function blocksOf(groups: readonly Group[], boot: number, long: Profile): Block[] {
  const blocks: Block[] = []
  for (let from = 0; from < groups.length; ) {
    let to = from + 1
    while (to < groups.length && groups[to]?.startMs === (groups[to - 1]?.startMs ?? 0) + long.periodMs) to++
    blocks.push(blockOf(groups.slice(from, to), boot))
    from = to
  }
  return blocks
}

function blockOf(groups: readonly Group[], boot: number): Block {
  const readings: ReadingValues[] = groups.map(({ channels }) => readingOf(channels))
  const width = readings[0]?.values.length ?? 0
  return {
    boot,
    fromMs: groups[0]?.startMs ?? 0,
    uncertaintyMs: Math.max(...groups.map(({ uncertaintyMs }) => uncertaintyMs)),
    count: groups.length,
    columns: Array.from({ length: width }, (_, i) =>
      Float64Array.from(readings, ({ values }) => values[i] ?? Number.NaN),
    ),
    faults: spansOf(
      (groups[0]?.channels ?? []).map((_, channel) => readings.map(({ faults }) => faults[channel] ?? null)),
    ),
  }
}
