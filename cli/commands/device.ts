import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SensorsFile } from '../../hardware/config.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { CLAIM_VARIABLE } from '../local-devices.ts'
import { deviceLog } from '../log-lines.ts'
import { sandboxPath } from '../sandbox-path.ts'
import { stateFolder } from '../state.ts'
import { untilAborted } from '../wait.ts'

/** `hedgerow device` */
export const device = defineCommand({
  name: 'device',
  summary: 'run a device on this machine',
  details:
    'The first start needs a claim, which `hedgerow claim new` prints where the coordinator runs. Later starts need\n' +
    `nothing: the device keeps its key and its place in its folder. The claim may also be in $${CLAIM_VARIABLE}.\n` +
    'With a file sensors.yaml in its folder, or named by --sensors, it also measures; `hedgerow hardware scan` prints one.',
  options: {
    claim: { type: 'text', value: 'CODE', describe: 'the invitation to a region; only needed once' },
    label: { type: 'text', value: 'TEXT', describe: "the owner's name for it; the host's name when left out" },
    folder: { type: 'text', value: 'DIR', describe: 'where it keeps its key and results; STATE/device when left out' },
    sensors: { type: 'text', value: 'FILE', describe: 'what is connected; sensors.yaml in its folder when left out' },
    slots: {
      type: 'integer',
      value: 'N',
      min: 1,
      max: 64,
      describe: 'leases it runs at the same time; 1 when left out',
    },
    verbose: { type: 'flag', describe: 'print all that happens' },
  },
  examples: [
    { line: 'hedgerow device --claim CODE --label kitchen-pi', does: 'joins and starts to work' },
    { line: 'hedgerow device', does: 'the same device, started again' },
  ],
  run: async ({ options, io, out }) => {
    const { runDevice } = await import('../../device/index.ts')
    const stateDir =
      options.folder === undefined ? join(stateFolder(io, options.state), 'device') : resolve(io.cwd, options.folder)
    const sensors = await sensorsOf(stateDir, options.sensors === undefined ? null : resolve(io.cwd, options.sensors))
    const running = runDevice({
      stateDir,
      sensors,
      claim: options.claim ?? (io.env[CLAIM_VARIABLE] || undefined),
      label: options.label,
      slots: options.slots,
      sandboxPath: sandboxPath(io.entry),
      log: deviceLog(io.clock, line => io.stderr.write(line), options.verbose),
    })
    out.result({ device: running.id, folder: stateDir }, style => [`Device ${style.bold(running.id)}`])
    running.on('state', () => out.note(running.explain()))
    const stopped = untilAborted(io.stop).then(() => running.stop())
    const failure = await Promise.race([running.ended, stopped.then(() => null)])
    if (failure !== null) throw failure
    return EXIT.ok
  },
})

/** The file in the device's folder need not be there; one that was named must. */
async function sensorsOf(stateDir: string, named: string | null): Promise<SensorsFile | undefined> {
  const usual = join(stateDir, 'sensors.yaml')
  if (named === null && !existsSync(usual)) return undefined
  // Imported when there is a file: a device without sensors loads no reader for it.
  const { readSensorsFile } = await import('../sensors-file.ts')
  return readSensorsFile(named ?? usual)
}
