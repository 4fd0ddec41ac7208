import { resolve } from 'node:path'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

const name = 'flash bundle'

/** `hedgerow flash bundle` */
export const flashBundle = defineCommand({
  name,
  summary: 'put Node and Hedgerow into one file, for cards that start without a network',
  details:
    'Packs this installation, what it needs from npm’s registry, and the Node it is tested with, checked by its checksum. It needs\n' +
    'npm, tar, and a network once; `hedgerow flash --bundle FILE` then puts the file on as many cards as there are.',
  options: {
    out: {
      type: 'text',
      value: 'FILE',
      describe: 'the bundle to make, ending in .tar.xz (smaller) or .tar.gz (faster)',
    },
    arch: { type: 'text', value: 'ARCH', default: 'arm64', describe: 'arm64 for a Raspberry Pi, or x64' },
    'node-dir': { type: 'text', value: 'DIR', describe: 'take bin/node of this folder instead of the registry’s' },
  },
  examples: [{ line: 'hedgerow flash bundle --out hedgerow-bundle.tar.xz', does: 'makes a bundle for a Raspberry Pi' }],
  run: async ({ options, io, out }) => {
    const { arch } = options
    if (options.out === undefined) throw usage({ name }, '--out is missing: the file to make')
    if (!/\.tar\.[gx]z$/.test(options.out)) throw usage({ name }, '--out must end in .tar.xz or .tar.gz')
    if (arch !== 'arm64' && arch !== 'x64') throw usage({ name }, `--arch must be arm64 or x64, not '${arch}'`)
    const { makeBundle } = await import('../flash-bundle.ts')
    const { formatBytes } = await import('../terminal/format.ts')
    const nodeDir = options['node-dir'] === undefined ? null : resolve(io.cwd, options['node-dir'])
    const made = await makeBundle(io, { out: resolve(io.cwd, options.out), arch, nodeDir }, step =>
      out.note(`${step} …`),
    )
    out.result(made, style => [style.bold(made.path)])
    out.note(`Hedgerow ${made.hedgerow} with Node ${made.node} for ${made.arch}, ${formatBytes(made.bytes)}.`)
    return EXIT.ok
  },
})
