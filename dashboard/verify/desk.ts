/** Answers the page's questions about a log. It runs in a worker, and needs nothing of one. */
import type { LogSource } from '../../auditor/source.ts'
import {
  decodeBundle,
  decodeClaimCode,
  decodeEntry,
  equalBytes,
  inclusionPath,
  keyThumbprint,
  leafHash,
  logOrigin,
  messageOf,
  NOTE_TYPE_LOG,
  type NoteKey,
  openCheckpoint,
  ProtocolError,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  regionIdOf,
  TILE_WIDTH,
  toBase32,
  toHex,
  verifyCosignature,
  verifyInclusion,
} from '../../protocol/index.ts'
import { continuityOf, type RememberedCheckpoint } from './continuity.ts'
import { type FollowerPorts, LogFollower } from './log-follower.ts'
import type {
  Books,
  CheckedCheckpoint,
  CosignatureCheck,
  InclusionCheck,
  KeyComparison,
  ListedEntry,
} from './messages.ts'
import { nodesOf } from './tiles.ts'

/** A region's id is the beginning of its key's thumbprint. */
const ID_BYTES = 16

/** What `GET /log/card` says that is used here. */
export interface CardFacts {
  readonly region: string
  readonly regionId: string
  readonly logKey: string
}

/** Everything that can be asked of one log. */
export class VerifyDesk {
  readonly #ports: FollowerPorts
  readonly #source: LogSource
  readonly #card: () => Promise<CardFacts>
  #follower: Promise<LogFollower> | null = null
  #replaying: Promise<unknown> = Promise.resolve()

  /** @param card - reads the region's card */
  constructor(ports: FollowerPorts, source: LogSource, card: () => Promise<CardFacts>) {
    this.#ports = ports
    this.#source = source
    this.#card = card
  }

