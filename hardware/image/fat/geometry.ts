import { damagedFat } from './damaged.ts'

/** Where things are in a FAT file system; offsets in bytes from its start. */
export interface FatGeometry {
  readonly bits: 16 | 32
  readonly clusterBytes: number
  /** Clusters are numbered 2..clusterCount + 1. */
  readonly clusterCount: number
  readonly fatOffset: number
  readonly fatBytes: number
  readonly fatCopies: number
  readonly dataOffset: number
  /** FAT32: the root folder's first cluster. FAT16: its own region. */
  readonly root: { readonly cluster: number } | { readonly offset: number; readonly bytes: number }
  /** FAT32's sector of hints about free space; null when there is none. */
  readonly infoOffset: number | null
}

const FAT16_CLUSTERS_MIN = 4_085
const FAT16_CLUSTERS_MAX = 65_524

/** Whether a sector begins a FAT file system, as far as its first bytes say. */
export function looksLikeFat(sector: Buffer): boolean {
  const jumps = sector[0] === 0xeb || sector[0] === 0xe9
  const sectorBytes = sector.readUInt16LE(11)
  return sector.length >= 512 && sector.readUInt16LE(510) === 0xaa55 && jumps && sectorBytes >= 512
}

/**
 * Reads the boot sector (Microsoft FAT specification 1.03, "Boot sector and BPB").
 * @param boot - the first 512 bytes
 * @param sizeBytes - of the partition
 * @throws {ConfigError} `damaged`, also for FAT12, which no image for a Raspberry Pi has
 */
export function readGeometry(boot: Buffer, sizeBytes: number): FatGeometry {
  if (boot.length < 512 || !looksLikeFat(boot)) throw damagedFat('it has no FAT boot sector')
  const sectorBytes = boot.readUInt16LE(11)
  const clusterSectors = boot.readUInt8(13)
  const reserved = boot.readUInt16LE(14)
  const fatCopies = boot.readUInt8(16)
  const rootEntries = boot.readUInt16LE(17)
  const sectors = boot.readUInt16LE(19) || boot.readUInt32LE(32)
  const fatSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36)
  if (![512, 1_024, 2_048, 4_096].includes(sectorBytes)) throw damagedFat(`sectors of ${sectorBytes} bytes`)
  if (clusterSectors === 0 || (clusterSectors & (clusterSectors - 1)) !== 0) throw damagedFat('clusters of no size')
  if (reserved === 0 || fatCopies === 0 || fatCopies > 4 || fatSectors === 0) throw damagedFat('no allocation table')
  if (sectors * sectorBytes > sizeBytes) throw damagedFat('it is larger than its partition')

  const fatOffset = reserved * sectorBytes
  const fatBytes = fatSectors * sectorBytes
  const rootOffset = fatOffset + fatCopies * fatBytes
  const rootBytes = Math.ceil((rootEntries * 32) / sectorBytes) * sectorBytes
  const dataOffset = rootOffset + rootBytes
  const clusterBytes = clusterSectors * sectorBytes
  const clusterCount = Math.floor((sectors * sectorBytes - dataOffset) / clusterBytes)
  if (clusterCount < FAT16_CLUSTERS_MIN) throw damagedFat('it is too small')
  const bits = boot.readUInt16LE(22) !== 0 ? 16 : 32
  if (bits === 16 && clusterCount > FAT16_CLUSTERS_MAX) throw damagedFat('more clusters than FAT16 can have')
  if (((clusterCount + 2) * bits) / 8 > fatBytes) throw damagedFat('its allocation table is too short')
  const infoSector = bits === 32 ? boot.readUInt16LE(48) : 0
  return {
    bits,
    clusterBytes,
    clusterCount,
    fatOffset,
    fatBytes,
    fatCopies,
    dataOffset,
    root: bits === 32 ? { cluster: boot.readUInt32LE(44) } : { offset: rootOffset, bytes: rootBytes },
    infoOffset: infoSector > 0 && infoSector < reserved ? infoSector * sectorBytes : null,
  }
}
