import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the two programs are. */
export interface KernelTools {
  readonly setpriv: string
  readonly prlimit: string
}

/** Where distributions put them. */
const FOLDERS = ['/usr/bin', '/bin']

/** The tools of this machine, or null where one is missing. Looks only for their files, which costs microseconds. */
export function findKernelTools(): KernelTools | null {
  const find = (name: string) => FOLDERS.map(folder => join(folder, name)).find(path => existsSync(path))
  const [setpriv, prlimit] = [find('setpriv'), find('prlimit')]
  return setpriv === undefined || prlimit === undefined ? null : { setpriv, prlimit }
}
