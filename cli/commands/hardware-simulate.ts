import { lstatSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Misbehaviour, SimulatedModel } from '../../hardware/simulated/index.ts'
import { ConfigError } from '../../protocol/index.ts'
import { closest } from '../../protocol/jobs/suggest.ts'
import { usage } from '../args.ts'
import { defineCommand, type Invocation } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { EXIT } from '../exit-codes.ts'
import { untilAborted } from '../wait.ts'

const NAME = 'hardware simulate'
const OPTIONS = {
  'fan-dead': { type: 'flag', describe: 'its fan is broken' },
  silent: { type: 'flag', describe: 'it has power and says nothing' },
  'join-mid-frame': { type: 'flag', describe: 'its first frame has begun before the reader came' },
  'wrong-baud': { type: 'flag', describe: 'it speaks at another speed than its model does' },
  'byte-loss': { type: 'text', value: 'SHARE', describe: 'bytes that are lost on the way, such as 0.01' },
  'checksum-errors': { type: 'text', value: 'SHARE', describe: 'frames that are damaged on the way, such as 0.1' },
  'unplug-after': { type: 'text', value: 'TIME', describe: 'its plug is pulled, such as 30s' },
  link: { type: 'text', value: 'PATH', describe: 'a name for the port that stays the same from start to start' },
} as const

/** `hedgerow hardware simulate MODEL` */
export const hardwareSimulate = defineCommand({
  name: NAME,
  summary: 'put a simulated sensor on a port of this machine',
  details:
    'It speaks the exact frames of the model at its real rate, on a pseudo-terminal, and misbehaves on request. Ctrl-C ends it.\n' +
    'Models: sds011, pms1003, pms3003, pms5003, pms5003s, pms5003t, pms5003st, pms7003, pmsa003, mhz19, senseair-s8, sps30, gps, sdm120.',
  positionals: [{ name: 'MODEL', describe: 'the sensor, such as sds011' }],
  options: OPTIONS,
  examples: [
    { line: 'hedgerow hardware simulate sds011', does: 'prints a port and what to write into sensors.yaml' },
    {
      line: 'hedgerow hardware simulate pms5003 --byte-loss 0.01 --link ./dust',
      does: 'a sensor on a bad cable, always at ./dust',
    },
  ],
  run: async invocation => {
    const { args, io, options, out } = invocation
    const [name = ''] = args
    const { openPty, SIMULATED_MODELS } = await import('../../hardware/simulated/index.ts')
    const { systemRandom } = await import('../../protocol/node/index.ts')
    const model = SIMULATED_MODELS.get(name)
    if (model === undefined) throw unknownModel(name, [...SIMULATED_MODELS.keys()])
    const misbehave = misbehaviourOf(invocation)
    const link = options.link === undefined ? null : resolve(io.cwd, options.link)

    const pty = await openPty()
    try {
      if (link !== null) pointTo(link, pty.path)
      const port = link ?? pty.path
      const simulated = await model.start(
        pty,
        { clock: io.clock, random: systemRandom },
        { misbehave, onSent: words => out.note(words) },
      )
      const config = { ...model.config, port }
      out.result({ port, model: name, config }, style => [
        `A simulated ${style.bold(name)} is on ${style.bold(port)}. In sensors.yaml:`,
        'sensors:',
        ...Object.entries(config).map(([field, value], index) => `  ${index === 0 ? '-' : ' '} ${field}: ${value}`),
      ])
      out.note(firstWords(model))
      const pulled = pty.closed.then(() => 'pulled' as const)
      const how = await Promise.race([pulled, untilAborted(io.stop)])
      simulated.stop()
      if (how === 'pulled') out.note('The port is gone.')
    } finally {
      pty.unplug()
      if (link !== null) removeLink(link, pty.path)
    }
    return EXIT.ok
  },
})

function unknownModel(name: string, known: readonly string[]): Error {
  const near = closest(name, known)
  const hint = near === null ? '' : ` Did you mean '${near}'?`
  return usage({ name: NAME }, `There is no simulated '${name}'.${hint} There are ${known.join(', ')}.`)
}

function misbehaviourOf({ options }: Invocation<typeof OPTIONS>): Misbehaviour {
  const unplugAfter = options['unplug-after']
  const unplugAfterMs = unplugAfter === undefined ? undefined : parseDuration(unplugAfter)
  if (unplugAfterMs === null)
    throw usage({ name: NAME }, `--unplug-after must be a time such as 30s or 5m, not '${unplugAfter}'`)
  return {
    fanDead: options['fan-dead'],
    silent: options.silent,
    joinMidFrame: options['join-mid-frame'],
    wrongBaud: options['wrong-baud'],
    byteLoss: share('byte-loss', options['byte-loss']),
    checksumErrors: share('checksum-errors', options['checksum-errors']),
    ...(unplugAfterMs === undefined ? {} : { unplugAfterMs }),
  }
}

function share(option: string, text = '0'): number {
  const value = /^[0-9]{0,9}\.?[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw usage({ name: NAME }, `--${option} must be a number from 0 to 1, not '${text}'`)
}

function firstWords({ speaks }: SimulatedModel): string {
  return speaks
    ? "What it sends, whether or not somebody reads. A reader that does not set the model's speed gets garbage, as from a real one."
    : 'It answers when it is asked. What it answers:'
}

/** @throws {ConfigError} `in_use` when there is something else of that name */
function pointTo(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false })
  if (there !== undefined && !there.isSymbolicLink())
    throw new ConfigError({ code: 'in_use', path: link }, `${link} is there and is not a link. Choose another --link.`)
  if (there !== undefined) unlinkSync(link)
  symlinkSync(target, link)
}

/** Unless another simulator has taken it over. */
function removeLink(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false })
  if (there?.isSymbolicLink() === true && readlinkSync(link) === target) unlinkSync(link)
}
