import type { Device } from '../../coordinator/http/admin-api.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { formatCount, formatMicro } from '../terminal/format.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const COLUMNS: readonly Column<Device>[] = [
  { title: 'DEVICE', value: ({ id }) => id },
  { title: 'LABEL', value: ({ label }) => label, shrinks: true },
  { title: 'OWNER', value: ({ owner }) => owner, shrinks: true },
  {
    title: 'STATE',
    value: stateOf,
    paint: (device, style) => (device.standing !== 'joined' ? style.bad : device.online ? style.good : style.warn),
  },
  { title: 'VERIFIED', align: 'right', value: ({ unitsAccepted }) => formatCount(unitsAccepted) },
  { title: 'REJECTED', align: 'right', value: ({ unitsRejected }) => formatCount(unitsRejected) },
  { title: 'LEASES', align: 'right', value: ({ leasesOut }) => formatCount(leasesOut) },
  { title: 'EARNED', align: 'right', value: ({ earnedMicro }) => formatMicro(earnedMicro) },
]
const WITH_REASONS: readonly Column<Device>[] = [...COLUMNS, { title: 'REASON', value: reasonOf, shrinks: true }]

function stateOf({ standing, online, drainReason, lastReason }: Device): string {
  if (standing !== 'joined') return standing
  if (drainReason !== null) return 'draining'
  if (!online) return 'offline'
  return lastReason === '' ? 'online' : 'waiting'
}

/** Why a device that is there takes no work, in its own words. */
function reasonOf({ standing, online, lastReason }: Device): string {
  return standing === 'joined' && online ? lastReason : ''
}

/** `hedgerow device list` */
export const deviceList = defineCommand({
  name: 'device list',
  summary: 'list the devices of the region',
  examples: [
    { line: 'hedgerow device list', does: 'a table of all devices' },
    { line: 'hedgerow device list --json', does: 'an array with everything known about each' },
  ],
  run: async ({ options, io, out }) => {
    const devices = await connectOperator(io, options.state).deviceList()
    const columns = devices.some(device => reasonOf(device) !== '') ? WITH_REASONS : COLUMNS
    out.result(devices, style => tableLines(devices, columns, io.stdout, style))
    if (devices.length === 0)
      out.note("No device has joined yet: make an invitation with 'hedgerow claim new --owner NAME'.")
    return EXIT.ok
  },
})
