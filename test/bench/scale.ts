/**
 * One coordinator and a fleet that grows: what a scheduling decision costs, how fast devices join, say that they are there and are given
 * work, and what each costs in memory. Devices are real MQTT connections of a load generator (`test/load`), the coordinator is a process
 * of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Bench, type BenchOptions, type Figures, type Measured, target } from './harness.ts'
import { svgOf } from './plot.ts'
import { type Curve, measureCurve } from './scale/curve.ts'
import { DECISION, type DecisionCosts, decisionCosts } from './scale/decision.ts'
import { scalePlot } from './scale/drawing.ts'
import { rounded } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const PARTS = ['decision', 'fleet'] as const
const FLEETS = [100, 1_000, 3_000, 10_000] as const
const PLOT = join(import.meta.dirname, '../../docs/img/scale.svg')
const DECISION_MICROS_TARGET = 50
const DECISION_GROWTH_TARGET = 1.5
const BEYOND_BROKER_KB_TARGET = 12
const COORDINATOR_MIB_TARGET = 512
const DISPATCHES_TARGET = 250
const COME_BACK_SECONDS_TARGET = 60

export const scale: Bench = {
  name: 'scale',
  summary: `one coordinator with up to ${FLEETS.at(-1)} devices, drawn to --plot (parts: ${PARTS.join(', ')})`,
  measure,
}

async function measure(place: Workplace, parts: readonly string[], options: BenchOptions): Promise<Measured> {
  const unknown = parts.find(part => !PARTS.some(known => known === part))
  if (unknown !== undefined) throw new Error(`There is no part '${unknown}'; there are ${PARTS.join(' and ')}.`)
  const wants = (part: (typeof PARTS)[number]) => parts.length === 0 || parts.includes(part)
  const decisions = wants('decision') ? decisionCosts(FLEETS, text => place.say(text)) : null
  const curve = wants('fleet') ? await measureCurve(place, FLEETS) : null
  if (curve !== null || options.plot !== undefined) {
    const path = resolve(options.plot ?? PLOT)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, svgOf(scalePlot(decisions ?? [], curve?.points ?? [])))
    place.say(`drawn: ${path}`)
  }
  const measured = [decisions === null ? null : ofDecisions(decisions), curve === null ? null : ofCurve(curve)].filter(
    part => part !== null,
  )
  return {
    ours: Object.assign({}, ...measured.map(part => part.ours)) as Figures,
    peer: null,
    targets: measured.flatMap(part => part.targets),
    notes: measured.flatMap(part => part.notes),
  }
}

function ofDecisions(curve: readonly DecisionCosts[]): Measured {
  const [smallest] = curve
  const largest = curve.at(-1)
  const at = (costs: DecisionCosts | undefined) => costs?.costs.find(({ what }) => what === DECISION)?.median ?? null
  const [few, many] = [at(smallest), at(largest)]
  return {
    ours: { decisionMicros: curve.flatMap(({ devices, costs }) => costs.map(cost => ({ devices, ...cost }))) },
    peer: null,
    targets: [
      target(`microseconds a ${DECISION}, ${largest?.devices} devices`, many, 'lower', DECISION_MICROS_TARGET),
      target(
        `times that of ${smallest?.devices} devices`,
        few === null || many === null ? null : rounded(many / few),
        'lower',
        DECISION_GROWTH_TARGET,
      ),
    ],
    notes: [
      'Decisions: the departments alone in this process, microseconds a step without its commit; a lease granted after a result includes the',
      'checking, booking and paying of that result. A tenth of the devices are newcomers, three belong to an owner, six endless jobs are of three submitters.',
    ],
  }
}

function ofCurve({ points, comeBackSeconds, lostConnections }: Curve): Measured {
  const most = FLEETS.at(-1)
  // Undefined when this machine could not hold so many.
  const largest = points.find(({ devices }) => devices === most)
  const all = `${most} devices`
  return {
    ours: { curve: points.map(point => ({ ...point })), comeBackSeconds, lostConnections },
    peer: null,
    targets: [
      target(
        `kB a device beyond the broker's, ${all}`,
        largest?.beyondBrokerKb ?? null,
        'lower',
        BEYOND_BROKER_KB_TARGET,
      ),
      target(`MiB of the coordinator with ${all}`, largest?.coordinatorMiB ?? null, 'lower', COORDINATOR_MIB_TARGET),
      target(`dispatches a second, ${all}`, largest?.dispatchesPerSecond ?? null, 'higher', DISPATCHES_TARGET),
      target(
        `seconds until ${all} are back after a restart`,
        largest === undefined ? null : comeBackSeconds,
        'lower',
        COME_BACK_SECONDS_TARGET,
      ),
    ],
    notes: [
      'Sockets are connections that the kernel shows as established at the coordinator. Joins: connect, subscribe, join with a claim, hello, each',
      'signed, until the last welcome, 64 at a time in a process of devices. Heartbeats: every device sends the next as soon as the last was acknowledged, with nothing to do.',
      'Dispatches: leases of one unit that were returned, checked, paid, stored and acknowledged. Memory: resident and, after a collection, live; of each device beyond',
      'the smallest fleet, less that of each silent connection to the same broker with nothing behind it. The generator shares the machine with the coordinator.',
    ],
  }
}
