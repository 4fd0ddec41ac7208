import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fromBase64 } from '../../protocol/index.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findDevice } from '../find.ts'
import { formatCount } from '../terminal/format.ts'

const name = 'reputation export'

/** `hedgerow reputation export` */
export const reputationExport = defineCommand({
  name,
  summary: 'write down what this region knows of a device or an owner, signed',
  details: 'Another region that trusts this one can give the device a start by it: hedgerow reputation import.',
  positionals: [{ name: 'DEVICE', describe: 'its id, the beginning of its id, or its label', optional: true }],
  options: {
    owner: { type: 'text', value: 'NAME', describe: 'all devices of an owner instead of one' },
    out: { type: 'text', value: 'FILE', describe: 'write the signed bytes to a file instead of printing them as text' },
  },
  examples: [
    { line: 'hedgerow reputation export kitchen --out kitchen.rep', does: 'a file for another region' },
    { line: 'hedgerow reputation export --owner alice', does: 'prints a text about her devices together' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    if ((text === '') === (options.owner === undefined)) throw usage({ name }, 'Name a DEVICE or an --owner, not both')
    const api = connectOperator(io, options.state)
    const said =
      options.owner === undefined
        ? await api.reputationOfDevice(await findDevice(api, text))
        : await api.reputationOfOwner(options.owner)
    if (options.out !== undefined) writeFileSync(resolve(io.cwd, options.out), fromBase64(said.statement))
    out.result(said, () => [options.out ?? said.statement])
    out.note(
      `${said.kind} ${said.subject}: ${formatCount(said.checksPassed)} checks passed, ${formatCount(said.unitsRejected)} units wrong.`,
    )
    return EXIT.ok
  },
})
