import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { keysFolder, openRepository, RELEASE_DIR, RELEASE_OPTIONS } from '../release-options.ts'

/** `hedgerow release init` */
export const releaseInit = defineCommand({
  name: 'release init',
  summary: 'make the keys that sign releases, and a folder to publish them from',
  details:
    'The folder can be served by a coordinator (--releases DIR) or any web server. The keys lie apart from it and stay with their people:\n' +
    'those of the root say whose keys count and are needed once a year; those of snapshot and timestamp are needed every day.\n' +
    "Devices trust the root by the hash that is printed: 'hedgerow device update --update-root HASH'.",
  positionals: [RELEASE_DIR],
  options: {
    ...RELEASE_OPTIONS,
    'root-keys': { type: 'integer', value: 'N', min: 1, max: 16, default: 3, describe: 'keys of the root' },
    'root-threshold': {
      type: 'integer',
      value: 'N',
      min: 1,
      max: 16,
      default: 2,
      describe: 'how many of them have to sign',
    },
    'targets-keys': { type: 'integer', value: 'N', min: 1, max: 16, default: 1, describe: 'keys that sign releases' },
    'targets-threshold': {
      type: 'integer',
      value: 'N',
      min: 1,
      max: 16,
      default: 1,
      describe: 'how many of them have to sign',
    },
  },
  examples: [
    { line: 'hedgerow release init releases', does: 'makes releases and releases.keys' },
    {
      line: 'hedgerow release init releases --root-keys 1 --root-threshold 1 --passphrase-file pass',
      does: 'one person, encrypted keys',
    },
  ],
  run: async ({ options, args: [dir = ''], io, out }) => {
    const { createHash } = await import('node:crypto')
    const { readFileSync } = await import('node:fs')
    const { join, resolve } = await import('node:path')
    const { ROLE_PLANS } = await import('../../releases/index.ts')
    const repository = await openRepository({ options, io }, dir)
    repository.init({
      ...ROLE_PLANS,
      root: { keys: options['root-keys'], threshold: options['root-threshold'] },
      targets: { keys: options['targets-keys'], threshold: options['targets-threshold'] },
    })
    const root = readFileSync(join(resolve(io.cwd, dir), 'metadata', '1.root.json'))
    const rootSha256 = createHash('sha256').update(root).digest('hex')
    const keys = keysFolder(options.keys, dir, io)
    out.result({ dir: resolve(io.cwd, dir), keys, rootSha256 }, style => [`Root ${style.bold(rootSha256)}`])
    out.note(`The keys are in ${keys}: keep a copy elsewhere, and take those of the root off this machine.`)
    return EXIT.ok
  },
})
