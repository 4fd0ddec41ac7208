import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { openRepository, RELEASE_DIR, RELEASE_OPTIONS } from '../release-options.ts'

/** `hedgerow release status` */
export const releaseStatus = defineCommand({
  name: 'release status',
  summary: 'show what is published, for whom, and how long it counts',
  positionals: [RELEASE_DIR],
  options: RELEASE_OPTIONS,
  examples: [
    { line: 'hedgerow release status releases', does: 'versions with their roll-out, and the roles that sign' },
  ],
  run: async ({ options, args: [dir = ''], io, out }) => {
    const { releaseJson, statusLines } = await import('../release-words.ts')
    const repository = await openRepository({ options, io }, dir)
    const status = repository.status()
    const json = { releases: status.releases.map(releaseJson), roles: status.roles }
    const nowMs = io.clock.wallMs()
    out.result(json, style => statusLines(status, nowMs, io.stdout, style))
    const expired = status.roles.filter(({ expiresMs }) => expiresMs < nowMs).map(({ role }) => role)
    if (expired.length > 0)
      out.note(`Devices refuse updates, since ${expired.join(' and ')} expired: run 'hedgerow release refresh ${dir}'.`)
    return EXIT.ok
  },
})
