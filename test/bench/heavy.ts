/**
 * A text of 200 MB, put up over HTTP, split by records and read by eight device processes; beside a plain HTTP server and eight
 * processes that fetch the same parts and hash them.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { coordinatorFolder } from '../../cli/state.ts'
import { decode, equalBytes, type JobId, type Sha256Hex } from '../../protocol/index.ts'
import { CHECKSUM, checksumOf } from '../support/checksum-task.ts'
import { RECORD_END, recordText } from '../support/records.ts'
import { type Bench, type Measured, target } from './harness.ts'
import { resetPeak, residentMiB } from './memory.ts'
import { type Range, startRangePeer } from './peer/ranges.ts'
import { checkBooks, type Region, startRegion } from './region.ts'
import { rounded, summarize } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const INPUT_BYTES = 200_000_000
const RECORDS_PER_UNIT = 100
const OWNERS = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal']
const ROUNDS = 3
/** What a device fetches at a time, as the coordinator bounds it; the peer fetches as much. */
const PART_BYTES = 4 * 2 ** 20
/** A device may fetch so many times its share, and all together so many times what was needed. */
const SHARE_TARGET = 1.25
const MOVED_TARGET = 1.1
/** Makes the devices known: what strangers do is another figure. */
const WARM_UP_BYTES = 8_000_000

/** Counts what devices receive, see there. */
const COUNTER = join(import.meta.dirname, 'heavy/count-bytes.ts')

export const heavy: Bench = {
  name: 'heavy',
  summary: `a blob of ${INPUT_BYTES / 1e6} MB by records over ${OWNERS.length} devices, beside plain HTTP`,
  measure,
}

/** The input and what each of its units must answer. */
interface Work {
  readonly bytes: Uint8Array
  readonly answers: readonly Uint8Array[]
}

type Mode = 'trust' | 'quorum'

interface Round {
  readonly mbPerSecond: number
  readonly seconds: number
  /** Received over HTTP by each device, the least first. */
  readonly fetchedBytes: readonly number[]
  readonly job: JobId
  readonly coordinatorMiB: { readonly start: number; readonly peak: number; readonly end: number }
}

async function measure(place: Workplace): Promise<Measured> {
  place.say('making the text')
  const work = makeWork(INPUT_BYTES)
  const counts = place.folder()
  const region = await startRegion(place, {
    owners: OWNERS,
    deviceEnv: { NODE_OPTIONS: `--import=${COUNTER}`, HEDGEROW_BENCH_BYTES: counts },
  })
  const idle = residentMiB(region.coordinator.pid).now
  const module = await region.client.upload(CHECKSUM)
  place.say('warming up')
  const small = makeWork(WARM_UP_BYTES)
  await runJob(region, small, await region.client.upload(small.bytes), module, 'quorum')
  const uploadStartMs = performance.now()
  const input = await region.client.upload(work.bytes)
  const uploadMs = performance.now() - uploadStartMs
  const uploaded = residentMiB(region.coordinator.pid)

  const path = join(place.folder(), 'input')
  writeFileSync(path, work.bytes)
  const peer = await startRangePeer(place, path, OWNERS.length)
  const parts = partsOf(work.bytes.length)
  await peer.run(parts.slice(0, OWNERS.length))

  const rounds: Record<Mode, Round[]> = { trust: [], quorum: [] }
  const peerRates: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    for (const mode of ['trust', 'quorum'] as const) {
      const figures = await runRound(region, work, input, module, mode, counts)
      rounds[mode].push(figures)
      place.say(`round ${round} of ${ROUNDS}, ${mode}: ${figures.mbPerSecond} MB/s`)
    }
    // The peer's turn comes between ours, so that a slow minute of the machine hits both.
    const rate = rounded(work.bytes.length / 1e3 / (await peer.run(parts)))
    peerRates.push(rate)
    place.say(`round ${round} of ${ROUNDS}, plain HTTP: ${rate} MB/s`)
  }
  await checkBooks(region)
  // The coordinator holds its database for itself.
  await region.close()
  const answered = answeredUnits(join(coordinatorFolder(region.folder), 'ledger.sqlite'))
  const storedMB = rounded(storedBytes(join(coordinatorFolder(region.folder), 'blobs')) / 1e6)
  const modeFigures = (mode: Mode) =>
    figuresOf(rounds[mode], job => (answered.get(job) ?? Number.NaN) / work.answers.length)
  const ratios = rounds.trust.map(({ mbPerSecond }, index) => rounded(mbPerSecond / (peerRates[index] ?? Number.NaN)))
  const [trust, quorum] = [modeFigures('trust'), modeFigures('quorum')]
  const grown = Math.max(...[...rounds.trust, ...rounds.quorum].map(({ coordinatorMiB: { peak } }) => peak - idle))
  return {
    ours: {
      trust,
      quorum,
      partOfPlainHttp: summarize(ratios),
      upload: { mbPerSecond: rounded(work.bytes.length / 1e3 / uploadMs), coordinatorPeakMiB: uploaded.peak },
      coordinatorIdleMiB: idle,
      inputMB: INPUT_BYTES / 1e6,
      units: work.answers.length,
      devices: OWNERS.length,
      blobsStoredMB: storedMB,
    },
    peer: { name: 'plain Node HTTP, ranges fetched and hashed', mbPerSecond: summarize(peerRates) },
    targets: [
      target('most that a device fetched over its share, trust', trust.mostOverShare.median, 'lower', SHARE_TARGET),
      target('most that a device fetched over its share, quorum', quorum.mostOverShare.median, 'lower', SHARE_TARGET),
      target('bytes that all fetched over input, trust', trust.movedOverNeeded.median, 'lower', MOVED_TARGET),
      target(
        'bytes that all fetched over input times answers, quorum',
        quorum.movedOverNeeded.median,
        'lower',
        MOVED_TARGET,
      ),
      target("the coordinator's growth over idle in MiB, any round", grown, 'lower', 100),
    ],
    notes: [
      'The peer fetches the same bytes in parts of the same size and hashes them: what moving the text alone costs here. Ours splits it,',
      'leases it, reads every byte of it in sandboxes, checks, stores, pays and collects, from the submission to the checked answer.',
      `A share is the input over ${OWNERS.length} devices, times the answers that counted for a unit: what was fetched for copies of stragglers`,
      "is on top. Bytes are counted at the devices' sockets, heads included.",
    ],
  }
}

