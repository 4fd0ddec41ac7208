import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { openRepository, RELEASE_DIR, RELEASE_OPTIONS } from '../release-options.ts'

/** `hedgerow release refresh` */
export const releaseRefresh = defineCommand({
  name: 'release refresh',
  summary: 'sign anew that what is published is the newest there is',
  details:
    'Devices refuse updates once this is older than seven days: run it every day, as by a timer. It needs the keys of snapshot and timestamp;\n' +
    'what targets and root signed is renewed as well when half of its time is over and their keys are here.',
  positionals: [RELEASE_DIR],
  options: RELEASE_OPTIONS,
  examples: [{ line: 'hedgerow release refresh releases', does: 'good for seven more days' }],
  run: async ({ options, args: [dir = ''], io, out }) => {
    const { statusLines } = await import('../release-words.ts')
    const repository = await openRepository({ options, io }, dir)
    repository.refresh()
    const status = repository.status()
    const { roles } = status
    out.result({ roles }, style => statusLines({ ...status, releases: [] }, io.clock.wallMs(), io.stdout, style))
    return EXIT.ok
  },
})
