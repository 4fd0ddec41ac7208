import type { GovernorPolicy } from '../../device/governor/index.ts'
import { LAUNCHER_VARIABLE } from '../../device/launcher/messages.ts'
import type { SensorsFile } from '../../hardware/config.ts'
import { defineCommand } from '../command.ts'
import { deviceFolder, ownerFile } from '../device-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { CLAIM_VARIABLE } from '../local-devices.ts'
import { LOG_OPTIONS, openLogFormat } from '../log-format.ts'
import { deviceLog } from '../log-lines.ts'
import { sandboxPath } from '../sandbox-path.ts'
import { untilAborted } from '../wait.ts'

/** `hedgerow device` */
export const device = defineCommand({
  name: 'device',
  summary: 'run a device on this machine',
  details:
    'The first start needs a claim, which `hedgerow claim new` prints where the coordinator runs. Later starts need\n' +
    `nothing: the device keeps its key and its place in its folder. The claim may also be in $${CLAIM_VARIABLE}.\n` +
    'With a file sensors.yaml in its folder, or named by --sensors, it also measures; `hedgerow hardware scan` prints one.\n' +
    'A file governor.yaml there, or named by --governor, says when it may work; `hedgerow device governor` shows what holds now.',
  options: {
    claim: { type: 'text', value: 'CODE', describe: 'the invitation to a region; only needed once' },
    label: { type: 'text', value: 'TEXT', describe: "the owner's name for it; the host's name when left out" },
    folder: { type: 'text', value: 'DIR', describe: 'where it keeps its key and results; STATE/device when left out' },
    sensors: { type: 'text', value: 'FILE', describe: 'what is connected; sensors.yaml in its folder when left out' },
    governor: { type: 'text', value: 'FILE', describe: 'when it may work; governor.yaml in its folder when left out' },
    slots: {
      type: 'integer',
      value: 'N',
      min: 1,
      max: 64,
      describe: 'leases it runs at the same time; 1 when left out',
    },
    verbose: { type: 'flag', describe: 'print all that happens' },
    ...LOG_OPTIONS,
  },
  examples: [
    { line: 'hedgerow device --claim CODE --label kitchen-pi', does: 'joins and starts to work' },
    { line: 'hedgerow device', does: 'the same device, started again' },
  ],
  run: async ({ options, io, out }) => {
    const { runDevice, systemdWatcher } = await import('../../device/index.ts')
    const isJsonLog = options['log-format'] === 'json'
    const write = await openLogFormat(options, {
      name: 'device',
      service: 'device',
      clock: io.clock,
      level: options.verbose ? 'debug' : isJsonLog ? 'info' : 'warn',
      writeLine: line => io.stderr.write(line),
    })
    // The log has the same as an object.
    const say = (sentence: string) => (isJsonLog ? undefined : out.note(sentence))
    const stateDir = deviceFolder(io, options)
    const sensors = await sensorsOf(ownerFile(io, stateDir, 'sensors.yaml', options.sensors))
    const governor = await governorOf(ownerFile(io, stateDir, 'governor.yaml', options.governor))
    const log = deviceLog(write)
    const running = runDevice({
      stateDir,
      sensors,
      governor,
      claim: options.claim ?? (io.env[CLAIM_VARIABLE] || undefined),
      label: options.label,
      slots: options.slots,
      sandboxPath: sandboxPath(io.entry),
      watcher: systemdWatcher(io.env, process.pid, log) ?? undefined,
      log,
    })
    out.result({ device: running.id, folder: stateDir }, style => [`Device ${style.bold(running.id)}`])
    running.on('state', () => say(running.explain()))
    running.on('pause', () => {
      if (running.state === 'joined') say(running.explain())
    })
    if (io.env[LAUNCHER_VARIABLE] !== undefined)
      (await import('../launcher-channel.ts')).tellLauncher(running, io.clock)
    const stopped = untilAborted(io.stop).then(() => running.stop())
    const failure = await Promise.race([running.ended, stopped.then(() => null)])
    if (failure !== null) throw failure
    return EXIT.ok
  },
})

/** Files are read by code that is imported when there is one: a device without them loads no reader. */
async function sensorsOf(path: string | null): Promise<SensorsFile | undefined> {
  return path === null ? undefined : (await import('../sensors-file.ts')).readSensorsFile(path)
}

async function governorOf(path: string | null): Promise<GovernorPolicy | undefined> {
  return path === null ? undefined : (await import('../governor-file.ts')).readGovernorFile(path)
}
