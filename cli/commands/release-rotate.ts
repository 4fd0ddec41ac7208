import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { openRepository, RELEASE_DIR, RELEASE_OPTIONS, RELEASE_ROLES as ROLES } from '../release-options.ts'

const name = 'release rotate'

/** `hedgerow release rotate` */
export const releaseRotate = defineCommand({
  name,
  summary: 'replace the keys of a role',
  details:
    'Needed when a key is lost or may have been copied, and good practice once a year. Devices follow by themselves, since the keys of the\n' +
    'root sign who is trusted next: those have to be here. Old keys go into the folder `retired` of the keys.',
  positionals: [RELEASE_DIR, { name: 'ROLE', describe: ROLES.join(', ') }],
  options: RELEASE_OPTIONS,
  examples: [
    { line: 'hedgerow release rotate releases timestamp', does: 'a new key for the role that signs every day' },
  ],
  run: async ({ options, args: [dir = '', word = ''], io, out }) => {
    const role = ROLES.find(known => known === word)
    if (role === undefined) throw usage({ name }, `'${word}' is not a role: it is one of ${ROLES.join(', ')}`)
    const repository = await openRepository({ options, io }, dir)
    repository.rotate(role)
    const status = repository.status().roles.find(one => one.role === role)
    out.result({ role, ...status }, style => [`The role ${style.bold(role)} has new keys`])
    return EXIT.ok
  },
})
