/** Does the device run, is its database sound, and does it belong to a region? */
import { broken, type Finding, warning, well } from '../../protocol/index.ts'
import type { DeviceState } from './read-state.ts'

export interface StatePorts {
  readonly stateDir: string
  readonly state: DeviceState
  /** The process that says it is the device; null when none does. */
  readonly pid: number | null
  /** Whether a process of this number runs. */
  isAlive(pid: number): boolean
}

/** More than the outbox of a device that is merely slow. */
const OUTBOX_FRAMES_MANY = 1_000

export function checkState({ stateDir, state, pid, isAlive }: StatePorts): Finding[] {
  if (state.kind === 'none') {
    return [
      broken(
        'device',
        `No device was started with the folder ${stateDir}.`,
        'Start one with a claim: hedgerow device --claim CODE. Or name its folder with --folder.',
      ),
    ]
  }
  if (state.kind === 'unreadable') {
    return [
      broken(
        'database',
        `The database in ${stateDir} cannot be read: ${state.reason}.`,
        `If it stays so while the device is stopped, move device.db away and join with a new claim; device.key keeps its earnings.`,
      ),
    ]
  }
  return [running(state, pid, isAlive), ...database(state, stateDir), ...membership(state)]
}

type ReadState = Extract<DeviceState, { kind: 'read' }>

function running({ inUse }: ReadState, pid: number | null, isAlive: (pid: number) => boolean): Finding {
  if (inUse) return well('device', pid === null ? 'The device runs.' : `The device runs, as process ${pid}.`)
  const left = pid !== null && !isAlive(pid) ? ` It ended without saying so, as process ${pid}.` : ''
  return warning(
    'device',
    `The device does not run.${left}`,
    'Start it: hedgerow device, or sudo systemctl start hedgerow-device.',
  )
}

function database({ integrity, outboxFrames }: ReadState, stateDir: string): Finding[] {
  const many = outboxFrames > OUTBOX_FRAMES_MANY
  const waiting = many
    ? [
        warning(
          'outbox',
          `${outboxFrames} messages wait for the region to take them.`,
          'See what the broker says below: they leave when it can be reached.',
        ),
      ]
    : []
  if (integrity === null) return [well('database', 'The database was sound when the device started.'), ...waiting]
  if (integrity === 'ok') return [well('database', 'The database is sound.'), ...waiting]
  const says = `The database is damaged: ${integrity}.`
  return [
    broken(
      'database',
      says,
      `Move ${stateDir}/device.db away and join with a new claim; device.key keeps its earnings. Cards that damage files should be replaced.`,
    ),
  ]
}

function membership({ enrolment }: ReadState): Finding[] {
  if (enrolment === null) {
    return [
      broken(
        'region',
        'The device belongs to no region yet.',
        'Ask the operator for a claim (hedgerow claim new), and start it once with: hedgerow device --claim CODE.',
      ),
    ]
  }
  const { region, standing, standingReason } = enrolment
  if (standing === 'joined') return [well('region', `The device belongs to ${region}, in good standing.`)]
  const why = standingReason === '' ? '' : ` (${standingReason})`
  return [
    broken(
      'region',
      `The region ${region} says: ${standing}${why}.`,
      'Ask its operator, who can see why: hedgerow device explain. A new claim may be needed.',
    ),
  ]
}
