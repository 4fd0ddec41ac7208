import { damagedFat } from './damaged.ts'

/** What the first sector of a FAT file system says (Microsoft FAT specification 1.03, "Boot sector and BPB"). */
export interface BootSector {
  readonly sectorBytes: number
  readonly sectors: number
  readonly clusterBytes: number
}

/** Whether a sector begins a FAT file system, as far as its first bytes say. */
export function looksLikeFat(sector: Buffer): boolean {
  const jumps = sector[0] === 0xeb || sector[0] === 0xe9
  return sector.length >= 512 && sector.readUInt16LE(510) === 0xaa55 && jumps && sector.readUInt16LE(11) >= 512
}

/**
 * Reads the sizes that everything else is counted in, and checks that they fit into one another and into the partition: FatFs takes
 * the boot sector's word for them.
 * @param boot - the first 512 bytes
 * @param sizeBytes - of the partition
 * @throws {ConfigError} `damaged`
 */
export function readBootSector(boot: Buffer, sizeBytes: number): BootSector {
  if (!looksLikeFat(boot)) throw damagedFat('it has no FAT boot sector')
  const sectorBytes = boot.readUInt16LE(11)
  const clusterSectors = boot.readUInt8(13)
  const sectors = boot.readUInt16LE(19) || boot.readUInt32LE(32)
  const tableSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36)
  if (![512, 1_024, 2_048, 4_096].includes(sectorBytes)) throw damagedFat(`sectors of ${sectorBytes} bytes`)
  if (clusterSectors === 0) throw damagedFat('clusters of no size')
  if (sectors * sectorBytes > sizeBytes) throw damagedFat('it is larger than its partition')
  if (boot.readUInt16LE(14) + boot.readUInt8(16) * tableSectors > sectors) {
    throw damagedFat('its allocation tables are larger than itself')
  }
  return { sectorBytes, sectors, clusterBytes: clusterSectors * sectorBytes }
}
