/**
 * The folder of a device's earnings. Its database belongs to the running device alone, so what an owner wants to see and to say beside it
 * is in small files: each is written whole, and can be copied as the proof that it is.
 */
import { mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CborValue,
  ConfigError,
  decode,
  encode,
  formatVerifierKey,
  fromUtf8,
  LIMITS,
  type NoteKey,
  parseVerifierKey,
  regionName,
  utf8,
} from '../../protocol/index.ts'
import type { ReceiptBytes } from './kept-receipt.ts'
import type { KnownRegion, ReceiptStore } from './receipt-store.ts'
import { createWhole, readIfThere, writeWhole } from './whole-file.ts'

export interface EarningsFolder extends ReceiptStore {
  readonly path: string
  /** @throws {ConfigError} `not_found` before the device has joined */
  region(): KnownRegion
  /** Names of the proofs against the region. */
  evidence(): string[]
  /** The note of the checkpoint that was verified last; null before the first. */
  checkpoint(): string | null
  keepCheckpoint(note: string): void
  /** Witnesses that are trusted for checkpoints of the region. */
  witnesses(): NoteKey[]
  keepWitnesses(keys: readonly NoteKey[]): void
  /**
   * Makes a statement with a number that no statement of this device has had, even when two are made at the same time.
   * @param floor - the number is at least this
   * @param sign - makes the frame of the number
   */
  number(floor: number, sign: (seq: number) => Uint8Array): { readonly seq: number; readonly frame: Uint8Array }
}

const EVIDENCE_MAX = 64
const STATEMENT = /^(\d{1,16})\.cbor$/

/** The earnings below a device's folder; made when they are first kept. */
export function openEarningsFolder(stateDir: string): EarningsFolder {
  const path = join(stateDir, 'earnings')
  const file = (name: string) => join(path, name)
  const folder = (name: string) => {
    mkdirSync(file(name), { recursive: true, mode: 0o700 })
    return file(name)
  }
  const write = (name: string, bytes: Uint8Array) => writeWhole(join(folder('.'), name), bytes)
  return {
    path,
    newest: () => readReceipt(file('receipt.cbor')),
    keep: ({ entry, proof }) => write('receipt.cbor', encode([entry, proof])),
    keepEvidence(name, bytes) {
      const place = folder('evidence')
      if (filesOf(place).length < EVIDENCE_MAX) createWhole(join(place, `${name}.cbor`), bytes)
    },
    evidence: () => filesOf(file('evidence')),
    keepRegion({ region, regionKey, blobUrl }) {
      write('region.cbor', encode([region, regionKey, blobUrl]))
    },
    region: () => readRegion(file('region.cbor'), stateDir),
    checkpoint() {
      const note = readIfThere(file('checkpoint'))
      return note === null ? null : fromUtf8(note)
    },
    keepCheckpoint: note => write('checkpoint', utf8(note)),
    witnesses: () => readWitnesses(file('witnesses')),
    keepWitnesses: keys => write('witnesses', utf8(keys.map(key => `${formatVerifierKey(key)}\n`).join(''))),
    number: (floor, sign) => numbered(folder('statements'), floor, sign),
  }
}

function filesOf(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return []
    throw thrown
  }
}

function readReceipt(path: string): ReceiptBytes | null {
  const bytes = readIfThere(path)
  if (bytes === null) return null
  const [entry, proof] = readList(path, bytes)
  if (entry instanceof Uint8Array && proof instanceof Uint8Array) return { entry, proof }
  throw damaged(path, 'it is not a receipt')
}

function readRegion(path: string, stateDir: string): KnownRegion {
  const bytes = readIfThere(path)
  if (bytes === null) {
    const message =
      `The device in ${stateDir} knows no region yet: start it with 'hedgerow device', ` +
      'and let it join; or name its folder with --folder.'
    throw new ConfigError({ code: 'not_found', path }, message)
  }
  const [region, regionKey, blobUrl] = readList(path, bytes)
  if (typeof region === 'string' && regionKey instanceof Uint8Array && typeof blobUrl === 'string') {
    return { region: regionName(region), regionKey, blobUrl }
  }
  throw damaged(path, 'it does not say which region it is of')
}

function readList(path: string, bytes: Uint8Array): readonly CborValue[] {
  let value: CborValue
  try {
    value = decode(bytes, { maxBytes: LIMITS.frameBytesMax })
  } catch (cause) {
    throw damaged(path, 'it is not CBOR', cause)
  }
  if (Array.isArray(value)) return value
  throw damaged(path, 'it is not a list')
}

function readWitnesses(path: string): NoteKey[] {
  const bytes = readIfThere(path)
  if (bytes === null) return []
  const lines = fromUtf8(bytes)
    .split('\n')
    .filter(line => line !== '')
  return lines.map(parseVerifierKey)
}

/** The file of a number is made before the number is used, and only one process can make it. */
function numbered(path: string, floor: number, sign: (seq: number) => Uint8Array): { seq: number; frame: Uint8Array } {
  for (;;) {
    const used = filesOf(path).map(name => Number(STATEMENT.exec(name)?.[1] ?? 0))
    const last = Math.max(0, ...used)
    const seq = Math.max(floor, last + 1)
    const frame = sign(seq)
    if (!createWhole(join(path, `${seq}.cbor`), frame)) continue
    // Only the newest matters, and its name is what the next is numbered by.
    for (const older of used) if (older < seq && older > 0) removeIfThere(join(path, `${older}.cbor`))
    return { seq, frame }
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  }
}

function damaged(path: string, reason: string, cause?: unknown): ConfigError {
  const message = `${path} cannot be used: ${reason}. Delete it; the running device writes it again.`
  return new ConfigError({ code: 'damaged', path, reason }, message, cause === undefined ? undefined : { cause })
}
