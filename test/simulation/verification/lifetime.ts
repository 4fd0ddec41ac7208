/**
 * One rare cheat among honest devices, until it is caught: what of its cheats is wrong in the end. While a job runs, all that a caught device
 * answered alone is done again; jobs that are done are looked at again as far back as a holdback window reaches.
 */
import { seededRandom } from '../../../protocol/index.ts'
import { type Plan, Ring } from './cheats.ts'
import { type Answerer, type PastJob, rightAnswer, VerificationRegion } from './region.ts'

export interface LifetimeOptions {
  readonly seed: string
  readonly devices: number
  readonly plan: Plan
  readonly theta: number
  /** Units of each job for each device: about as many leases. */
  readonly unitsPerDevice: number
  /** The region is watched for so many jobs at most. */
  readonly jobsMax: number
}

/** A cheat that was accepted, and was wrong when its job was done. */
export interface StayingCheat {
  /** Leases of a device between it and the moment when its device was caught; infinite when it never was. */
  readonly ageLeases: number
  /** A second look came to the right answer. */
  readonly isFound: boolean
}

export interface Lifetime {
  readonly isCaught: boolean
  /** Leases that the cheat had answered when it was caught, or when nobody watched any more. */
  readonly leases: number
  readonly cheatsTried: number
  /** Accepted when their jobs were done. */
  readonly staying: readonly StayingCheat[]
  readonly units: number
  /** Leases of all jobs, and of the second looks at all that the cheat had answered alone. */
  readonly jobLeases: number
  readonly lookLeases: number
  /** Units looked at again of which the right answer was found. */
  readonly looked: number
  readonly lookedRight: number
}

const CHEAT = 0

export function liveOut({ seed, devices, plan, theta, unitsPerDevice, jobsMax }: LifetimeOptions): Lifetime {
  let cheatsTried = 0
  let job = 0
  const random = seededRandom(`${seed}/cheats`)
  let ring = new Ring(plan, random)
  const cheat: Answerer = (unit, checksPassed) => {
    if (!ring.cheats(unit, checksPassed)) return rightAnswer(unit)
    cheatsTried++
    return `wrong ${unit}`
  }
  const region = new VerificationRegion(seed, [cheat, ...new Array<Answerer>(devices - 1).fill(rightAnswer)])
  const past: PastJob[] = []
  const isCaught = () => region.member(CHEAT).row.standing === 'caught'
  while (job < jobsMax && !isCaught()) {
    // Every job numbers its units from zero.
    ring = new Ring(plan, random)
    region.run(devices * unitsPerDevice, theta, [])
    past.push(region.past(CHEAT))
    job++
  }
  const staying: StayingCheat[] = []
  let [lookLeases, looked, lookedRight] = [0, 0, 0]
  for (const [index, over] of past.entries()) {
    const ageLeases = isCaught() ? (past.length - 1 - index) * unitsPerDevice : Number.POSITIVE_INFINITY
    const found = new Set<number>()
    for (const unit of isCaught() ? over.alone : []) {
      const { leases, isRight } = region.lookAgain(over, unit, CHEAT)
      looked++
      lookLeases += leases
      if (isRight) found.add(unit)
    }
    lookedRight += found.size
    for (const unit of over.wrong) staying.push({ ageLeases, isFound: found.has(unit) })
  }
  return {
    isCaught: isCaught(),
    leases: region.answered.get(region.member(CHEAT).row.id) ?? 0,
    cheatsTried,
    staying,
    units: past.reduce((sum, { row }) => sum + row.units, 0),
    jobLeases: past.reduce((sum, { row }) => sum + row.leases, 0),
    lookLeases,
    looked,
    lookedRight,
  }
}
