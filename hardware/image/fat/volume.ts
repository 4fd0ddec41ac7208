/** A FAT file system in memory: enough to read a boot partition and to put files on it. */
import { ConfigError } from '../../../protocol/index.ts'
import { readBootSector } from './boot-sector.ts'
import { damagedFat } from './damaged.ts'
import { FATFS, type FatFs, startFatFs } from './fatfs.ts'
import type { ByteStore } from './store.ts'

/** How much of a file passes at once. */
const BUFFER_BYTES = 1_048_576

/** What FatFs means by its results. */
const REASONS: Readonly<Record<number, string>> = {
  [FATFS.FR_DISK_ERR]: 'it points outside of itself',
  [FATFS.FR_INT_ERR]: 'its allocation table leads nowhere',
  [FATFS.FR_NO_PATH]: 'a file where a folder should be',
  [FATFS.FR_DENIED]: 'a folder in place of a file, a file that is write-protected, or a folder that is full',
  [FATFS.FR_NO_FILESYSTEM]: 'it has no FAT file system',
}

/** A file system, opened. All paths are from the root, `/` between names; FAT tells no upper from lower case. */
export class FatVolume {
  private readonly fatfs: FatFs
  private readonly sizeBytes: number
  private readonly clusterBytes: number
  /** Places in FatFs's memory, which goes when the volume does. */
  private readonly folder: number
  private readonly file: number
  private readonly info: number
  private readonly word: number
  private readonly buffer: number

  private constructor(fatfs: FatFs, sizeBytes: number, clusterBytes: number) {
    this.fatfs = fatfs
    this.sizeBytes = sizeBytes
    this.clusterBytes = clusterBytes
    this.folder = fatfs.malloc(FATFS.sizeof_DIR)
    this.file = fatfs.malloc(FATFS.sizeof_FIL)
    this.info = fatfs.malloc(FATFS.sizeof_FILINFO)
    this.word = fatfs.malloc(8)
    this.buffer = fatfs.malloc(BUFFER_BYTES)
    check('', fatfs.f_mount(fatfs.malloc(FATFS.sizeof_FATFS), '', 1))
    this.freeBytes()
  }

  /**
   * @param wallMs - Unix milliseconds, the date of what will be written
   * @throws {ConfigError} `damaged` when this is no FAT file system
   */
  static async open(store: ByteStore, wallMs = 0): Promise<FatVolume> {
    const boot = readBootSector(store.read(0, Math.min(512, store.sizeBytes)), store.sizeBytes)
    return new FatVolume(await startFatFs(store, boot.sectorBytes, wallMs), store.sizeBytes, boot.clusterBytes)
  }

  /** Names in a folder; none where there is no such folder. @throws {ConfigError} `damaged` */
  list(path = ''): string[] {
    const opened = this.fatfs.f_opendir(this.folder, `/${path}`)
    if (isMissing(opened)) return []
    check(path, opened)
    const names: string[] = []
    for (;;) {
      check(path, this.fatfs.f_readdir(this.folder, this.info))
      const name = this.fatfs.FILINFO_fname(this.info)
      if (name === '') return names
      names.push(name)
    }
  }

  /** @returns the whole file; null when there is none @throws {ConfigError} `damaged` */
  read(path: string): Buffer | null {
    const opened = this.fatfs.f_open(this.file, `/${path}`, FATFS.FA_READ)
    if (isMissing(opened)) return null
    check(path, opened)
    const length = this.fatfs.f_size(this.file)
    if (length > this.sizeBytes) throw damagedFat(`${path} is longer than all of it`)
    const content = Buffer.alloc(length)
    for (let at = 0; at < length; at += BUFFER_BYTES) {
      const wanted = Math.min(BUFFER_BYTES, length - at)
      check(path, this.fatfs.f_read(this.file, this.buffer, wanted, this.word))
      content.set(this.fatfs.HEAPU8.subarray(this.buffer, this.buffer + wanted), at)
    }
    return content
  }

  /** Makes or replaces a file, and the folders it is in. @throws {ConfigError} `no_space`, `damaged` */
  write(path: string, content: Uint8Array): void {
    const replaced = this.fatfs.f_stat(`/${path}`, this.info) === FATFS.FR_OK ? this.fatfs.FILINFO_fsize(this.info) : 0
    const free = this.freeBytes() + this.rounded(replaced)
    if (this.rounded(content.length) > free) throw noSpace(content.length, free)
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const made = this.fatfs.f_mkdir(`/${path.slice(0, slash)}`)
      if (made !== FATFS.FR_EXIST) check(path, made)
    }
    check(path, this.fatfs.f_open(this.file, `/${path}`, FATFS.FA_WRITE | FATFS.FA_CREATE_ALWAYS))
    for (let at = 0; at < content.length; at += BUFFER_BYTES) {
      const piece = content.subarray(at, at + BUFFER_BYTES)
      this.fatfs.HEAPU8.set(piece, this.buffer)
      check(path, this.fatfs.f_write(this.file, this.buffer, piece.length, this.word))
      if (this.fatfs.getValue(this.word, 'i32') < piece.length) throw noSpace(content.length, free)
    }
    check(path, this.fatfs.f_close(this.file))
  }

  freeBytes(): number {
    check('', this.fatfs.f_getfree('', this.word, this.word + 4))
    return (this.fatfs.getValue(this.word, 'i32') >>> 0) * this.clusterBytes
  }

  private rounded(bytes: number): number {
    return Math.ceil(bytes / this.clusterBytes) * this.clusterBytes
  }
}

function isMissing(result: number): boolean {
  return result === FATFS.FR_NO_FILE || result === FATFS.FR_NO_PATH
}

/** @throws {ConfigError} `damaged` unless FatFs says that all is well */
function check(path: string, result: number): void {
  if (result === FATFS.FR_OK) return
  throw damagedFat(`${REASONS[result] ?? `FatFs says ${result}`}${path === '' ? '' : `, at ${path}`}`)
}

function noSpace(neededBytes: number, freeBytes: number): ConfigError {
  return new ConfigError(
    { code: 'no_space', path: 'boot partition' },
    `The boot partition has ${freeBytes} bytes free and ${neededBytes} are needed: leave out the bundle, or use an image with a larger boot partition.`,
  )
}
