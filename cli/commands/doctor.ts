import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, type Finding } from '../../protocol/index.ts'
import { defineCommand } from '../command.ts'
import { deviceFolder, FOLDER_OPTION } from '../device-folder.ts'
import { findingLines, summaryOf } from '../doctor-table.ts'
import { EXIT } from '../exit-codes.ts'
import { coordinatorFolder, stateFolder } from '../state.ts'

/** Where the service keeps a device; see device/systemd. */
const SERVICE_FOLDER = '/var/lib/hedgerow-device'

/** `hedgerow doctor` */
export const doctor = defineCommand({
  name: 'doctor',
  summary: 'look what is wrong with the device or coordinator of this machine, and say what to do',
  details:
    'Looks at the clock, disk, power, temperature, permissions, service and network, and at what the device or the coordinator\n' +
    'needs besides. Which of them there is follows from the folder. Nothing is changed; a small file is written and removed.\n' +
    'The exit code is 1 when something is broken, and 0 when there are warnings at most.',
  options: {
    ...FOLDER_OPTION,
    device: { type: 'flag', describe: 'look at the device only' },
    coordinator: { type: 'flag', describe: 'look at the coordinator only' },
  },
  examples: [
    { line: 'hedgerow doctor', does: 'whatever runs from this folder' },
    { line: 'sudo hedgerow doctor --folder /var/lib/hedgerow-device', does: 'the device that runs as a service' },
    { line: 'hedgerow doctor --coordinator --json', does: 'for a script that watches a region' },
  ],
  run: async ({ options, io, out }) => {
    const state = stateFolder(io, options.state)
    const folder = folderOf(deviceFolder(io, options), options.folder)
    const hasDevice = existsSync(join(folder, 'device.key'))
    const hasCoordinator = existsSync(join(coordinatorFolder(state), 'region.key'))
    const wantsAll = !options.device && !options.coordinator
    const looksAtDevice = options.device || (wantsAll && (hasDevice || options.folder !== undefined))
    const looksAtCoordinator = options.coordinator || (wantsAll && hasCoordinator && options.folder === undefined)
    if (!looksAtDevice && !looksAtCoordinator) throw nothingHere(state)
    const device = looksAtDevice ? await (await import('../doctor-device.ts')).doctorDevice(io, folder) : null
    const { machineFindings } = await import('../doctor-host.ts')
    const findings: Record<string, readonly Finding[]> = {
      machine: await machineFindings(io, device?.httpUrl ?? null),
      ...(device === null ? {} : { device: device.findings }),
      ...(looksAtCoordinator
        ? { coordinator: await (await import('../doctor-coordinator.ts')).doctorCoordinator(io, state) }
        : {}),
    }
    const titles: Record<string, string> = {
      machine: 'This machine',
      device: `Device in ${folder}`,
      coordinator: `Coordinator in ${coordinatorFolder(state)}`,
    }
    const all = Object.values(findings).flat()
    const isBroken = all.some(({ verdict }) => verdict === 'broken')
    out.result({ ok: !isBroken, ...findings }, style => [
      ...Object.entries(findings).flatMap(([what, found]) => [
        style.bold(titles[what] ?? what),
        ...findingLines(found, io.stdout, style),
        '',
      ]),
      style.bold(summaryOf(all)),
    ])
    return isBroken ? EXIT.failure : EXIT.ok
  },
})

/** The usual folder, or the service's where only that is there. */
function folderOf(usual: string, named: string | undefined): string {
  const isElsewhere = named === undefined && !existsSync(join(usual, 'device.key')) && existsSync(SERVICE_FOLDER)
  return isElsewhere ? SERVICE_FOLDER : usual
}

function nothingHere(state: string): ConfigError {
  const message =
    `Neither a device nor a coordinator was started with the folder ${state}: name it with --state, or a device's with --folder. ` +
    'With --device or --coordinator the machine alone is looked at.'
  return new ConfigError({ code: 'not_found', path: state }, message)
}
