/** Looks into an archive before it is published, by the same rules as the devices that will unpack it. */
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { messageOf } from '../protocol/index.ts'
import { ArchiveReader, isVersion, RELEASE_ENTRY, RELEASE_LIMITS, ReleaseError } from '../protocol/releases/index.ts'

/** What an archive holds. */
export interface ArchiveFacts {
  readonly version: string
  readonly nodeMin: string
  readonly files: number
  readonly unpackedBytes: number
  readonly lengthBytes: number
  readonly sha256: string
}

/**
 * Reads the archive of a release: `package/package.json` of hedgerow, its program, and the modules it needs.
 * @throws {ReleaseError} `bad_archive` or `bad_release`
 */
export async function inspectArchive(path: string): Promise<ArchiveFacts> {
  const { size } = statSync(path)
  if (size > RELEASE_LIMITS.archiveBytesMax) throw bad(path, `it has more than ${RELEASE_LIMITS.archiveBytesMax} bytes`)
  const seen = new Set<string>()
  const packageParts: Uint8Array[] = []
  let current = ''
  const reader = new ArchiveReader({
    file: name => {
      current = name
      seen.add(name)
    },
    data: bytes => {
      if (current === 'package.json') packageParts.push(bytes.slice())
    },
    end: () => {},
  })
  const hash = createHash('sha256')
  const source = createReadStream(path)
  source.on('data', chunk => hash.update(chunk))
  try {
    for await (const chunk of source.pipe(createGunzip()) as AsyncIterable<Uint8Array>) reader.push(chunk)
  } catch (thrown) {
    if (thrown instanceof ReleaseError) throw thrown
    throw bad(path, messageOf(thrown))
  }
  const { files, bytes } = reader.finish()
  if (!seen.has(RELEASE_ENTRY)) throw bad(path, `${RELEASE_ENTRY} is not in it: build the package before it is packed`)
  const { version, nodeMin, dependencies } = readPackage(path, Buffer.concat(packageParts).toString('utf8'))
  const missing = dependencies.find(name => !seen.has(`node_modules/${name}/package.json`))
  if (missing !== undefined)
    throw bad(path, `the module ${missing} is not in it: install the package's modules in it first`)
  return { version, nodeMin, files, unpackedBytes: bytes, lengthBytes: size, sha256: hash.digest('hex') }
}

function readPackage(path: string, text: string): { version: string; nodeMin: string; dependencies: string[] } {
  let fields: Record<string, unknown>
  try {
    fields = JSON.parse(text)
  } catch {
    throw bad(path, 'its package.json is missing or no JSON')
  }
  const { name, version, engines, dependencies } = fields
  if (name !== 'hedgerow') throw bad(path, 'it is not the package hedgerow')
  if (typeof version !== 'string' || !isVersion(version)) throw bad(path, 'its package.json has no version')
  const node = (engines as Record<string, unknown> | undefined)?.node
  const [, major, minor = '0', patch = '0'] = /^>=\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(String(node)) ?? []
  if (major === undefined) throw bad(path, 'its package.json has no engines.node such as >=24')
  return { version, nodeMin: `${major}.${minor}.${patch}`, dependencies: Object.keys((dependencies as object) ?? {}) }
}

function bad(path: string, reason: string): ReleaseError {
  const message = `The archive ${path} is not published: ${reason}.`
  return new ReleaseError({ code: 'bad_release', path, reason }, message)
}
