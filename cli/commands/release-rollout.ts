import { parseRollout } from '../../protocol/releases/index.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { openRepository, RELEASE_DIR, RELEASE_OPTIONS } from '../release-options.ts'

/** `hedgerow release rollout` */
export const releaseRollout = defineCommand({
  name: 'release rollout',
  summary: 'say how many devices of which region take a version',
  details:
    'A larger share only ever adds devices. A smaller one keeps those away that have not taken it yet; those that have, keep it until a newer\n' +
    'version comes. Regions that are not named keep what they have.',
  positionals: [
    RELEASE_DIR,
    { name: 'VERSION', describe: 'a published version' },
    { name: 'REGION=PERCENT', describe: 'shares, with commas between them; * is every region that is not named' },
  ],
  options: RELEASE_OPTIONS,
  examples: [
    { line: 'hedgerow release rollout releases 1.2.0 home=100', does: 'to all of one region' },
    { line: "hedgerow release rollout releases 1.2.0 'home=0,*=0'", does: 'to nobody else from now on' },
  ],
  run: async ({ options, args: [dir = '', version = '', shares = ''], io, out }) => {
    const { releaseJson, rolloutText } = await import('../release-words.ts')
    const repository = await openRepository({ options, io }, dir)
    const release = repository.setRollout(version, parseRollout(shares))
    out.result(releaseJson(release), style => [
      `Version ${style.bold(release.facts.version)} for ${rolloutText(release)}`,
    ])
    return EXIT.ok
  },
})
