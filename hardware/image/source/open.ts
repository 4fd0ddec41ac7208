import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { ConfigError } from '../../../protocol/index.ts'
import { GZIP_MAGIC, openGzip } from './gzip.ts'
import { badImage, type ImageSource } from './source.ts'
import { openXz, XZ_MAGIC } from './xz.ts'
import { openZip, ZIP_MAGIC } from './zip.ts'

const READ_BYTES = 1_048_576
/** A partition table needs its first sector, and something after it. */
const IMAGE_BYTES_MIN = 1_048_576

/** Files that people hand in by mistake, and what to do with each. */
const OTHERS: readonly [magic: Buffer, reason: string][] = [
  [Buffer.from('28b52ffd', 'hex'), "is a zstd file: decompress it first with 'zstd -d'"],
  [Buffer.from('425a68', 'hex'), "is a bzip2 file: decompress it first with 'bunzip2 -k'"],
  [Buffer.from('377abcaf271c', 'hex'), 'is a 7-Zip file: unpack it, and give the image'],
  [Buffer.from('<'), 'is a web page and no image: the download went wrong'],
  [Buffer.from('QFI\xfb', 'latin1'), "is a disk of a virtual machine: convert it with 'qemu-img convert -O raw'"],
]

/**
 * Looks what an image file is, by its content. Reads its beginning and its end only.
 * @throws {ConfigError} `damaged` when it is no image, or visibly cut short
 */
export async function openImage(path: string): Promise<ImageSource> {
  const handle = await open(path, 'r')
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw badImage(path, 'is no file: give an image such as raspios.img.xz')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    const begins = (magic: Buffer): boolean => buffer.subarray(0, bytesRead).subarray(0, magic.length).equals(magic)
    if (bytesRead === 0) throw badImage(path, 'is empty: download it again')
    if (begins(XZ_MAGIC)) return await openXz(path, handle, stat.size)
    if (begins(GZIP_MAGIC)) return await openGzip(path, handle, stat.size)
    if (begins(ZIP_MAGIC)) return await openZip(path, stat.size)
    const other = OTHERS.find(([magic]) => begins(magic))
    if (other !== undefined) throw badImage(path, other[1])
    if (bytesRead < 512 || stat.size < IMAGE_BYTES_MIN || buffer.readUInt16LE(510) !== 0xaa55) {
      throw badImage(path, 'is no disk image: it has no partition table; give a .img, .img.xz, .img.gz or .zip')
    }
    return { path, kind: 'img', fileBytes: stat.size, imageBytes: stat.size, exact: true, open: () => plain(path) }
  } finally {
    await handle.close()
  }
}

async function* plain(path: string): AsyncGenerator<Uint8Array, undefined> {
  yield* createReadStream(path, { highWaterMark: READ_BYTES })
}

/** How much of a file has been read, for whoever shows it. */
export type OnBytes = (doneBytes: number, totalBytes: number) => void

/**
 * Compares a file, as it was downloaded, with the checksum its publisher gives.
 * @param expected - 64 hexadecimal digits
 * @throws {ConfigError} `damaged` when it is another file
 */
export async function checkSha256(path: string, expected: string, fileBytes: number, onBytes: OnBytes): Promise<void> {
  if (!/^[0-9a-f]{64}$/i.test(expected)) {
    const reason = 'it must be 64 hexadecimal digits'
    throw new ConfigError({ code: 'bad_option', path: '--sha256', reason }, `--sha256 is '${expected}': ${reason}.`)
  }
  const hash = createHash('sha256')
  let doneBytes = 0
  for await (const chunk of plain(path)) {
    hash.update(chunk)
    doneBytes += chunk.length
    onBytes(doneBytes, fileBytes)
  }
  const found = hash.digest('hex')
  if (found === expected.toLowerCase()) return
  throw badImage(path, `has the SHA-256 ${found}, not the expected one: download it again`)
}

/**
 * Reads an image through, so that a damaged file is known before anything is written, and its size exactly.
 * @throws {ConfigError} `damaged`
 */
export async function measure(source: ImageSource, onBytes: OnBytes): Promise<number> {
  let imageBytes = 0
  for await (const chunk of source.open()) {
    imageBytes += chunk.length
    onBytes(imageBytes, source.imageBytes)
  }
  return imageBytes
}
