import { getPartitions } from 'partitioninfo'
import { looksLikeFat } from './fat/boot-sector.ts'
import { badImage } from './source/source.ts'

/** Protective MBR, GPT header and table for sectors up to 4 KiB. */
export const TABLE_BYTES = 65_536

/** A stretch of an image. */
export interface Partition {
  /** 1, 2, … */
  readonly number: number
  readonly offset: number
  readonly sizeBytes: number
  /** By its type, a FAT file system. */
  readonly isFat: boolean
}

/** MBR types of FAT16 and FAT32, and of EFI's system partition, which is FAT too. */
const FAT_TYPES = [0x04, 0x06, 0x0b, 0x0c, 0x0e, 0xef]
/** GPT types: EFI system, and Microsoft basic data. */
const FAT_GUIDS = ['C12A7328-F81F-11D2-BA4B-00A0C93EC93B', 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7']

/**
 * The partitions of an image, by its MBR or GPT.
 * @param start - the image's first {@link TABLE_BYTES}, or all of it
 * @throws {ConfigError} `damaged` when there is no partition table, or the image ends within a partition
 */
export async function readPartitions(path: string, start: Buffer, imageBytes: number): Promise<Partition[]> {
  if (start.length < 512 || start.readUInt16LE(510) !== 0xaa55 || looksLikeFat(start)) {
    throw badImage(
      path,
      'is no image of a whole disk: it has no partition table; give a Raspberry Pi OS or Ubuntu image',
    )
  }
  const partitions = await tableOf(path, start)
  if (partitions.length === 0)
    throw badImage(path, 'has an empty partition table; give a Raspberry Pi OS or Ubuntu image')
  const end = Math.max(...partitions.map(({ offset, sizeBytes }) => offset + sizeBytes))
  if (end <= imageBytes) return partitions
  throw badImage(
    path,
    `is cut short: its partitions end at byte ${end}, and it ends at ${imageBytes}; download it again`,
  )
}

async function tableOf(path: string, start: Buffer): Promise<Partition[]> {
  try {
    const { partitions } = await getPartitions(start, { offset: 0, includeExtended: true, getLogical: false })
    return partitions.map(({ index, offset, size, type }) => ({
      number: index,
      offset,
      sizeBytes: size,
      isFat: typeof type === 'number' ? FAT_TYPES.includes(type) : FAT_GUIDS.includes(type.toUpperCase()),
    }))
  } catch (error) {
    throw badImage(path, 'has a damaged partition table; download it again', error)
  }
}
