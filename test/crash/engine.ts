/**
 * A region of real processes under fire: the coordinator and devices are killed with SIGKILL at seeded moments while jobs
 * run, are started again, and what they leave on disk is looked over each time. The choices depend on the seed alone; what
 * they meet depends on the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../protocol/index.ts'
import type { AuditFigures, Met } from './audit.ts'
import { commitKill, describeKill, type Kill, type Moment, nextKill } from './moments.ts'
import { RegionUnderFire } from './region.ts'
import { Submitter } from './submitter.ts'
import { pause } from './wait.ts'
import { WorkMaker } from './works.ts'

export interface CrashOptions {
  /** How many processes are killed, at least. */
  readonly kills: number
  readonly seed: string
  /** Every kill meets the coordinator in the middle of a group commit. Default false. */
  readonly commitsOnly?: boolean
  /** Takes a line for people about each kill. */
  say(line: string): void
}

export interface CrashReport {
  /** In words; empty when all went well. */
  readonly problems: readonly string[]
  readonly coordinatorKills: number
  readonly deviceKills: number
  /** Submissions whose acceptance the submitter saw. */
  readonly jobs: number
  /** Uploads, submissions and questions done again, because their outcome was unknown or on purpose. */
  readonly repeats: number
  /** Result frames that the coordinator acknowledged. */
  readonly ackedFrames: number
  /** At the end of all. */
  readonly figures: AuditFigures | null
  /** What the coordinator was in the middle of when it was killed, summed over its kills. */
  readonly met: Met
  /** Kills of the coordinator that met a commit of which a part was written. A kill that waits for the disk cannot be told apart. */
  readonly commitsCut: number
  /** Entries of the public log at the end, and the checkpoints of it that somebody outside saw. */
  readonly log: { readonly entries: number; readonly checkpointsSeen: number }
  readonly seconds: number
  /** Where logs and databases lie, when there were problems. */
  readonly folder: string | null
}

/** A moment that has not come by then comes now. */
const MOMENT_TIMEOUT_MS = 8_000
/** From the last kill to the last answer. */
const FINISH_TIMEOUT_MS = 180_000
/** With so many kills, the first are spent on the first start of the coordinator and of a device. */
const KILLS_WITH_FIRST_LIVES = 10
const FIRST_LIFE_MS_MAX = 500
const PROBLEMS_MAX = 20

/** Never throws: what goes wrong is in the report. */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const startMs = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-crash-'))
  const problems: string[] = []
  const region = await RegionUnderFire.open(folder, problems)
  const outcome: { submitter: Submitter | null; figures: AuditFigures | null } = { submitter: null, figures: null }
  try {
    await fight(options, region, outcome)
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    problems.push(...(outcome.submitter?.open ?? []).map(job => `Job ${job} has no answer.`))
  } finally {
    outcome.submitter?.abandon()
    await region.stop()
  }
  const { submitter, figures } = outcome
  problems.push(...(submitter?.problems ?? []), ...region.tap.problems)
  if (problems.length === 0) rmSync(folder, { recursive: true, force: true })
  const { coordinatorKills, deviceKills } = region
  return {
    problems:
      problems.length > PROBLEMS_MAX
        ? [...problems.slice(0, PROBLEMS_MAX), `and ${problems.length - PROBLEMS_MAX} more`]
        : problems,
    coordinatorKills,
    deviceKills,
    jobs: submitter?.acknowledged.length ?? 0,
    repeats: submitter?.repeats ?? 0,
    ackedFrames: region.tap.acked,
    figures,
    met: region.met,
    commitsCut: region.commitsCut,
    log: region.log,
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    folder: problems.length === 0 ? null : folder,
  }
}

async function fight(
  options: CrashOptions,
  region: RegionUnderFire,
  outcome: { submitter: Submitter | null; figures: AuditFigures | null },
): Promise<void> {
  const { kills, seed, say } = options
  const random = seededRandom(`crash/${seed}`)
  const firstLife = () => (kills >= KILLS_WITH_FIRST_LIVES ? Math.floor(random.uniform() * FIRST_LIFE_MS_MAX) : null)
  const client = await region.start({ coordinatorMs: firstLife(), deviceMs: firstLife() })
  const works = new WorkMaker(seededRandom(`works/${seed}`))
  const submitter = new Submitter({ client, works, random: seededRandom(`submitter/${seed}`), prefix: seed })
  outcome.submitter = submitter
  let over = false
  submitter.run().then(() => {
    over = true
  })
  const done = () => region.coordinatorKills + region.deviceKills
  while (done() < kills && region.problems.length === 0 && submitter.problems.length === 0) {
    const kill = options.commitsOnly === true ? commitKill(random) : nextKill(random, done(), region.devices.length)
    say(`${done() + 1}/${kills}: ${describeKill(kill)}`)
    const came = await carryOut(kill, region, submitter)
    if (!came) say('  the moment did not come; killed all the same')
  }
  submitter.finish()
  if (region.problems.length + submitter.problems.length > 0) return
  say(`${done()} kills; waiting for ${submitter.open.length} jobs`)
  await region.heal('The end of all jobs', FINISH_TIMEOUT_MS, () => over)
  if (submitter.problems.length > 0) return
  outcome.figures = await region.finish(submitter.acknowledged)
}

/** @returns whether the moment came by itself */
async function carryOut(
  { moment, coordinator, device, awayMs, againMs }: Kill,
  region: RegionUnderFire,
  submitter: Submitter,
): Promise<boolean> {
  const came = await untilMoment(moment, region, submitter)
  await Promise.all([
    coordinator ? region.killCoordinator(submitter.acknowledged, awayMs, againMs) : null,
    device === null ? null : region.killDevice(device, awayMs),
  ])
  if (!coordinator && device !== null && againMs !== null) {
    await pause(againMs)
    await region.killDevice(device, awayMs)
  }
  return came
}

async function untilMoment(moment: Moment, region: RegionUnderFire, submitter: Submitter): Promise<boolean> {
  if (moment.kind === 'commit') {
    await pause(moment.afterMs)
    return region.freezeCommitting(MOMENT_TIMEOUT_MS)
  }
  return new Promise(resolve => {
    let left = moment.kind === 'message' ? moment.count : 1
    const come = (byItself: boolean) => {
      clearTimeout(timer)
      unlisten()
      resolve(byItself)
    }
    const happened = () => {
      left--
      if (left !== 0) return
      // Not within the event itself, so that what is being passed on is.
      if (moment.ms === 0) setImmediate(() => come(true))
      else setTimeout(() => come(true), moment.ms)
    }
    const unlisten =
      moment.kind === 'message'
        ? region.tap.onMessage(name => {
            if (name === moment.name) happened()
          })
        : moment.kind === 'time'
          ? () => {}
          : submitter.on(moment.kind, happened)
    const timer = setTimeout(() => come(moment.kind === 'time'), moment.kind === 'time' ? moment.ms : MOMENT_TIMEOUT_MS)
  })
}
