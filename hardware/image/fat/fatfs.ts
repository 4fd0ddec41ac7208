/** FatFs by ChaN (http://elm-chan.org/fsw/ff/), as `js-fatfs` compiles it to WebAssembly. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import * as library from 'js-fatfs'
import { assert } from '../../../protocol/index.ts'
import type { ByteStore } from './store.ts'

/** Its functions and memory, see the manual of FatFs. */
export type FatFs = library.FatFs
/** Its numbers: result codes, modes, sizes of its structures. */
export const FATFS = library

/** How old DOS programs see letters that are not ASCII; what `mkfs.vfat` takes. */
const CODE_PAGE = 850
/** FAT32's sector of hints about free space begins with this, and has two of four bytes. */
const INFO_SIGNATURE = 'RRaA'
const INFO_HINTS = [488, 496] as const
const YEAR_MIN_MS = Date.UTC(1980, 0, 1)

type Functions = Record<string, (...args: number[]) => unknown>
/** What a module asks for, by the names that Emscripten gives it. */
type Imports = Record<string, Functions>
/** The part of the WebAssembly JavaScript API that is used here, typed narrowly. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: Imports) => object
}
const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly

/**
 * Starts FatFs over a store, for one file system that fills it.
 * @param wallMs - Unix milliseconds, the date of all that is written, in UTC
 */
export async function startFatFs(store: ByteStore, sectorBytes: number, wallMs: number): Promise<FatFs> {
  const file = createRequire(import.meta.url).resolve('js-fatfs/dist/fatfs.wasm')
  const module = new engine.Module(await readFile(file))
  // FatFs asks the host for the time, in its time zone; this hook of Emscripten's is the one place where it can be given another.
  const instantiateWasm = (imports: Imports, receive: (instance: object) => object): object => {
    for (const functions of Object.values(imports)) stopClock(functions, wallMs, () => fatfs)
    return receive(new engine.Instance(module, imports))
  }
  const options = { diskio: new StoreDisk(store, sectorBytes), codepage: CODE_PAGE, instantiateWasm }
  const fatfs: FatFs = await library.create(options)
  return fatfs
}

function stopClock(functions: Functions, wallMs: number, fatfs: () => FatFs): void {
  const name = Object.keys(functions).find(key => functions[key]?.name === '__localtime_js')
  assert(name !== undefined, 'FatFs asks for the local time')
  const at = new Date(Math.max(wallMs, YEAR_MIN_MS))
  const date = [at.getUTCDate(), at.getUTCMonth(), at.getUTCFullYear() - 1900]
  // The beginning of C's `struct tm`.
  const fields = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours(), ...date]
  functions[name] = (_low: number, _high: number, tm: number): void => {
    for (const [index, value] of fields.entries()) fatfs().setValue(tm + index * 4, value, 'i32')
  }
}

/** A store as sectors. Whatever a damaged file system asks for, nothing outside of it is touched. */
class StoreDisk implements library.DiskIO {
  private readonly store: ByteStore
  private readonly sectorBytes: number

  constructor(store: ByteStore, sectorBytes: number) {
    this.store = store
    this.sectorBytes = sectorBytes
  }

  initialize(): number {
    return 0
  }

  status(): number {
    return 0
  }

  read(fatfs: FatFs, _drive: number, at: number, sector: number, count: number): number {
    if (!this.has(sector, count)) return library.RES_PARERR
    const bytes = this.store.read(sector * this.sectorBytes, count * this.sectorBytes)
    // FatFs believes a hint that is wrong, and passes it on. Where there is none, it counts.
    if (sector === 1 && bytes.toString('latin1', 0, 4) === INFO_SIGNATURE) bytes.fill(0xff, ...INFO_HINTS)
    fatfs.HEAPU8.set(bytes, at)
    return library.RES_OK
  }

  write(fatfs: FatFs, _drive: number, at: number, sector: number, count: number): number {
    if (!this.has(sector, count)) return library.RES_PARERR
    this.store.write(sector * this.sectorBytes, fatfs.HEAPU8.slice(at, at + count * this.sectorBytes))
    return library.RES_OK
  }

  ioctl(fatfs: FatFs, _drive: number, command: number, at: number): number {
    if (command === library.GET_SECTOR_SIZE) fatfs.setValue(at, this.sectorBytes, 'i16')
    return library.RES_OK
  }

  /** Numbers come signed from WebAssembly; a negative one is a sector past the second terabyte. */
  private has(sector: number, count: number): boolean {
    return sector >= 0 && count > 0 && (sector + count) * this.sectorBytes <= this.store.sizeBytes
  }
}
