/** Checks a device's receipt against the public log: that it is in the log that everybody else sees, and that others watch over it. */
import {
  type Checkpoint,
  consistencyPath,
  equalBytes,
  fromUtf8,
  HASH_BYTES,
  type Hash,
  inclusionPath,
  leafHash,
  logKeyOf,
  logOrigin,
  type NodeReader,
  type NoteKey,
  openCheckpoint,
  ProtocolError,
  parseVerifierKey,
  regionIdOf,
  TILE_WIDTH,
  type TreeHead,
  tileNodeReader,
  tilePath,
  tilesFor,
  verifyConsistency,
  verifyCosignature,
  verifyInclusion,
  witnessName,
} from '../../protocol/index.ts'
import { type KeptReceipt, openReceipt, type ReceiptBytes, type ReceiptTrust } from './kept-receipt.ts'

/** Reads what a log serves. */
export interface LogSource {
  /**
   * @param path - below the log's address, such as `checkpoint`
   * @param bytesMax - more than this is a failure
   * @returns null when the log has no such thing
   * @throws when it cannot be reached
   */
  read(path: string, bytesMax: number): Promise<Uint8Array | null>
}

/** What is checked, in this order. */
export const RULES = ['receipt', 'card', 'checkpoint', 'inclusion', 'consistency', 'history', 'witnesses'] as const
export type RuleName = (typeof RULES)[number]

export interface Rule {
  readonly name: RuleName
  readonly ok: boolean
  /** What was found, or what is wrong: a sentence. */
  readonly detail: string
}

export interface LogVerdict {
  readonly ok: boolean
  /** Those that were looked at; after a broken one no other is, witnesses apart. */
  readonly rules: readonly Rule[]
  /** Null while its signature was not found good. */
  readonly checkpoint: { readonly note: string; readonly size: number } | null
}

export interface VerifyInit {
  readonly receipt: ReceiptBytes
  readonly trust: ReceiptTrust
  readonly source: LogSource
  /** Witnesses that are known. */
  readonly witnesses: readonly NoteKey[]
  /** The note of the checkpoint that was verified last. */
  readonly lastNote: string | null
}

const WITNESSES_MIN = 2
const CARD_BYTES_MAX = 16_384
const NOTE_BYTES_MAX = 65_536

/** A rule that is broken. */
class Broken extends Error {
  readonly rule: RuleName

  constructor(rule: RuleName, message: string) {
    super(message)
    this.rule = rule
  }
}

/**
 * Looks at each rule in turn.
 * @throws whatever its source throws
 * @see spec/clauses.md [LOG-5.4]
 */
export async function verifyEarnings(init: VerifyInit): Promise<LogVerdict> {
  const rules: Rule[] = []
  let checkpoint: LogVerdict['checkpoint'] = null
  const passed = (name: RuleName, detail: string) => void rules.push({ name, ok: true, detail })
  try {
    const { source, trust } = init
    const receipt = holds('receipt', () => openReceipt(init.receipt, trust))
    passed('receipt', `number ${receipt.says.seq}, signed by the region as entry ${receipt.index} of its log`)
    const key = await checkCard(source, trust.regionKey)
    passed('card', 'the log is signed with the key that the device knows the region by')
    const note = await readText(source, 'checkpoint', NOTE_BYTES_MAX, 'checkpoint')
    const head = holds('checkpoint', () => openCheckpoint(note, key, trust.verifier))
    checkpoint = { note, size: head.size }
    passed('checkpoint', `${head.size} entries, signed by the region`)
    await checkInclusion(init, receipt, head)
    passed('inclusion', `the receipt is entry ${receipt.index} of the log that everybody sees`)
    await checkConsistency(init, 'consistency', receipt.head, head)
    passed('consistency', `the log goes on from the ${receipt.head.size} entries that the receipt was proven in`)
    passed('history', await checkHistory(init, key, head))
    passed('witnesses', checkWitnesses(init, note))
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown
    rules.push({ name: thrown.rule, ok: false, detail: thrown.message })
  }
  return { ok: rules.every(({ ok }) => ok), rules, checkpoint }
}

/** Runs a check, whose failure breaks the rule. */
function holds<T>(rule: RuleName, check: () => T): T {
  try {
    return check()
  } catch (thrown) {
    if (thrown instanceof ProtocolError) throw new Broken(rule, thrown.message)
    throw thrown
  }
}

async function checkCard(source: LogSource, regionKey: Uint8Array): Promise<NoteKey> {
  const text = await readText(source, 'card', CARD_BYTES_MAX, 'card')
  const key = logKeyOf(logOrigin(regionIdOf(regionKey)), regionKey)
  const shown = holds('card', () => parseVerifierKey(cardField(text, 'logKey')))
  if (shown.name !== key.name || !equalBytes(shown.publicKey, key.publicKey)) {
    throw new Broken('card', 'The card names another key than the one that the device knows the region by.')
  }
  return key
}

