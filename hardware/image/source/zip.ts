/** Images in zip files, as older systems are offered. */
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { badImage, damagedStream, type ImageSource } from './source.ts'

export const ZIP_MAGIC = Buffer.from('504b0304', 'hex')
const ENTRIES_MAX = 1_000
const ENCRYPTED = 0x1

/** @throws {ConfigError} `damaged` when the list of files is missing, or there is not exactly one image */
export async function openZip(path: string, fileBytes: number): Promise<ImageSource> {
  const image = await withZip(path, zip => onlyImage(path, zip))
  const imageBytes = image.uncompressedSize
  return { path, kind: 'zip', fileBytes, imageBytes, exact: true, open: () => inflate(path) }
}

async function* inflate(path: string): AsyncGenerator<Uint8Array, undefined> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false })
  try {
    const stream = await zip.openReadStreamPromise(await onlyImage(path, zip))
    yield* stream as AsyncIterable<Buffer>
  } catch (error) {
    throw damagedStream(path, error)
  } finally {
    zip.close()
  }
}

async function onlyImage(path: string, zip: ZipFile): Promise<Entry> {
  const images: Entry[] = []
  let seen = 0
  for await (const entry of zip.eachEntry()) {
    if (++seen > ENTRIES_MAX) throw badImage(path, `has more than ${ENTRIES_MAX} files and no image for a card`)
    if (/\.img$/i.test(entry.fileName) && !entry.fileName.startsWith('__MACOSX/')) images.push(entry)
  }
  const [image] = images
  if (image === undefined) throw badImage(path, 'has no .img file inside: unpack it, and give the image')
  if (images.length > 1) throw badImage(path, `has ${images.length} images inside: unpack it, and give one of them`)
  if ((image.generalPurposeBitFlag & ENCRYPTED) !== 0)
    throw badImage(path, 'is encrypted: unpack it, and give the image')
  return image
}

async function withZip<Value>(path: string, use: (zip: ZipFile) => Promise<Value>): Promise<Value> {
  let zip: ZipFile | null = null
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false })
    return await use(zip)
  } catch (error) {
    throw damagedStream(path, error)
  } finally {
    zip?.close()
  }
}
