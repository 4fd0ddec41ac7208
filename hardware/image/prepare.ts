/** An image with its settings inside, ready to be written in one pass. */
import { ConfigError } from '../../protocol/index.ts'
import type { BootPartition, Customised, Detected } from './customise/types.ts'
import { FatVolume } from './fat/volume.ts'
import { type Partition, readPartitions, TABLE_BYTES } from './partitions.ts'
import { ChunkReader } from './source/chunk-reader.ts'
import type { OnBytes } from './source/open.ts'
import { badImage, type ImageSource } from './source/source.ts'
import { SparseImage } from './sparse-image.ts'

/** Boot partitions are 64 to 512 MiB and begin within the first 16. */
const HEAD_BYTES_MAX = 2 ** 31

/** Says what is on a boot partition, and what is to be put there. */
export interface Customiser {
  detect(boot: BootPartition): Promise<Detected>
  customise(detected: Detected, boot: BootPartition): Promise<Customised>
}

/** What was found, and what becomes of it. */
export interface Plan extends Customised {
  readonly detected: Detected
}

/**
 * An image that is open up to the end of its boot partition. That beginning is in memory, changed already, and the rest still
 * comes from the file. So the settings are part of the bytes that are written: one pass from start to end, no temporary file,
 * no mounting, and whatever is wrong with the image or the settings is known before the first byte is written.
 */
export interface PreparedImage extends Plan {
  readonly imageBytes: number
  readonly boot: Partition
  /** Fills a buffer with the image's next bytes. @returns how many; fewer than its length at the end only */
  fill(target: Uint8Array): Promise<number>
  /** Stops reading the file. */
  close(): Promise<void>
}

/**
 * Reads an image up to the end of its boot partition, and puts the settings there.
 * @param imageBytes - as it is known, or guessed for a dry run
 * @param wallMs - Unix milliseconds, for the files' dates
 * @param onBytes - how much of the beginning has been read
 * @throws {ConfigError} `damaged` for what is no image for a Raspberry Pi, `no_space` on its boot partition
 */
export async function prepareImage(
  source: ImageSource,
  imageBytes: number,
  customiser: Customiser,
  wallMs: number,
  onBytes: OnBytes = () => {},
): Promise<PreparedImage> {
  const reader = new ChunkReader(source.open())
  try {
    const boot = await readTable(source.path, reader, imageBytes)
    const head = new SparseImage(boot.partition.offset + boot.partition.sizeBytes)
    head.write(0, boot.start)
    await readHead(source.path, reader, head, boot.start.length, onBytes)
    const volume = await FatVolume.open(head.part(boot.partition.offset, boot.partition.sizeBytes), wallMs)
    const plan = await planFor(source.path, volume, customiser)
    checkRoom(volume, plan)
    for (const { path, content } of plan.files) volume.write(path, content)
    let at = 0
    return {
      ...plan,
      imageBytes,
      boot: boot.partition,
      fill: async target => {
        const fromHead = Math.max(0, Math.min(target.length, head.sizeBytes - at))
        if (fromHead > 0) head.readInto(target.subarray(0, fromHead), at)
        const filled = fromHead + (await reader.fill(target.subarray(fromHead)))
        at += filled
        return filled
      },
      close: () => reader.close(),
    }
  } catch (error) {
    await reader.close().catch(() => {})
    throw error
  }
}

/** The first bytes, and the boot partition that their table names. */
async function readTable(path: string, reader: ChunkReader, imageBytes: number) {
  const bytes = Buffer.alloc(TABLE_BYTES)
  const start = bytes.subarray(0, await reader.fill(bytes))
  const partitions = await readPartitions(path, start, imageBytes)
  const partition = partitions.filter(({ isFat }) => isFat).toSorted((a, b) => a.offset - b.offset)[0]
  if (partition === undefined) throw notForPi(path, 'it has no FAT boot partition')
  if (partition.offset + partition.sizeBytes > HEAD_BYTES_MAX || partition.offset < TABLE_BYTES) {
    throw notForPi(path, 'its boot partition is not where a Raspberry Pi has it')
  }
  return { partition, start }
}

async function readHead(
  path: string,
  reader: ChunkReader,
  head: SparseImage,
  from: number,
  onBytes: OnBytes,
): Promise<void> {
  for (let at = from; at < head.sizeBytes; ) {
    const piece = await reader.next(head.sizeBytes - at)
    if (piece === null) throw badImage(path, 'ends within its boot partition: download it again')
    head.write(at, piece)
    at += piece.length
    onBytes(at, head.sizeBytes)
  }
}

async function planFor(path: string, volume: FatVolume, customiser: Customiser): Promise<Plan> {
  const names = volume.list().map(name => name.toLowerCase())
  if (!names.includes('config.txt')) throw notForPi(path, 'its boot partition has no config.txt')
  const boot: BootPartition = {
    list: async () => volume.list(),
    read: async file => {
      const content = volume.read(file)
      return content === null ? null : new Uint8Array(content)
    },
  }
  const detected = await customiser.detect(boot)
  return { detected, ...(await customiser.customise(detected, boot)) }
}

function checkRoom(volume: FatVolume, { files }: Plan): void {
  const neededBytes = files.reduce((sum, { content }) => sum + content.length, 0)
  const freeBytes = volume.freeBytes()
  if (neededBytes <= freeBytes) return
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  throw new ConfigError(
    { code: 'no_space', path: 'boot partition' },
    `The image's boot partition has ${mega(freeBytes)} free and ${mega(neededBytes)} are needed: leave out the bundle, or choose an image with a larger one.`,
  )
}

function notForPi(path: string, reason: string): ConfigError {
  return badImage(path, `is no image for a Raspberry Pi: ${reason}; give a Raspberry Pi OS or Ubuntu image`)
}
