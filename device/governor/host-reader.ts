/** Reads of this machine what the owner's rules ask for, and nothing else. */
// Not through hardware's door: a device without sensors loads no more of it than these readers.
import { readDefaultInterface, readTrafficBytes } from '../../hardware/host/network.ts'
import { readPower } from '../../hardware/host/power-supply.ts'
import { type Process, readCommandName, readProcesses, treeUsedMs } from '../../hardware/host/processes.ts'
import { readProcessorTimes } from '../../hardware/host/processors.ts'
import { assert, type Clock } from '../../protocol/index.ts'
import { healthReader } from '../health.ts'
import type { Log } from '../log.ts'
import { type ConditionSource, fileSource, type OpenTopic, topicSource } from './condition-source.ts'
import type { GovernorPolicy } from './policy.ts'
import type { Load, Readings, Traffic } from './readings.ts'
import { type TrafficInit, TrafficMeter } from './traffic-meter.ts'

export interface HostReaderComponents {
  readonly clock: Clock
  readonly log: Log
  /** Needed when a condition is about a topic. */
  readonly openTopic?: OpenTopic
}

export interface HostReaderInit {
  readonly policy: GovernorPolicy
  /** The process whose processor time, with that of all it started, is not other programs'. */
  readonly ownPid: number
  /** Where the month's traffic is kept. */
  readonly traffic: TrafficInit
  /** Another root stands for a recorded tree in tests. */
  readonly root?: string
}

export interface HostReader {
  read(): Readings
  /** Stops listening to topics. */
  close(): void
}

/** The kernel cuts names of programs to so many bytes. */
const COMM_BYTES = 15

/** A reader of this machine. */
export function hostReader(components: HostReaderComponents, init: HostReaderInit): HostReader {
  const { clock, log } = components
  const { policy, ownPid } = init
  const root = init.root === undefined ? {} : { root: init.root }
  const readHealth = healthReader(log, root)
  const meter = policy.monthlyTrafficMaxBytes === null ? null : new TrafficMeter(init.traffic)
  const sources = policy.conditions.map(condition => [condition.name, sourceOf(components, condition)] as const)
  const needsProcesses = policy.loadMax !== null || policy.exclusive.length > 0
  const needsNetwork = policy.meteredInterfaces.length > 0 || meter !== null
  const needsPower = policy.onBattery === 'pause' || policy.chargeMinPercent !== null
  const traffic = (network: string | null): Traffic | null => {
    if (meter === null) return null
    const bytes = network === null ? null : readTrafficBytes(network, root)
    const count = network === null || bytes === null ? null : { name: network, bytes }
    return meter.count(count, clock.wallMs(), clock.monotonicMs())
  }
  return {
    read() {
      const processes = needsProcesses ? readProcesses(root) : null
      const network = needsNetwork ? readDefaultInterface(root) : null
      return {
        ...readHealth(),
        load: processes === null ? null : readLoad(processes, ownPid, root),
        exclusive: processes === null ? null : findExclusive(processes, policy.exclusive, root),
        network: network ?? '',
        traffic: traffic(network),
        power: needsPower ? readPower(root) : null,
        conditions: new Map(sources.map(([name, source]) => [name, source.read()])),
      }
    },
    close() {
      for (const [, source] of sources) source.close()
      meter?.save(clock.monotonicMs())
    },
  }
}

function sourceOf(
  { clock, openTopic }: HostReaderComponents,
  condition: GovernorPolicy['conditions'][number],
): ConditionSource {
  const { source } = condition
  if ('file' in source) return fileSource(clock, condition, source.file)
  assert(openTopic !== undefined, 'conditions about topics need somebody who listens to them')
  return topicSource(clock, condition, source.mqtt, openTopic)
}

function readLoad(processes: readonly Process[], ownPid: number, root: { readonly root?: string }): Load | null {
  const times = readProcessorTimes(root)
  if (times === null) return null
  return { processors: times.processors, othersMs: times.busyMs - treeUsedMs(processes, ownPid) }
}

/** Without the first process of the machine in sight, other users' programs are hidden, and nobody can say that none runs. */
function findExclusive(
  processes: readonly Process[],
  wanted: readonly string[],
  root: { readonly root?: string },
): string | null {
  for (const { pid, name } of processes) {
    const known = wanted.find(program => cut(program) === name) ?? byCommand(pid, wanted, root)
    if (known !== undefined) return known
  }
  return processes.some(({ pid }) => pid === 1) ? '' : null
}

function byCommand(pid: number, wanted: readonly string[], root: { readonly root?: string }): string | undefined {
  if (wanted.length === 0) return undefined
  const command = readCommandName(pid, root)
  return wanted.find(program => program === command)
}

function cut(program: string): string {
  return Buffer.from(program).subarray(0, COMM_BYTES).toString()
}
