/** What it costs to decide who works on what, as the fleet grows. */
import { type DeviceId, seededRandom } from '../../../protocol/index.ts'
import { quantile, rounded } from '../statistics.ts'
import { CREDIT_LEASES, DecisionWorld, LEASE_MS, type Step } from './decision-world.ts'

/** More than all devices can hold of each job. */
const UNITS_ENDLESS = 5_000_000
/** Enough for a median, and for the compiler to have seen it all before. */
const WARM_UP = 200
const SAMPLES = 2_000
const SAMPLES_MIN = 20
const BUDGET_MS = 700
const TICKS = 40
const TICK_MS = 200

/** Microseconds of many steps of one kind. */
export interface Cost {
  readonly what: string
  readonly median: number
  readonly p99: number
  readonly samples: number
}

/** What one fleet's steps cost. */
export interface DecisionCosts {
  readonly devices: number
  readonly costs: readonly Cost[]
}

/** The figure that the targets are about. */
export const DECISION = 'lease granted after a result'

/**
 * Measures fleets of these sizes, in this process, without signatures, network and disk.
 * A busy fleet has all the work it can hold; an idle one waits for the last leases of three jobs and has room everywhere.
 */
export function decisionCosts(fleets: readonly number[], say: (text: string) => void): DecisionCosts[] {
  return fleets.map(devices => {
    say(`decisions among ${devices} devices`)
    return { devices, costs: [...busyFleet(devices), ...idleFleet(devices)] }
  })
}

function busyFleet(deviceCount: number): Cost[] {
  const fleet = new DecisionWorld(deviceCount)
  for (let i = 0; i < 6; i++) fleet.submit(UNITS_ENDLESS, i % 3 === 2 ? { theta: 0.99 } : 'trust')
  const next = inAnyOrder(fleet)
  // In the time that a lease takes, every device returns one.
  const stepMs = LEASE_MS / deviceCount
  const afterResult = () => {
    fleet.pass(stepMs)
    return fleet.answer(next())
  }
  const perGrant = ({ micros, grants }: Step) => (grants === 0 ? null : micros / grants)
  return [
    sample(DECISION, afterResult, perGrant),
    sample(
      'lease granted after a status',
      () => {
        const device = next()
        fleet.status(device, 0)
        while (fleet.answer(device) !== null);
        return fleet.status(device, CREDIT_LEASES)
      },
      perGrant,
    ),
    sample('status of a busy device', () => fleet.status(next(), CREDIT_LEASES)),
    ticks('tick of a busy fleet', fleet),
  ]
}

function idleFleet(deviceCount: number): Cost[] {
  const fleet = new DecisionWorld(deviceCount)
  const unitsLast = Math.max(10, Math.floor(deviceCount / 100))
  for (let i = 0; i < 3; i++) fleet.submit(unitsLast, i === 2 ? { theta: 0.99 } : 'trust')
  const next = inAnyOrder(fleet)
  return [
    sample('status of an idle device', () => fleet.status(next(), CREDIT_LEASES)),
    ticks('tick of an idle fleet', fleet),
    sample('job of one unit submitted and granted', () => {
      const step = fleet.submit(1, 'trust')
      for (const device of fleet.devices) if (fleet.heldBy(device).length > 0) fleet.answer(device)
      return step
    }),
  ]
}

function ticks(what: string, fleet: DecisionWorld): Cost {
  const take = () => {
    fleet.pass(TICK_MS / 10)
    return fleet.tick()
  }
  return sample(what, take, undefined, TICKS)
}

/** Devices in an order that favours none, the same in every run. */
function inAnyOrder(fleet: DecisionWorld): () => DeviceId {
  const random = seededRandom('order')
  const { devices } = fleet
  return () => devices[Math.floor(random.uniform() * devices.length)] as DeviceId
}

/** Takes steps until there are enough of them, or the time is over. */
function sample(
  what: string,
  take: () => Step | null,
  microsOf: (step: Step) => number | null = ({ micros }) => micros,
  count = SAMPLES,
): Cost {
  const values: number[] = []
  const warmUp = Math.min(WARM_UP, count)
  const endMs = performance.now() + BUDGET_MS
  for (let i = 0; values.length < count + warmUp; i++) {
    if (performance.now() > endMs && i >= SAMPLES_MIN) break
    const step = take()
    const micros = step === null ? null : microsOf(step)
    if (micros !== null) values.push(micros)
  }
  const counted = values.slice(Math.min(warmUp, values.length >> 1))
  return {
    what,
    median: rounded(quantile(counted, 0.5)),
    p99: rounded(quantile(counted, 0.99)),
    samples: counted.length,
  }
}
