/** The allocation table: which cluster follows which. Every change goes into all copies. */
import { ConfigError } from '../../../protocol/index.ts'
import { damagedFat } from './damaged.ts'
import type { FatGeometry } from './geometry.ts'
import type { ByteStore } from './store.ts'

const FREE = 0
const FIRST_CLUSTER = 2
/** FAT32 keeps four bits of each number for itself. */
const FAT32_MASK = 0x0fffffff
const INFO_LEAD = 0x41615252
const INFO_STRUCT = 0x61417272

/** One file system's table, read whole; {@link FatTable.save} writes it back. */
export class FatTable {
  private readonly store: ByteStore
  private readonly geometry: FatGeometry
  private readonly bytes: Buffer
  private next = FIRST_CLUSTER

  constructor(store: ByteStore, geometry: FatGeometry) {
    this.store = store
    this.geometry = geometry
    this.bytes = store.read(geometry.fatOffset, geometry.fatBytes)
  }

  /** The clusters from one to the end of its chain. @throws {ConfigError} `damaged` for a chain that loops or leaves */
  chain(first: number): number[] {
    const found: number[] = []
    for (let cluster = first; !this.isEnd(cluster); cluster = this.get(cluster)) {
      if (cluster < FIRST_CLUSTER || cluster >= FIRST_CLUSTER + this.geometry.clusterCount) {
        throw damagedFat(`a file continues at cluster ${cluster}, which does not exist`)
      }
      if (found.length >= this.geometry.clusterCount) throw damagedFat('a file never ends')
      found.push(cluster)
    }
    return found
  }

  /** Marks clusters as free. */
  release(clusters: readonly number[]): void {
    for (const cluster of clusters) this.set(cluster, FREE)
  }

  /** Links that many free clusters into a chain. @throws {ConfigError} `no_space`, and nothing has changed */
  allocate(count: number): number[] {
    const found: number[] = []
    const total = this.geometry.clusterCount
    for (let looked = 0; looked < total && found.length < count; looked++) {
      const cluster = FIRST_CLUSTER + ((this.next - FIRST_CLUSTER + looked) % total)
      if (this.get(cluster) === FREE) found.push(cluster)
    }
    if (found.length < count) throw noSpace(count * this.geometry.clusterBytes, this.freeBytes())
    this.link(found)
    this.next = found.at(-1) ?? this.next
    return found
  }

  /** Makes these clusters one chain, in this order. */
  link(clusters: readonly number[]): void {
    for (const [index, cluster] of clusters.entries()) this.set(cluster, clusters[index + 1] ?? FAT32_MASK)
  }

  freeBytes(): number {
    return this.freeClusters() * this.geometry.clusterBytes
  }

  /** Writes the table into every copy, and the free space into FAT32's hints. */
  save(): void {
    const { fatOffset, fatBytes, fatCopies, infoOffset } = this.geometry
    for (let copy = 0; copy < fatCopies; copy++) this.store.write(fatOffset + copy * fatBytes, this.bytes)
    if (infoOffset === null) return
    const info = this.store.read(infoOffset, 512)
    if (info.readUInt32LE(0) !== INFO_LEAD || info.readUInt32LE(484) !== INFO_STRUCT) return
    info.writeUInt32LE(this.freeClusters(), 488)
    info.writeUInt32LE(this.next, 492)
    this.store.write(infoOffset, info)
  }

  private freeClusters(): number {
    let free = 0
    for (let index = 0; index < this.geometry.clusterCount; index++)
      if (this.get(FIRST_CLUSTER + index) === FREE) free++
    return free
  }

  private isEnd(cluster: number): boolean {
    return cluster >= (this.geometry.bits === 16 ? 0xfff8 : 0x0ffffff8)
  }

  private get(cluster: number): number {
    if (this.geometry.bits === 16) return this.bytes.readUInt16LE(cluster * 2)
    return this.bytes.readUInt32LE(cluster * 4) & FAT32_MASK
  }

  private set(cluster: number, value: number): void {
    if (this.geometry.bits === 16) {
      this.bytes.writeUInt16LE(value & 0xffff, cluster * 2)
      return
    }
    const kept = this.bytes.readUInt32LE(cluster * 4) & ~FAT32_MASK
    this.bytes.writeUInt32LE((kept | (value & FAT32_MASK)) >>> 0, cluster * 4)
  }
}

function noSpace(neededBytes: number, freeBytes: number): ConfigError {
  return new ConfigError(
    { code: 'no_space', path: 'boot partition' },
    `The boot partition has ${freeBytes} bytes free and ${neededBytes} are needed: leave out the bundle, or use an image with a larger boot partition.`,
  )
}
