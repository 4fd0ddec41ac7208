/** Where the coordinator's time goes in `throughput`: its own profile while jobs run, as a flame graph and as shares by room. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { byFunction, byRoom, type Flame, readFlame, type Shares, type TimeSpan } from './flame.ts'
import { flameSvg } from './flame-svg.ts'
import type { Figures, Measured } from './harness.ts'
import { type NoopJob, type Region, runNoop, startRegion } from './region.ts'
import type { Workplace } from './workplace.ts'

const OWNERS = ['ann', 'bob', 'cat', 'dan']
const PROFILE = 'coordinator.cpuprofile'
/** From source files, so that functions have their rooms; the devices run as built. */
const COORDINATOR_ENTRY = join(import.meta.dirname, '../../cli/main.ts')
/** A third of what V8 takes by itself, for rounds of half a second. */
const SAMPLE_INTERVAL_US = 300
const FUNCTIONS_MAX = 25

interface Mode {
  readonly title: string
  readonly job: NoopJob
  readonly rounds: number
}

const MODES = {
  adaptive: { title: 'adaptive leases', job: { units: 50_000, verify: 'trust' }, rounds: 8 },
  oneUnitLeases: { title: 'one unit a lease', job: { units: 50_000, verify: 'trust', leaseUnitsMax: 1 }, rounds: 2 },
} as const satisfies Record<string, Mode>

/** Profiles the coordinator under both kinds of leases and writes the graphs to `path`. */
export async function measureFlame(place: Workplace, path: string): Promise<Measured> {
  const folder = place.folder()
  const flags = `--cpu-prof --cpu-prof-interval=${SAMPLE_INTERVAL_US} --cpu-prof-dir=${folder} --cpu-prof-name=${PROFILE}`
  const coordinatorEnv = { NODE_OPTIONS: flags }
  const region = await startRegion(place, { owners: OWNERS, coordinatorEntry: COORDINATOR_ENTRY, coordinatorEnv })
  place.say('warming up')
  for (const { job } of Object.values(MODES)) await runNoop(region, job)
  const spans: [mode: Mode, spans: TimeSpan[]][] = []
  for (const mode of Object.values(MODES)) spans.push([mode, await timedRounds(place, region, mode)])
  await region.close()
  const panels = spans.map(([mode, within]) => panelOf(mode, readFlame(join(folder, PROFILE), within)))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, flameSvg(panels))
  place.say(`wrote ${path}`)
  return {
    ours: Object.fromEntries(Object.keys(MODES).map((name, index) => [name, figuresOf(panels[index]?.flame)])),
    peer: null,
    targets: [],
    notes: [
      'Per cent of the time in which the coordinator\'s thread was not waiting for events; "busy" is that time as a part of all of it.',
      'A function that waits for the disk or for its turn on a processor is counted as running. Native code counts for its caller.',
    ],
  }
}

async function timedRounds(place: Workplace, region: Region, { title, job, rounds }: Mode): Promise<TimeSpan[]> {
  const spans: TimeSpan[] = []
  for (let round = 1; round <= rounds; round++) {
    place.say(`${title}, round ${round} of ${rounds}`)
    const fromUs = nowUs()
    await runNoop(region, job)
    spans.push([fromUs, nowUs()])
  }
  return spans
}

/** The clock of the profile's times. */
const nowUs = (): number => Number(process.hrtime.bigint() / 1_000n)

function panelOf({ title, job }: Mode, flame: Flame): { title: string; flame: Flame } {
  const units = job.units.toLocaleString('en')
  return { title: `The coordinator's thread, ${units} no-op units, ${title}: ${busyPercent(flame)} % busy`, flame }
}

const busyPercent = ({ root, idleUs }: Flame): number => Math.round((root.us * 100) / (root.us + idleUs))

function figuresOf(flame: Flame | undefined): Figures {
  if (flame === undefined) return {}
  const functions = byFunction(flame).slice(0, FUNCTIONS_MAX)
  return { busyPercent: busyPercent(flame), rooms: figures(byRoom(flame)), functions: figures(functions) }
}

const figures = (shares: Shares): Figures => Object.fromEntries(shares)
