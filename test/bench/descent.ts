/**
 * What Merkle descent to the differing units of two answers would send and take, against what the region does: answers are compared by the digest of
 * all their outputs, a blob that is there is not sent again, and two that differ are decoded and cut. Production encoding and cutting; the descent
 * is walked over real trees.
 */
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { createRun, type Lease, type Vote } from '../../coordinator/jobs/job.ts'
import { splitRun } from '../../coordinator/jobs/split-run.ts'
import {
  encodeOutputs,
  equalBytes,
  HASH_BYTES,
  LIMITS,
  leafHash,
  nodeHash,
  toHex,
  type UnitOutcome,
} from '../../protocol/index.ts'
import type { Bench, Measured } from './harness.ts'

interface Case {
  readonly units: number
  readonly bytes: number
  /** Units that differ, spread evenly. */
  readonly differ: number
}

const CASES: readonly Case[] = [
  { units: 64, bytes: 32, differ: 1 },
  { units: 1_000, bytes: 32, differ: 1 },
  { units: 1_000, bytes: 1_024, differ: 1 },
  { units: 65_536, bytes: 32, differ: 1 },
  { units: 65_536, bytes: 32, differ: 31 },
  { units: 65_536, bytes: 32, differ: 655 },
  { units: 64, bytes: 65_536, differ: 1 },
  { units: 64, bytes: 250_000, differ: 1 },
  { units: 16, bytes: 1_000_000, differ: 1 },
]

/** Asking whether a blob is there, and the answer. */
const HEAD_BYTES = 300
const ROUNDS = 5
/** Wrong answers returned for each accepted unit: the most of any row of `npm run sim -- verification`. */
const REGIONS = [
  { name: '1 % cheats', wrong: 1.6e-4 },
  { name: '20 % cheats', wrong: 1.1e-3 },
] as const

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

/** Every unit its own output; `mark` makes another one. */
function outcomesOf({ units, bytes, differ }: Case, lies: boolean): UnitOutcome[] {
  const every = units / differ
  const isLie = (unit: number) => lies && Math.floor(unit / every) !== Math.floor((unit - 1) / every)
  return Array.from({ length: units }, (_, unit): UnitOutcome => {
    const output = Buffer.alloc(bytes, isLie(unit) ? 'lie ' : 'true')
    output.writeUInt32LE(unit)
    return { kind: 'ok', fuel: 5_000_000, bytes: output }
  })
}

function voteOf(outputs: Uint8Array): Vote {
  const digest = toHex(sha256(outputs))
  return { lease: {} as Lease, outputs, digest, failedUnits: 0, fuel: 0, isBlob: true }
}

/** The levels of a tree over the units, the root last. */
function treeOf(outcomes: readonly UnitOutcome[]): Uint8Array[][] {
  let level = outcomes.map(outcome => leafHash(sha256, encodeOutputs([outcome])))
  const levels = [level]
  while (level.length > 1) {
    const below = level
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => {
      const [left, right] = [below[2 * i], below[2 * i + 1]]
      return left && right ? nodeHash(sha256, left, right) : (left as Uint8Array)
    })
    levels.push(level)
  }
  return levels
}

/** Goes down from the root, asking for all differing nodes of a level at once. */
function descend(ours: Uint8Array[][], theirs: Uint8Array[][]): { hashes: number; rounds: number; units: number } {
  let differing = [0]
  let hashes = 1
  for (let depth = ours.length - 2; depth >= 0; depth--) {
    const [mine, sent] = [ours[depth] ?? [], theirs[depth] ?? []]
    const asked = differing.flatMap(node => [2 * node, 2 * node + 1]).filter(node => node < sent.length)
    hashes += asked.length
    differing = asked.filter(node => !equalBytes(mine[node] as Uint8Array, sent[node] as Uint8Array))
  }
  return { hashes, rounds: ours.length - 1, units: differing.length }
}

function timed<T>(run: () => T): { ms: number; value: T } {
  const spent: number[] = []
  let value = run()
  for (let round = 0; round < ROUNDS; round++) {
    const fromMs = performance.now()
    value = run()
    spent.push(performance.now() - fromMs)
  }
  return { ms: Math.min(...spent), value }
}

function measure(one: Case) {
  const { units, bytes, differ } = one
  const [right, wrong] = [outcomesOf(one, false), outcomesOf(one, true)]
  const outputs = [right, wrong].map(encodeOutputs) as [Uint8Array, Uint8Array]
  const size = outputs[0].length
  const isBlob = size > LIMITS.resultOutputsInlineBytesMax
  const run = () => ({ ...createRun(0, units), votes: outputs.map(voteOf) })
  const split = timed(() => splitRun(run()))
  const leaves = timed(() => right.map(outcome => leafHash(sha256, encodeOutputs([outcome]))))
  const whole = timed(() => sha256(outputs[0]))
  const down = descend(treeOf(right), treeOf(wrong))
  if (down.units !== differ) throw new Error(`the descent finds ${down.units} units, not ${differ}`)
  // What is not agreed on is sent after all: it may be what is right.
  const descentBytes = down.hashes * HASH_BYTES + differ * bytes
  const savedBytes = Math.max(0, size - descentBytes)
  return {
    units,
    'output B': bytes,
    differ,
    'lease B': size,
    by: isBlob ? 'blob' : 'frame',
    'agrees: sent B': isBlob ? HEAD_BYTES : size,
    'differs: sent B': size,
    'descent B': descentBytes,
    'its rounds': down.rounds,
    pieces: split.value.length,
    'split ms': rounded(split.ms),
    'whole hash ms': rounded(whole.ms),
    'unit hashes ms': rounded(leaves.ms),
    ...Object.fromEntries(
      REGIONS.map(({ name, wrong: share }) => [`saved of all, ${name}`, percent((share * savedBytes) / size)]),
    ),
  }
}

const rounded = (ms: number): number => Number(ms.toPrecision(2))
const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`

export const descent: Bench = {
  name: 'descent',
  summary: 'bytes and time of Merkle descent to differing units, against comparing whole answers',
  measure: async (): Promise<Measured> => ({
    ours: { cases: CASES.map(measure) },
    peer: null,
    targets: [],
    notes: [
      'agrees, differs: bytes that the second answer sends today. descent: hashes and the outputs that differ, one answer and its question a round.',
      `Times are the best of ${ROUNDS}.`,
      'split: decoding both answers and cutting the run, once for two that differ. unit hashes: what the leaves of the tree cost, for every answer there is.',
      'saved of all: of the bytes of all first answers, by the most wrong answers of any row of `npm run sim -- verification`.',
    ],
  }),
}
