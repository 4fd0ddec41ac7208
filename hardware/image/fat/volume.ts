/**
 * A FAT16 or FAT32 file system in memory: enough to read a boot partition and to put files on it.
 * Written here because the library at hand (`fatfs` behind `balena-image-fs`) changes one copy of the table only, leaves the free
 * space wrong, gives two files one short name, and touches every file it reads: `fsck.vfat` complains about each.
 */

import { damagedFat } from './damaged.ts'
import { addEntry, changeEntry, type EntryValues, type FatEntry, newFolder, readEntries } from './folder.ts'
import { type FatGeometry, readGeometry } from './geometry.ts'
import type { ByteStore } from './store.ts'
import { FatTable } from './table.ts'

/** More than any folder of a boot partition has. */
const FOLDER_BYTES_MAX = 4 * 1_048_576

/** Where a folder is: its first cluster, or FAT16's root region. */
type FolderPlace = number | 'fixed root'

/** A file system, opened. All paths are from the root, `/` between names; FAT tells no upper from lower case. */
export class FatVolume {
  private readonly store: ByteStore
  private readonly geometry: FatGeometry
  private readonly table: FatTable
  private readonly root: FolderPlace

  /** @throws {ConfigError} `damaged` when this is no FAT16 or FAT32 file system */
  constructor(store: ByteStore) {
    this.store = store
    this.geometry = readGeometry(store.read(0, Math.min(512, store.sizeBytes)), store.sizeBytes)
    this.table = new FatTable(store, this.geometry)
    this.root = 'cluster' in this.geometry.root ? this.geometry.root.cluster : 'fixed root'
  }

  /** Names in a folder. @throws {ConfigError} `damaged` */
  list(path = ''): string[] {
    const folder = this.folder(parts(path))
    return folder === null ? [] : readEntries(this.load(folder)).map(({ name }) => name)
  }

  /** @returns the whole file; null when there is none @throws {ConfigError} `damaged` */
  read(path: string): Buffer | null {
    const [folderParts, name] = lastOf(path)
    const folder = this.folder(folderParts)
    const entry = folder === null ? undefined : find(this.load(folder), name)
    if (entry === undefined || entry.isFolder) return null
    if (entry.sizeBytes === 0) return Buffer.alloc(0)
    const clusters = this.table.chain(entry.firstCluster)
    if (clusters.length * this.geometry.clusterBytes < entry.sizeBytes) throw damagedFat(`${path} is cut short`)
    return this.readClusters(clusters).subarray(0, entry.sizeBytes)
  }

  /** Makes or replaces a file, and the folders it is in. @throws {ConfigError} `no_space`, `damaged` */
  write(path: string, content: Uint8Array, wallMs: number): void {
    const [folderParts, name] = lastOf(path)
    const folder = folderParts.reduce((at, part) => this.enter(at, part, wallMs), this.root)
    const bytes = this.load(folder)
    const old = find(bytes, name)
    if (old?.isFolder === true) throw damagedFat(`${path} is a folder`)
    if (old !== undefined && old.firstCluster !== 0) this.table.release(this.table.chain(old.firstCluster))
    const clusters = content.length === 0 ? [] : this.table.allocate(this.clustersFor(content.length))
    this.writeClusters(clusters, content)
    const values = { firstCluster: clusters[0] ?? 0, sizeBytes: content.length, isFolder: false, wallMs }
    this.put(folder, bytes, old, name, values)
    this.table.save()
  }

  freeBytes(): number {
    return this.table.freeBytes()
  }

  private put(folder: FolderPlace, bytes: Buffer, old: FatEntry | undefined, name: string, values: EntryValues): void {
    if (old !== undefined) changeEntry(bytes, old, values)
    this.save(folder, old === undefined ? addEntry(bytes, name, values) : bytes)
  }

  /** The folder of a name, made when it is missing. */
  private enter(parent: FolderPlace, name: string, wallMs: number): FolderPlace {
    const bytes = this.load(parent)
    const entry = find(bytes, name)
    if (entry !== undefined) {
      if (!entry.isFolder) throw damagedFat(`${name} is a file`)
      return this.placeOf(entry)
    }
    const clusters = this.table.allocate(1)
    const own = clusters[0] ?? 0
    this.writeClusters(clusters, newFolder(own, parent === this.root || parent === 'fixed root' ? 0 : parent, wallMs))
    this.save(parent, addEntry(bytes, name, { firstCluster: own, sizeBytes: 0, isFolder: true, wallMs }))
    return own
  }

  private folder(names: readonly string[]): FolderPlace | null {
    let at = this.root
    for (const name of names) {
      const entry = find(this.load(at), name)
      if (entry === undefined || !entry.isFolder) return null
      at = this.placeOf(entry)
    }
    return at
  }

  private placeOf(entry: FatEntry): FolderPlace {
    return entry.firstCluster === 0 ? this.root : entry.firstCluster
  }

  private load(folder: FolderPlace): Buffer {
    if (folder !== 'fixed root') {
      const clusters = this.table.chain(folder)
      if (clusters.length * this.geometry.clusterBytes > FOLDER_BYTES_MAX) throw damagedFat('a folder is too long')
      return this.readClusters(clusters)
    }
    const { root } = this.geometry
    return 'offset' in root ? this.store.read(root.offset, root.bytes) : Buffer.alloc(0)
  }

  private save(folder: FolderPlace, bytes: Buffer): void {
    if (folder === 'fixed root') {
      const { root } = this.geometry
      if (!('offset' in root) || bytes.length > root.bytes) throw damagedFat('its root folder is full')
      this.store.write(root.offset, bytes)
      return
    }
    const clusters = this.table.chain(folder)
    const missing = this.clustersFor(bytes.length) - clusters.length
    if (missing > 0) this.table.link([...clusters, ...this.table.allocate(missing)])
    this.writeClusters(this.table.chain(folder), bytes)
  }

  private clustersFor(bytes: number): number {
    return Math.ceil(bytes / this.geometry.clusterBytes)
  }

  private offsetOf(cluster: number): number {
    return this.geometry.dataOffset + (cluster - 2) * this.geometry.clusterBytes
  }

  private readClusters(clusters: readonly number[]): Buffer {
    return Buffer.concat(clusters.map(cluster => this.store.read(this.offsetOf(cluster), this.geometry.clusterBytes)))
  }

  /** Fills clusters with bytes; what is left of the last one becomes zeros. */
  private writeClusters(clusters: readonly number[], bytes: Uint8Array): void {
    const { clusterBytes } = this.geometry
    clusters.forEach((cluster, index) => {
      const block = Buffer.alloc(clusterBytes)
      block.set(bytes.subarray(index * clusterBytes, (index + 1) * clusterBytes))
      this.store.write(this.offsetOf(cluster), block)
    })
  }
}

function parts(path: string): string[] {
  return path.split('/').filter(part => part !== '')
}

function lastOf(path: string): [folder: string[], name: string] {
  const all = parts(path)
  return [all.slice(0, -1), all.at(-1) ?? '']
}

function find(folder: Buffer, name: string): FatEntry | undefined {
  const wanted = name.toLowerCase()
  return readEntries(folder).find(entry => entry.name.toLowerCase() === wanted)
}
