/** `/updates/…`: what makers of releases signed, as files for devices. Nothing here is trusted, nor secret; devices check all of it. */
import { constants, createReadStream, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../../protocol/index.ts'
import { ApiError } from './admin-api.ts'
import { type Exchange, refuseMethod } from './exchange.ts'
import { sendBlob } from './send-blob.ts'

export interface UpdateRoutesComponents {
  /** The published folder, with `metadata/` and `targets/`. */
  readonly releasesDir: string
}

/** Where updates are. */
export const UPDATES_PATH = '/updates/'

/** Only these names are ever looked for: no path can lead elsewhere. */
const METADATA = /^metadata\/((?:[1-9]\d{0,8}\.)?(?:root|targets|snapshot|timestamp)\.json)$/
const TARGET = /^targets\/([0-9a-f]{64})\.(hedgerow-[0-9A-Za-z.-]{1,64}\.tgz)$/
const METADATA_BYTES_MAX = 5_000_000
/** Metadata with a version in its name, and targets with their hash, never change. */
const FOR_EVER = 'public, max-age=31536000, immutable'

/**
 * Answers one request for a path below `/updates/`.
 * @throws {ApiError} `not_found`, `bad_method` or `bad_range`
 */
export async function serveUpdate({ releasesDir }: UpdateRoutesComponents, exchange: Exchange): Promise<void> {
  const { req, path } = exchange
  if (req.method !== 'GET' && req.method !== 'HEAD') refuseMethod(exchange, ['GET', 'HEAD'])
  const name = path.slice(UPDATES_PATH.length)
  const [, metadata] = METADATA.exec(name) ?? []
  if (metadata !== undefined) return sendMetadata(exchange, join(releasesDir, 'metadata', metadata))
  const [, hash = '', target] = TARGET.exec(name) ?? []
  if (target === undefined) throw nothingThere()
  await sendTarget(exchange, join(releasesDir, 'targets', `${hash}.${target}`), hash)
}

async function sendMetadata({ req, res, path }: Exchange, file: string): Promise<void> {
  await using handle = await openPlain(file)
  const { size } = await handle.stat()
  if (size > METADATA_BYTES_MAX) throw nothingThere()
  const bytes = await handle.readFile()
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    'cache-control': /\/\d+\.[a-z]+\.json$/.test(path) ? FOR_EVER : 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

/** By way of what sends blobs, since an archive is one: named by its hash, in parts if wanted. */
async function sendTarget(exchange: Exchange, file: string, hash: string): Promise<void> {
  await using handle = await openPlain(file)
  const { size } = await handle.stat()
  await sendBlob(
    exchange,
    {
      has: () => ({ size }),
      read: (_, offset = 0, length = size) => {
        const bytes = new Uint8Array(length)
        return bytes.subarray(0, readSync(handle.fd, bytes, 0, length, offset))
      },
      readStream: (_, range) => createReadStream('', { fd: handle.fd, autoClose: false, ...range }),
    },
    sha256Hex(hash),
    { 'content-type': 'application/gzip', 'cache-control': FOR_EVER },
  )
}

/** @throws {ApiError} `not_found` when it is no plain file of this folder */
async function openPlain(file: string): Promise<FileHandle> {
  let handle: FileHandle
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    throw nothingThere()
  }
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw nothingThere()
}

function nothingThere(): ApiError {
  const message =
    'There is no such update here. Metadata is /updates/metadata/timestamp.json and what that names; archives are below /updates/targets/.'
  return new ApiError('not_found', message)
}
