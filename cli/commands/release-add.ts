import { parseRollout } from '../../protocol/releases/index.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { openRepository, RELEASE_DIR, RELEASE_OPTIONS } from '../release-options.ts'

const name = 'release add'

/** `hedgerow release add` */
export const releaseAdd = defineCommand({
  name,
  summary: 'publish a version',
  details:
    'The archive is what `npm pack` makes, with the production modules installed in its folder `package`; docs/updates.md has the three\n' +
    'commands. It is checked by the rules of the devices that will unpack it. A version never changes once it is published.',
  positionals: [RELEASE_DIR, { name: 'ARCHIVE', describe: 'a .tgz with package/ in it' }],
  options: {
    ...RELEASE_OPTIONS,
    version: { type: 'text', value: 'V', describe: 'the version; it has to be the one in the archive' },
    rollout: {
      type: 'text',
      value: 'REGION=PERCENT,…',
      default: '*=0',
      describe: 'how many devices of which region take it; * is every other region',
    },
  },
  examples: [
    { line: 'hedgerow release add releases hedgerow-1.2.0.tgz --version 1.2.0', does: 'publishes it for nobody yet' },
    {
      line: 'hedgerow release add releases hedgerow-1.2.0.tgz --version 1.2.0 --rollout home=25,*=0',
      does: 'for a quarter of one region',
    },
  ],
  run: async ({ options, args: [dir = '', archive = ''], io, out }) => {
    if (options.version === undefined) throw usage({ name }, '--version is missing: say which version it is')
    const { resolve } = await import('node:path')
    const { releaseJson, rolloutText } = await import('../release-words.ts')
    const rollout = parseRollout(options.rollout)
    const repository = await openRepository({ options, io }, dir)
    const release = await repository.add(resolve(io.cwd, archive), options.version, rollout)
    out.result(releaseJson(release), style => [
      `Version ${style.bold(release.facts.version)} for ${rolloutText(release)}`,
    ])
    if (Object.values(rollout).every(percent => percent === 0)) {
      out.note(`No device takes it yet: hedgerow release rollout ${dir} ${options.version} '*=5'`)
    }
    return EXIT.ok
  },
})
