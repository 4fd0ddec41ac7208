/** Node descriptions for one card or many: the owner's file, with claims made for it when asked. */
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type {
  BootPartition,
  Bundle,
  Customiser,
  Detected,
  ImageFormat,
  NodeDescription,
} from '../hardware/image/index.ts'
import { ConfigError } from '../protocol/index.ts'
import type { AdminClient } from './admin-client.ts'

/** A bundle has Node and Hedgerow: some tens of megabytes. Boot partitions have 500. */
const BUNDLE_BYTES_MAX = 400 * 1_048_576
const XZ_MAGIC = 'fd377a58'
const GZIP_MAGIC = '1f8b'

/** The file that says what cards are to be. */
export interface NodeFile {
  /** What cards are called: `NAME`, or `NAME-1` to `NAME-N`. */
  readonly hostname: string
  /** One card's description. @param number - 1..N of several cards; null for the only one @param claim - instead of the file's */
  describe(number: number | null, claim: string | null): Promise<NodeDescription>
}

/**
 * Reads a node description to be filled in for each card.
 * @param bundled - software comes from a bundle, whatever the file says
 * @throws {ConfigError} `not_found`; `bad_option` naming the field
 */
export async function readNodeFile(path: string, bundled: boolean): Promise<NodeFile> {
  const { readNodeDescription, readYaml } = await import('../hardware/image/index.ts')
  const { checkGovernor } = await import('./governor-file.ts')
  const source = basename(path)
  const text = await readText(path)
  const written = readYaml(text, source)
  const fields: Readonly<Record<string, unknown>> = isRecord(written) ? written : {}
  const hostname = String(fields.hostname ?? 'node')
  const checks = { governor: (value: unknown) => void checkGovernor(value, dirname(path)) }
  return {
    hostname,
    describe: async (number, claim) => {
      if (!isRecord(written)) return readNodeDescription(text, source, checks)
      const changed = {
        ...fields,
        ...(number === null ? {} : { hostname: `${hostname}-${number}` }),
        ...(number === null || fields.label === undefined ? {} : { label: `${fields.label} ${number}` }),
        ...(claim === null ? {} : { claim }),
        ...(bundled ? { install: { ...(isRecord(fields.install) ? fields.install : {}), from: 'bundle' } } : {}),
      }
      // JSON is YAML, and the reader checks it like a text that somebody wrote.
      return readNodeDescription(JSON.stringify(changed), source, checks)
    },
  }
}

/** A claim for one card. */
export async function makeClaim(api: AdminClient, owner: string, lifetimeMs: number): Promise<string> {
  return (await api.claimNew({ owner, lifetimeMs })).code
}

/**
 * Node and Hedgerow in one file.
 * @throws {ConfigError} `not_found`, `damaged` for a file that is no bundle
 */
export async function readBundle(path: string): Promise<Bundle> {
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) {
    throw new ConfigError({ code: 'not_found', path }, `There is no bundle ${path}: check its name.`)
  }
  const content = found.size > BUNDLE_BYTES_MAX ? new Uint8Array(0) : new Uint8Array(await readFile(path))
  const magic = Buffer.from(content.subarray(0, 4)).toString('hex')
  if (magic === XZ_MAGIC) return { name: 'hedgerow-bundle.tar.xz', content }
  if (magic.startsWith(GZIP_MAGIC)) return { name: 'hedgerow-bundle.tar.gz', content }
  const reason = 'is no bundle'
  throw new ConfigError(
    { code: 'damaged', path, reason },
    `${path} ${reason}: it must be a .tar.xz or .tar.gz of at most 400 MiB; docs/flashing.md says what is in it.`,
  )
}

/** Puts a description on whatever system is found. @param format - named by the owner, instead of the one that is found */
export async function customiserFor(
  description: NodeDescription,
  nowMs: number,
  bundle: Bundle | null,
  format: ImageFormat | null,
): Promise<Customiser> {
  const { customise, detectFormat } = await import('../hardware/image/index.ts')
  return {
    detect: boot => (format === null ? detectFormat(boot) : named(boot, format, detectFormat)),
    customise: (detected, boot) =>
      customise(description, detected, boot, { nowMs, ...(bundle === null ? {} : { bundle }) }),
  }
}

async function named(
  boot: BootPartition,
  format: ImageFormat,
  detect: (boot: BootPartition) => Promise<Detected>,
): Promise<Detected> {
  const why = ['--format names it.']
  try {
    return { ...(await detect(boot)), format, why }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const atRoot = (await boot.list()).some(name => name.toLowerCase() === 'cmdline.txt')
    const cmdlinePath = atRoot ? 'cmdline.txt' : 'current/cmdline.txt'
    return { format, os: 'A system that is not known', why, cmdlinePath, bootFolder: '/boot/firmware' }
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new ConfigError({ code: 'not_found', path }, `There is no node description ${path}: check its name.`)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