/** @param copiesOf - how many answers counted for each unit of a job: replicas do, copies of stragglers that came too late do not */
function figuresOf(rounds: readonly Round[], copiesOf: (job: JobId) => number) {
  const needed = ({ job }: Round) => INPUT_BYTES * copiesOf(job)
  const share = (round: Round) => needed(round) / OWNERS.length
  const moved = ({ fetchedBytes }: Round) => fetchedBytes.reduce((sum, bytes) => sum + bytes, 0)
  const of = (figure: (round: Round) => number) => summarize(rounds.map(round => rounded(figure(round))))
  return {
    mbPerSecond: of(round => round.mbPerSecond),
    seconds: of(round => round.seconds),
    copies: of(round => copiesOf(round.job)),
    movedMB: of(round => moved(round) / 1e6),
    movedOverInput: of(round => moved(round) / INPUT_BYTES),
    movedOverNeeded: of(round => moved(round) / needed(round)),
    leastOverShare: of(round => Math.min(...round.fetchedBytes) / share(round)),
    mostOverShare: of(round => Math.max(...round.fetchedBytes) / share(round)),
    coordinatorMiB: {
      start: of(round => round.coordinatorMiB.start),
      peak: of(round => round.coordinatorMiB.peak),
      end: of(round => round.coordinatorMiB.end),
    },
  }
}

async function runRound(
  region: Region,
  work: Work,
  input: Sha256Hex,
  module: Sha256Hex,
  mode: Mode,
  counts: string,
): Promise<Round> {
  const { pid } = region.coordinator
  const before = countedBytes(counts)
  resetPeak(pid)
  const start = residentMiB(pid).now
  const { ms, job } = await runJob(region, work, input, module, mode)
  const { now: end, peak } = residentMiB(pid)
  const fetchedBytes = [...countedBytes(counts)].map(([device, bytes]) => bytes - (before.get(device) ?? 0))
  return {
    mbPerSecond: rounded(work.bytes.length / 1e3 / ms),
    seconds: rounded(ms / 1e3),
    fetchedBytes,
    job,
    coordinatorMiB: { start, peak, end },
  }
}

async function runJob(
  region: Region,
  work: Work,
  input: Sha256Hex,
  module: Sha256Hex,
  mode: Mode,
): Promise<{ ms: number; job: JobId }> {
  const startMs = performance.now()
  const handle = await region.client.submit({
    name: `${work.bytes.length} bytes by records`,
    task: { module: { sha256: module }, memoryMiB: 1 },
    split: { kind: 'blob', source: { sha256: input }, by: 'records', size: RECORDS_PER_UNIT, delimiter: RECORD_END },
    aggregate: { kind: 'collect' },
    verify: mode === 'trust' ? 'trust' : { theta: 0.99 },
  })
  const { bytes } = await handle.result()
  const ms = performance.now() - startMs
  checkAnswers(bytes, work.answers)
  return { ms, job: handle.id }
}

/** Units of the leases of each job whose answers counted. */
function answeredUnits(database: string): Map<string, number> {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    const rows = db
      .prepare(
        "SELECT job.id, sum(unit_count) AS units FROM lease JOIN job ON job = no WHERE lease.state = 'accepted' GROUP BY no",
      )
      .all()
    return new Map(rows.map(({ id, units }) => [String(id), Number(units)]))
  } finally {
    db.close()
  }
}

function makeWork(bytes: number): Work {
  const text = recordText(bytes)
  const ends = text.unitEnds(RECORDS_PER_UNIT)
  const answers = ends.map((end, unit) => checksumOf(text.bytes.subarray(ends[unit - 1] ?? 0, end)))
  return { bytes: text.bytes, answers }
}

function checkAnswers(collected: Uint8Array, answers: readonly Uint8Array[]): void {
  const found = decode(collected) as Uint8Array[]
  if (found.length !== answers.length) throw new Error(`There are ${found.length} answers, not ${answers.length}.`)
  for (const [unit, answer] of answers.entries()) {
    if (!equalBytes(found[unit] ?? new Uint8Array(), answer)) throw new Error(`The answer of unit ${unit} is wrong.`)
  }
}

function partsOf(bytes: number): Range[] {
  return Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, index) => ({
    start: index * PART_BYTES,
    end: Math.min(bytes, (index + 1) * PART_BYTES),
  }))
}

/** What each device has received over HTTP since it started. */
function countedBytes(folder: string): Map<string, number> {
  return new Map(readdirSync(folder).map(name => [name, Number(readFileSync(join(folder, name), 'utf8'))]))
}

function storedBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)
}