function cardField(text: string, name: string): string {
  try {
    const value: unknown = (JSON.parse(text) as Record<string, unknown> | null)?.[name]
    if (typeof value === 'string') return value
  } catch {}
  throw new Broken('card', `The card has no field '${name}'.`)
}

async function checkInclusion({ source, trust }: VerifyInit, receipt: KeptReceipt, head: TreeHead): Promise<void> {
  const { index } = receipt
  if (head.size <= index) {
    const message = `The checkpoint is of ${head.size} entries, and the receipt is entry ${index}: the log was cut back, or is behind.`
    throw new Broken('inclusion', message)
  }
  const make = (read: NodeReader) => inclusionPath(trust.hash, read, index, head.size)
  const path = await proofFrom(source, trust.hash, 'inclusion', head.size, make)
  const leaf = leafHash(trust.hash, receipt.bytes.entry)
  holds('inclusion', () => verifyInclusion(trust.hash, { index, size: head.size, root: head.root, leaf, path }))
}

/** That of two heads of one log the smaller is the beginning of the larger. */
async function checkConsistency(init: VerifyInit, rule: RuleName, first: TreeHead, second: TreeHead): Promise<void> {
  const { source, trust } = init
  if (first.size > second.size) {
    const message = `The log shows ${second.size} entries, and has shown ${first.size} before: it was cut back.`
    throw new Broken(rule, message)
  }
  const make = (read: NodeReader) => consistencyPath(trust.hash, read, first.size, second.size)
  const path = await proofFrom(source, trust.hash, rule, second.size, make)
  holds(rule, () => verifyConsistency(trust.hash, { first, second, path }))
}

async function checkHistory(init: VerifyInit, key: NoteKey, head: Checkpoint): Promise<string> {
  const { lastNote, trust } = init
  if (lastNote === null) return 'no checkpoint was verified here before'
  const last = holds('history', () => openCheckpoint(lastNote, key, trust.verifier))
  if (last.size === 0) return 'the log was empty when it was last verified'
  await checkConsistency(init, 'history', last, head)
  return `the log goes on from the ${last.size} entries of the last verification`
}

/** Makes a proof of tiles, which are fetched first. */
async function proofFrom(
  source: LogSource,
  hash: Hash,
  rule: RuleName,
  size: number,
  make: (read: NodeReader) => Uint8Array[],
): Promise<Uint8Array[]> {
  const tiles = new Map<string, Uint8Array>()
  for (const { level, index, width } of tilesFor(size, make)) {
    tiles.set(tilePath(level, index, width), await readTile(source, rule, level, index, width))
  }
  const tile = (...place: [number, number, number]) => tiles.get(tilePath(...place)) ?? new Uint8Array()
  return holds(rule, () => make(tileNodeReader(hash, tile, size)))
}

/** A partial tile may have gone since the full one is there. */
async function readTile(
  source: LogSource,
  rule: RuleName,
  level: number,
  index: number,
  width: number,
): Promise<Uint8Array> {
  const bytesMax = TILE_WIDTH * HASH_BYTES
  const found = await source.read(tilePath(level, index, width), bytesMax)
  if (found !== null) return found
  const full = width === TILE_WIDTH ? null : await source.read(tilePath(level, index), bytesMax)
  if (full === null) throw new Broken(rule, `The log does not serve ${tilePath(level, index, width)}.`)
  return full.subarray(0, width * HASH_BYTES)
}

/** @see spec/clauses.md [LOG-5.4] */
function checkWitnesses({ witnesses, trust }: VerifyInit, note: string): string {
  const own = witnessName(regionIdOf(trust.regionKey))
  const others = new Map(witnesses.filter(({ name }) => name !== own).map(key => [key.publicKey.join(), key]))
  const cosigned = [...others.values()].filter(key => verifyCosignature(note, key, trust.verifier) !== null)
  if (cosigned.length >= WITNESSES_MIN) return `cosigned by ${cosigned.map(({ name }) => name).join(' and ')}`
  const known = others.size === 1 ? 'one witness is known' : `${others.size} witnesses are known`
  const message = `${cosigned.length} of the ${WITNESSES_MIN} cosignatures that are needed are there (${known}): nobody else has seen this checkpoint.`
  throw new Broken('witnesses', message)
}

async function readText(source: LogSource, path: string, bytesMax: number, rule: RuleName): Promise<string> {
  const bytes = await source.read(path, bytesMax)
  if (bytes === null) throw new Broken(rule, `The log does not serve ${path}.`)
  return holds(rule, () => fromUtf8(bytes))
}
