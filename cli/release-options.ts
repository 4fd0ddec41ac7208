/** What every `hedgerow release` command takes: the published folder, and the keys apart from it. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../protocol/index.ts'
import { systemRandom } from '../protocol/node/index.ts'
import type { ReleaseRepository } from '../releases/index.ts'
import type { Io } from './io.ts'

/** Where a passphrase may be, for a machine that signs by itself. */
const PASSPHRASE_VARIABLE = 'HEDGEROW_RELEASE_PASSPHRASE'

export const RELEASE_OPTIONS = {
  keys: { type: 'text', value: 'DIR', describe: 'the folder of signing keys; DIR.keys beside the other when left out' },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    describe: `what the keys are encrypted with; $${PASSPHRASE_VARIABLE} when left out, and nothing without that`,
  },
} as const

/** The roles of the repository; repeated here so that a command can be described without loading what signs. */
export const RELEASE_ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const

export const RELEASE_DIR = { name: 'DIR', describe: 'the folder that is published' } as const

interface ReleaseInvocation {
  readonly options: { readonly keys: string | undefined; readonly 'passphrase-file': string | undefined }
  readonly io: Io
}

/** The repository of a published folder. */
export async function openRepository({ options, io }: ReleaseInvocation, dir: string): Promise<ReleaseRepository> {
  const { ReleaseRepository } = await import('../releases/index.ts')
  const path = resolve(io.cwd, dir)
  const keys = { path: keysFolder(options.keys, dir, io), passphrase: passphraseOf(options['passphrase-file'], io) }
  return new ReleaseRepository({ clock: io.clock, random: systemRandom }, { dir: path, keys })
}

/** Where the keys of a published folder are. */
export function keysFolder(keys: string | undefined, dir: string, io: Pick<Io, 'cwd'>): string {
  return resolve(io.cwd, keys ?? `${dir.replace(/\/+$/, '')}.keys`)
}

function passphraseOf(file: string | undefined, io: Io): string | null {
  if (file === undefined) return io.env[PASSPHRASE_VARIABLE] || null
  const path = resolve(io.cwd, file)
  const passphrase = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  if (passphrase === '') {
    const message = `The file ${path} holds no passphrase: write one into its first line.`
    throw new ConfigError({ code: 'bad_option', path, reason: 'it is empty' }, message)
  }
  if ((statSync(path).mode & 0o077) !== 0) {
    const message = `The file ${path} can be read by other users of this machine: run 'chmod 600 ${path}'.`
    throw new ConfigError({ code: 'bad_option', path, reason: 'readable by others' }, message)
  }
  return passphrase
}
