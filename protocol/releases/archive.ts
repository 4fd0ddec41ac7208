/**
 * Reads the archive of a release: a tar (ustar, with the pax and GNU forms of long names) whose entries all lie in `package/`, as npm
 * packs them. Only folders and plain files come out. Links are refused, save those in `node_modules/.bin`, which nothing here starts
 * and which are left out; so are devices, repeated paths and every path that would lie elsewhere.
 * @see POSIX.1-2024 pax, "ustar Interchange Format"
 */
import { utf8 } from '../bytes.ts'
import { RELEASE_LIMITS } from './facts.ts'
import { ReleaseError } from './failure.ts'
import { numberField, paxRecords, textField } from './tar-fields.ts'

/** What is done with the files, in the archive's order: `file`, then its bytes, then `end`. Paths are relative, with `/`. */
export interface ArchiveSink {
  file(path: string, executable: boolean, bytes: number): void
  data(bytes: Uint8Array): void
  end(): void
}

/** What came out. */
export interface ArchiveCount {
  readonly files: number
  readonly bytes: number
}

const BLOCK = 512
const LONG_NAME_BYTES_MAX = 64 * 1024
const ROOT = /^(?:\.\/)?package(?:\/|$)/

type Part = { kind: 'file' | 'skip' | 'pax' | 'name'; left: number; padding: number }

/** Takes the unpacked stream in pieces of any size. Any fault throws, and nothing may be used of what came out before. */
export class ArchiveReader {
  readonly #sink: ArchiveSink
  readonly #seen = new Set<string>()
  #header = new Uint8Array(BLOCK)
  #headerFill = 0
  #part: Part | null = null
  #long: number[] = []
  #next: { path?: string; size?: number } = {}
  #zeroBlocks = 0
  #files = 0
  #bytes = 0

  constructor(sink: ArchiveSink) {
    this.#sink = sink
  }