  /**
   * Checks the newest checkpoint: its signature, its witnesses, and that the log still begins as it was seen.
   * @param seen - the checkpoint that was verified last
   * @param witnessKeys - verifier keys as text; what is none is passed over
   * @returns null while the log has no checkpoint
   */
  async checkpoint(
    seen: RememberedCheckpoint | null,
    witnessKeys: readonly string[],
  ): Promise<CheckedCheckpoint | null> {
    const [card, note] = await Promise.all([this.#card(), this.#source.checkpoint()])
    if (note === null) return null
    const key = keyOf(card)
    const { origin, size, root } = parseCheckpoint(parseNote(note).body)
    let signature = { valid: true, reason: '' }
    try {
      openCheckpoint(note, key, this.#ports.verifier)
    } catch (thrown) {
      signature = { valid: false, reason: messageOf(thrown) }
    }
    const continuity = signature.valid
      ? await continuityOf(this.#ports.hash, this.#source, card.logKey, { origin, size, root }, seen)
      : ({ kind: 'first' } as const)
    return {
      origin,
      region: card.region,
      regionId: card.regionId,
      logKey: card.logKey,
      size,
      rootHex: toHex(root),
      idMatchesKey: isOwnKey(card, key),
      signature,
      continuity,
      cosignatures: this.#cosignatures(note, origin, witnessKeys),
    }
  }

  /** Entries `from`..`to` of the log as it is signed, those that there are. */
  async entries(from: number, to: number): Promise<{ size: number; entries: ListedEntry[] }> {
    const { size } = await this.#signed()
    const entries: ListedEntry[] = []
    for (let index = Math.max(0, from); index < Math.min(to, size); ) {
      const bundle = Math.floor(index / TILE_WIDTH)
      const raw = await this.#bundle(bundle, size)
      for (; index < Math.min(to, size, (bundle + 1) * TILE_WIDTH); index++) {
        entries.push(listed(index, raw[index - bundle * TILE_WIDTH] ?? new Uint8Array()))
      }
    }
    return { size, entries }
  }

  /** Proves, or fails to prove, that an entry is where the signed root says. */
  async inclusion(index: number): Promise<InclusionCheck> {
    const { hash } = this.#ports
    const { size, root } = await this.#signed()
    const bundle = Math.floor(index / TILE_WIDTH)
    const bytes = (await this.#bundle(bundle, size))[index - bundle * TILE_WIDTH] ?? new Uint8Array()
    const leaf = leafHash(hash, bytes)
    const path = await nodesOf(hash, this.#source, size, read => inclusionPath(hash, read, index, size))
    const found = { index, size, leafHex: toHex(leaf), pathHex: path.map(toHex) }
    try {
      verifyInclusion(hash, { index, size, root, leaf, path })
      return { ...found, valid: true, reason: '' }
    } catch (thrown) {
      return { ...found, valid: false, reason: messageOf(thrown) }
    }
  }

  /**
   * Compares the log's key with what somebody has from elsewhere. The claim's secret goes nowhere.
   * @param text - a claim code, or a region's id
   */
  async compare(text: string): Promise<KeyComparison> {
    const thumbprint = keyThumbprint(keyOf(await this.#card()).publicKey)
    const given = text.trim().toLowerCase()
    if (/^[a-z2-7]{26}$/.test(given)) return given === toBase32(thumbprint.subarray(0, ID_BYTES)) ? 'same' : 'other'
    try {
      return equalBytes(decodeClaimCode(text).regionKeyThumbprint, thumbprint) ? 'same' : 'other'
    } catch {
      return 'unreadable'
    }
  }

  /** Replays the log up to its newest checkpoint. */
  replay(onProgress: (entries: number, size: number) => void): Promise<Books | null> {
    const run = this.#replaying.then(async () => {
      this.#follower ??= this.#card().then(card => new LogFollower(this.#ports, this.#source, keyOf(card)))
      try {
        return await (await this.#follower).advance(onProgress)
      } catch (thrown) {
        // Whatever it had read may end in the middle of a bundle: the next replay begins at the beginning.
        this.#follower = null
        throw thrown
      }
    })
    this.#replaying = run.catch(() => {})
    return run
  }

  async #signed(): Promise<{ size: number; root: Uint8Array }> {
    const [card, note] = await Promise.all([this.#card(), this.#source.checkpoint()])
    if (note !== null) return openCheckpoint(note, keyOf(card), this.#ports.verifier)
    const reason = 'the log has not been signed yet'
    throw new ProtocolError({ code: 'bad_note', reason }, 'The log has not been signed yet: ask again in a moment.')
  }

  async #bundle(index: number, size: number): Promise<Uint8Array[]> {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
    return decodeBundle(await this.#source.entries(index, width), width)
  }

  #cosignatures(note: string, origin: string, witnessKeys: readonly string[]): CosignatureCheck[] {
    const keys = witnessKeys.flatMap(parsedKey)
    return parseNote(note)
      .signatures.filter(({ name }) => name !== origin)
      .map(({ name, bytes }) => {
        const key = keys.find(known => known.name === name)
        const timeS = bytes.length === 72 ? Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)) : null
        if (key === undefined) return { name, timeS, verdict: 'unknown' }
        const at = verifyCosignature(note, key, this.#ports.verifier)
        return { name, timeS, verdict: at === null ? 'invalid' : 'valid' }
      })
  }
}

function listed(index: number, bytes: Uint8Array): ListedEntry {
  try {
    return { index, entry: decodeEntry(bytes), problem: '', bytes: bytes.length }
  } catch (thrown) {
    return { index, entry: null, problem: messageOf(thrown), bytes: bytes.length }
  }
}

function keyOf({ logKey }: CardFacts): NoteKey {
  const key = parseVerifierKey(logKey)
  if (key.type === NOTE_TYPE_LOG) return key
  const reason = "the card's key is not one of a log"
  throw new ProtocolError({ code: 'bad_note', reason }, `The region's card is no good: ${reason}.`)
}

/** A region's id is made of its key, so nobody can have the one with another of the other. */
function isOwnKey({ regionId }: CardFacts, key: NoteKey): boolean {
  return regionIdOf(key.publicKey) === regionId && logOrigin(regionIdOf(key.publicKey)) === key.name
}

function parsedKey(text: string): NoteKey[] {
  try {
    return [parseVerifierKey(text.trim())]
  } catch {
    return []
  }
}
