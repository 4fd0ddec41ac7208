/** What systemd says of the service, where there is one. */
import { broken, type Finding, warning, well } from '../../../protocol/index.ts'
import type { RunCommand } from '../run-command.ts'

export interface ServicePorts {
  readonly run: RunCommand
  /** Such as `hedgerow-device`. */
  readonly unit: string
}

/** Restarts since the service was started by hand; more mean that something stops it again and again. */
const RESTARTS_MAX = 3
const PROPERTIES = '--property=LoadState,ActiveState,SubState,Result,NRestarts,UnitFileState'

export async function checkService({ run, unit }: ServicePorts): Promise<Finding[]> {
  const said = await run('systemctl', ['show', unit, PROPERTIES])
  const values = new Map((said ?? '').split('\n').map(line => splitAt(line, '=')))
  const value = (name: string) => values.get(name) ?? ''
  if (value('LoadState') !== 'loaded') return [well('service', `There is no service ${unit}: it is started by hand.`)]
  const log = `journalctl -u ${unit} -n 50`
  const state = value('ActiveState')
  if (state === 'failed') {
    const says = `The service ${unit} has failed (${value('Result')}).`
    return [broken('service', says, `Read why with: ${log}. Then: sudo systemctl restart ${unit}.`)]
  }
  if (state !== 'active' && state !== 'activating') {
    return [
      warning(
        'service',
        `The service ${unit} is ${state || 'not known to systemd'}.`,
        `Start it: sudo systemctl enable --now ${unit}.`,
      ),
    ]
  }
  const restarts = Number(value('NRestarts'))
  if (state === 'activating' || restarts > RESTARTS_MAX) {
    return [warning('service', `The service ${unit} was restarted ${restarts} times.`, `Read why with: ${log}.`)]
  }
  if (value('UnitFileState') !== 'enabled') {
    const says = `The service ${unit} runs, but will not start with the machine.`
    return [warning('service', says, `sudo systemctl enable ${unit}`)]
  }
  return [well('service', `The service ${unit} runs, and starts with the machine.`)]
}

function splitAt(line: string, mark: string): [string, string] {
  const at = line.indexOf(mark)
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
