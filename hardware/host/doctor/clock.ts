/** Is this machine's clock right? Work and pay need no right clock, but readings without a region, certificates and people do. */
import { broken, type Finding, warning, well } from '../../../protocol/index.ts'
import { peek, under } from '../../kernel/files.ts'
import type { RunCommand } from '../run-command.ts'

export interface ClockPorts {
  readonly root: string
  readonly run: RunCommand
  wallMs(): number
  /** Wall time by the `Date` header of the coordinator, and how long its answer took; null when it cannot be asked. */
  remote(): Promise<{ readonly wallMs: number; readonly elapsedMs: number } | null>
}

/** Nothing of this software is older. */
const EARLIEST_MS = Date.UTC(2026, 0, 1)
const DRIFT_WARNING_MS = 5_000
const DRIFT_BROKEN_MS = 3_600_000
/** The header counts whole seconds. */
const HEADER_MS = 1_000
const SET = 'sudo timedatectl set-ntp true'

export async function checkClock(ports: ClockPorts): Promise<Finding[]> {
  const nowMs = ports.wallMs()
  if (nowMs < EARLIEST_MS) {
    const says = `The clock says ${new Date(nowMs).toISOString().slice(0, 10)}, so it was never set.`
    return [
      broken(
        'clock',
        says,
        `Set it from the network: ${SET}, and wait a minute. Without a network: sudo date -s '2026-05-01 12:00'.`,
      ),
    ]
  }
  return [await synchronised(ports), ...(await drift(ports))]
}

async function synchronised({ root, run }: ClockPorts): Promise<Finding> {
  const said = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
  const isMarked = peek(under(root, 'run/systemd/timesync/synchronized')) !== null
  if (said === 'yes' || isMarked) return well('clock', 'The clock is kept right from the network.')
  if (said === 'no') return warning('clock', 'Nothing keeps the clock right.', `Switch it on: ${SET}.`)
  return well('clock', 'Nobody here tells whether the clock is kept right.')
}

async function drift({ remote, wallMs }: ClockPorts): Promise<Finding[]> {
  const found = await remote()
  if (found === null) return []
  const ahead = wallMs() - found.elapsedMs / 2 - found.wallMs - HEADER_MS / 2
  const slackMs = found.elapsedMs / 2 + HEADER_MS / 2
  const off = Math.max(0, Math.abs(ahead) - slackMs)
  const seconds = (Math.abs(ahead) / 1_000).toFixed(1)
  const says = `The clock is ${seconds} s ${ahead < 0 ? 'behind' : 'ahead of'} the coordinator's.`
  const fix = `See which of the two is wrong with the command date, and set it: ${SET}.`
  if (off > DRIFT_BROKEN_MS) return [broken('clock', says, fix)]
  return [
    off > DRIFT_WARNING_MS ? warning('clock', says, fix) : well('clock', 'The clock agrees with the coordinator’s.'),
  ]
}
