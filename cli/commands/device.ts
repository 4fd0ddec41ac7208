import { join, resolve } from 'node:path'
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
    `nothing: the device keeps its key and its place in its folder. The claim may also be in $${CLAIM_VARIABLE}.`,
  options: {
    claim: { type: 'text', value: 'CODE', describe: 'the invitation to a region; only needed once' },
    label: { type: 'text', value: 'TEXT', describe: "the owner's name for it; the host's name when left out" },
    folder: { type: 'text', value: 'DIR', describe: 'where it keeps its key and results; STATE/device when left out' },
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
    const running = runDevice({
      stateDir,
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