  /** @throws {ReleaseError} `bad_archive`, or what the sink throws */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#part !== null) at = this.#takePart(this.#part, chunk, at)
      else at = this.#takeHeader(chunk, at)
    }
  }

  /** @throws {ReleaseError} `bad_archive` when it ended too early */
  finish(): ArchiveCount {
    if (this.#part !== null || this.#headerFill > 0 || this.#zeroBlocks === 0) throw bad('', 'it ends in the middle')
    if (this.#files === 0) throw bad('', 'there is no file in it')
    return { files: this.#files, bytes: this.#bytes }
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const take = Math.min(BLOCK - this.#headerFill, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + take), this.#headerFill)
    this.#headerFill += take
    if (this.#headerFill === BLOCK) {
      this.#headerFill = 0
      this.#begin(this.#header)
    }
    return at + take
  }

  #begin(header: Uint8Array): void {
    if (header.every(byte => byte === 0)) {
      this.#zeroBlocks += 1
      return
    }
    if (this.#zeroBlocks > 0) throw bad('', 'something comes after its end')
    if (!checksumFits(header)) throw bad('', 'a header is damaged')
    const size = this.#next.size ?? numberField(header, 124, 12)
    const type = String.fromCharCode(header[156] ?? 0)
    if (size === null) throw bad('', 'a header has no size')
    if (type === 'x' || type === 'L') this.#beginLong(type === 'x' ? 'pax' : 'name', size)
    // Settings for everything that follows, such as a commit's name: nothing of it is needed.
    else if (type === 'g') this.#setPart('skip', size)
    else {
      const path = this.#next.path ?? headerPath(header)
      this.#next = {}
      if (this.#isFile(type, checkPath(path))) this.#beginFile(checkPath(path), size, header)
      else this.#setPart('skip', 0)
    }
  }

  #beginLong(kind: 'pax' | 'name', size: number): void {
    if (size > LONG_NAME_BYTES_MAX) throw bad('', 'a name is too long')
    this.#long = []
    this.#setPart(kind, size)
  }

  /** Whether an entry is a file, or else something that is left out. */
  #isFile(type: string, path: string): boolean {
    if (type === '5') return false
    if (type === '1' || type === '2') {
      if (!/(?:^|\/)node_modules\/\.bin\/[^/]+$/.test(path)) throw bad(path, 'it is a link')
      return false
    }
    if (type !== '0' && type !== '\0') {
      throw bad(path, `it is neither a file nor a folder (type ${JSON.stringify(type)})`)
    }
    if (path === '') throw bad('package', 'it is a file where a folder should be')
    return true
  }

  #beginFile(path: string, size: number, header: Uint8Array): void {
    this.#claim(path)
    this.#files += 1
    this.#bytes += size
    if (this.#files > RELEASE_LIMITS.filesMax) throw bad(path, `there are more than ${RELEASE_LIMITS.filesMax} files`)
    if (this.#bytes > RELEASE_LIMITS.unpackedBytesMax) {
      throw bad(path, `its files have more than ${RELEASE_LIMITS.unpackedBytesMax} bytes`)
    }
    this.#sink.file(path, ((numberField(header, 100, 8) ?? 0) & 0o100) !== 0, size)
    this.#setPart('file', size)
  }

  /** A file takes its path once; nothing may lie below it, and it may not be where a folder has to be. */
  #claim(path: string): void {
    if (this.#seen.has(path)) throw bad(path, 'it is there twice')
    this.#seen.add(path)
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at)
      if (this.#seen.has(folder)) throw bad(path, `${folder} is a file`)
      this.#seen.add(`${folder}/`)
    }
    if (this.#seen.has(`${path}/`)) throw bad(path, 'it is a folder')
  }

  #setPart(kind: Part['kind'], size: number): void {
    this.#part = { kind, left: size, padding: (BLOCK - (size % BLOCK)) % BLOCK }
    this.#endIfDone(this.#part)
  }

  #takePart(part: Part, chunk: Uint8Array, at: number): number {
    if (part.left > 0) {
      const bytes = chunk.subarray(at, at + part.left)
      part.left -= bytes.length
      if (part.kind === 'file') this.#sink.data(bytes)
      else if (part.kind !== 'skip') this.#long.push(...bytes)
      this.#endIfDone(part)
      return at + bytes.length
    }
    const skipped = Math.min(part.padding, chunk.length - at)
    part.padding -= skipped
    this.#endIfDone(part)
    return at + skipped
  }

  #endIfDone(part: Part): void {
    if (part.left > 0 || part.padding > 0) return
    this.#part = null
    if (part.kind === 'file') this.#sink.end()
    else if (part.kind === 'name')
      this.#next = { ...this.#next, path: textField(Uint8Array.from(this.#long), 0, this.#long.length) }
    else if (part.kind === 'pax') this.#next = { ...this.#next, ...paxNames(Uint8Array.from(this.#long)) }
  }
}

function paxNames(bytes: Uint8Array): { path?: string; size?: number } {
  const records = paxRecords(bytes)
  if (records === null) throw bad('', 'a pax header is damaged')
  const { path, size } = records
  if (size !== undefined && !/^\d{1,12}$/.test(size)) throw bad(path ?? '', 'its size is not a number')
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size: Number(size) }) }
}

function headerPath(header: Uint8Array): string {
  const name = textField(header, 0, 100)
  const isUstar = textField(header, 257, 5) === 'ustar'
  const prefix = isUstar ? textField(header, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** The path below `package/`; empty for that folder itself. */
function checkPath(given: string): string {
  if (!ROOT.test(given)) throw bad(given, 'it does not lie in package/')
  const path = given.replace(ROOT, '').replace(/\/+$/, '')
  if (path === '') return path
  const isPlain = path.split('/').every(name => name !== '' && name !== '.' && name !== '..')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!isPlain || /[\\\u0000-\u001f\u007f\ufffd]/.test(path)) throw bad(given, 'its path is not a plain one')
  if (utf8(path).length > RELEASE_LIMITS.pathBytesMax) throw bad(given, 'its path is too long')
  return path
}

/** The sum of all bytes, with the sum's own eight taken as spaces. */
function checksumFits(header: Uint8Array): boolean {
  let sum = 8 * 32
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0
  return sum === numberField(header, 148, 8)
}

function bad(entry: string, reason: string): ReleaseError {
  const shown = entry.slice(0, 128)
  const where = shown === '' ? '' : ` at ${JSON.stringify(shown)}`
  const message = `The archive cannot be used${where}: ${reason}. Nothing of it was installed.`
  return new ReleaseError({ code: 'bad_archive', entry: shown, reason }, message)
}
