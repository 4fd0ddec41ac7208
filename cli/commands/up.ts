import type { Device } from '../../coordinator/http/admin-api.ts'
import { ownerName } from '../../protocol/index.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { LocalDevice } from '../local-devices.ts'
import { startLocalCoordinator, startLocalDevices, untilOnline } from '../local-region.ts'
import type { Output } from '../output.ts'
import { coordinatorOptions, REGION_OPTIONS } from '../region-options.ts'
import { stateFolder } from '../state.ts'
import { untilAborted } from '../wait.ts'

const ONLINE_TIMEOUT_MS = 20_000
const OWNERS_MAX = 64

/** `hedgerow up` */
export const up = defineCommand({
  name: 'up',
  summary: 'start a region with devices on this machine',
  details:
    'A coordinator in this process and devices as its child processes, until Ctrl-C. The next start goes on with the\n' +
    'same devices and jobs. When a default port is taken, a free one is used.',
  options: {
    ...REGION_OPTIONS,
    devices: { type: 'integer', value: 'N', min: 0, max: 64, default: 4, describe: 'how many devices' },
    owners: { type: 'text', value: 'N|NAMES', default: '4', describe: 'how many owners, or their names with commas' },
  },
  examples: [
    { line: 'hedgerow up', does: 'four devices of four owners, enough to agree on any result' },
    { line: 'hedgerow up --devices 6 --owners alice,bob,carol', does: 'two devices for each of three owners' },
  ],
  run: async invocation => {
    const { options, io, out } = invocation
    const owners = ownersOf(options.owners)
    const portFallback = options.port === undefined && options['http-port'] === undefined
    const { coordinator, api, fatal } = await startLocalCoordinator(
      { ...(await coordinatorOptions(invocation)), portFallback },
      io,
    )
    let devices: LocalDevice[] = []
    try {
      const state = stateFolder(io, options.state)
      devices = await startLocalDevices(api, { state, count: options.devices, owners }, io)
      reportExits(devices, out, io.stop)
      const labels = devices.map(({ label }) => label)
      const online = await untilOnline(api, devices, ONLINE_TIMEOUT_MS, io)
      if (online < devices.length)
        out.note(`Only ${online} of ${devices.length} devices are online yet; ${logHint(devices)}`)
      const { name: region, mqttUrl, httpUrl } = coordinator
      const joined = (await api.deviceList())
        .filter(({ label }) => labels.includes(label))
        .sort((a, b) => labels.indexOf(a.label) - labels.indexOf(b.label))
      out.result({ region, mqttUrl, httpUrl, state, devices: joined }, style => [
        `Region ${style.bold(region)} is up: ${online} devices, ${mqttUrl} and ${httpUrl}`,
        ...joined.map(deviceLine),
      ])
      out.note(nextSteps(options.state))
      await Promise.race([untilAborted(io.stop), fatal])
    } finally {
      await Promise.all(devices.map(device => device.stop()))
    }
    await coordinator.close()
    return EXIT.ok
  },
})

/** `3` as owner-1 to owner-3, or the names themselves. */
function ownersOf(text: string): string[] {
  const count = /^[0-9]{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (count >= 1 && count <= OWNERS_MAX) return Array.from({ length: count }, (_, index) => `owner-${index + 1}`)
  return text.split(',').map(name => ownerName(name.trim()))
}

function reportExits(devices: readonly LocalDevice[], out: Output, stop: AbortSignal): void {
  for (const { label, logFile, exited } of devices) {
    exited.then(how => {
      if (!stop.aborted) out.note(`${label} ended (${how}); ${logFile} says why.`)
    })
  }
}

function logHint(devices: readonly LocalDevice[]): string {
  return `their logs say why: ${devices[0]?.logFile ?? ''} and so on.`
}

function deviceLine({ label, id, owner, standing }: Device): string {
  return `  ${label}  ${id}  ${owner}  ${standing}`
}

function nextSteps(state: string | undefined): string {
  const more = state === undefined ? '' : ` --state ${state}`
  return (
    `Next, in another terminal: hedgerow dashboard --token${more} for its page, hedgerow submitter add me --fund 100${more}, ` +
    `then hedgerow job submit FILE --watch${more}. Ctrl-C stops the region.`
  )
}
