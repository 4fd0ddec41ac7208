/** Are keys and folders their owner's alone, and of the user that the program runs as? */
import { statSync } from 'node:fs'
import { broken, type Finding, warning, well } from '../../../protocol/index.ts'

export interface FilesPorts {
  /** The program's folder. */
  readonly folder: string
  /** Files with secrets, which only their owner may read. Those that are not there are passed over, here and below. */
  readonly secrets: readonly string[]
  /** Other files that the program reads and writes. */
  readonly others: readonly string[]
  /** The user of this process; null where users have no numbers. 0 is root, who may read everything and says nothing by it. */
  readonly uid: number | null
}

const OTHERS = 0o077

export function checkFiles({ folder, secrets, others, uid }: FilesPorts): Finding[] {
  const own = look(folder)
  if (own === null) return []
  const open = secrets.filter(path => ((look(path)?.mode ?? 0) & OTHERS) !== 0)
  const foreign = [...secrets, ...others].filter(path => {
    const found = look(path)
    return found !== null && found.uid !== own.uid
  })
  const isOthers = uid !== null && uid !== 0 && own.uid !== uid
  const owner = own.uid === 0 ? 'root' : String(own.uid)
  return [
    ...open.map(path =>
      broken('permissions', `Other users of this machine can read the secret in ${path}.`, `chmod 600 ${path}`),
    ),
    ...foreign.map(path =>
      broken(
        'permissions',
        `${path} belongs to another user than its folder, so the program may not read it.`,
        `sudo chown ${own.uid}:${own.gid} ${path}`,
      ),
    ),
    ...(isOthers
      ? [
          warning(
            'permissions',
            `The folder ${folder} belongs to user ${owner}, and you are ${uid}: not everything could be looked at.`,
            `Type it as that user: sudo -u '#${own.uid}' hedgerow doctor, with the same options.`,
          ),
        ]
      : []),
    ...((own.mode & OTHERS) !== 0
      ? [warning('permissions', `Other users of this machine can look into ${folder}.`, `chmod 700 ${folder}`)]
      : []),
    ...(open.length + foreign.length === 0 && !isOthers && (own.mode & OTHERS) === 0
      ? [well('permissions', `The files in ${folder} are their owner's alone.`)]
      : []),
  ]
}

function look(path: string): { readonly mode: number; readonly uid: number; readonly gid: number } | null {
  try {
    const { mode, uid, gid } = statSync(path)
    return { mode, uid, gid }
  } catch {
    return null
  }
}
