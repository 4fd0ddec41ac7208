/** One fleet, one kind of cheat, one job: what came of it. */
import { seededRandom } from '../../../protocol/index.ts'
import { type Plan, Ring } from './cheats.ts'
import { type Answerer, rightAnswer, VerificationRegion } from './region.ts'

export interface TrialOptions {
  readonly seed: string
  readonly devices: number
  /** Share of the devices that cheat, and whether they know of each other. */
  readonly f: number
  readonly kind: 'independent' | 'colluding'
  readonly plan: Plan
  readonly theta: number
  /** Units of the job for each device: about as many leases. */
  readonly unitsPerDevice: number
}

export interface TrialOutcome {
  readonly units: number
  /** Leases for each accepted unit: over the first tenth of the job, and over its second half. */
  readonly copiesFirst: number
  readonly copiesSteady: number
  readonly copiesAll: number
  readonly wrongUnits: number
  readonly expectedWrongUnits: number
  /** Wrong answers that were returned, whatever became of them. */
  readonly cheatsTried: number
  readonly honestPunished: number
  readonly cheaters: number
  readonly cheatersCaught: number
  /** Leases that caught cheaters had answered by then, on average; not a number when none was caught. */
  readonly leasesUntilCaught: number
}

const FIRST = 0.1
const STEADY_FROM = 0.5

export function runTrial({ seed, devices, f, kind, plan, theta, unitsPerDevice }: TrialOptions): TrialOutcome {
  const random = seededRandom(`${seed}/cheats`)
  const cheaters = Math.round(devices * f)
  const ring = new Ring(plan, random)
  let cheatsTried = 0
  const answerers = Array.from({ length: devices }, (_, index): Answerer => {
    if (index >= cheaters) return rightAnswer
    const own = kind === 'colluding' ? ring : new Ring(plan, random)
    const wrong = kind === 'colluding' ? 'wrong' : `wrong ${index}`
    return (unit, checksPassed) => {
      if (!own.cheats(unit, checksPassed)) return rightAnswer(unit)
      cheatsTried++
      return `${wrong} ${unit}`
    }
  })
  const region = new VerificationRegion(seed, answerers)
  const { row, moments } = region.run(devices * unitsPerDevice, theta, [FIRST, STEADY_FROM])
  const [first, middle] = moments
  if (first === undefined || middle === undefined) throw new Error('the job ended before its second half')
  const caught = answerers.flatMap((_, index) => (region.member(index).row.standing === 'caught' ? [index] : []))
  const liars = caught.filter(index => index < cheaters)
  const leases = liars.map(index => region.answered.get(region.member(index).row.id) ?? 0)
  return {
    units: row.units,
    copiesFirst: first.leases / first.accepted,
    copiesSteady: (row.leases - middle.leases) / (row.units - middle.accepted),
    copiesAll: row.leases / row.units,
    wrongUnits: region.wrongUnits().size,
    expectedWrongUnits: row.expectedWrongUnits,
    cheatsTried,
    honestPunished: caught.length - liars.length,
    cheaters,
    cheatersCaught: liars.length,
    leasesUntilCaught: leases.reduce((sum, count) => sum + count, 0) / leases.length,
  }
}
