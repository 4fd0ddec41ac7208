/** The other regions that watch this one's log, and whose logs it watches. */
import {
  formatVerifierKey,
  type Hash,
  type NoteKey,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type TreeHead,
  toHex,
  utf8,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { PeerRow, Store } from '../store/rows.ts'
import type { OpenedCard } from './region-card.ts'

/** Another region, its keys at hand. */
export interface Peer {
  readonly row: Readonly<PeerRow>
  readonly logKey: NoteKey
  readonly witnessKey: NoteKey
}

/** Two checkpoints that one log has signed for one size, with different roots. */
export interface Conflict {
  /** The one that was cosigned here. */
  readonly cosigned: string
  readonly other: string
}

const NOTHING_SEEN: TreeHead = { size: 0, root: new Uint8Array() }

/** The newest checkpoint of a log that was cosigned here; stays when the peer is removed, so that coming back does not wipe it out. */
const cosignedKey = (origin: string): string => `cosigned/${origin}`
/** Two notes that prove a log to have two histories. */
const conflictKey = (origin: string): string => `conflict/${origin}`

export class Peers {
  private readonly store: Pick<Store, 'meta'>
  private readonly hash: Hash
  private readonly peers = new Map<string, Peer & { row: PeerRow }>()
  private readonly origins = new Map<string, string>()
  /** What was written since the start and may not be committed yet, by its key. */
  private readonly notes = new Map<string, string>()

  constructor(store: Pick<Store, 'peers' | 'meta'>, hash: Hash) {
    this.store = store
    this.hash = hash
    for (const row of store.peers()) {
      this.keep(row, parseVerifierKey(row.logKey), parseVerifierKey(row.witnessKey))
    }
  }

  get(origin: string): Peer | undefined {
    return this.peers.get(origin)
  }

  all(): IterableIterator<Peer> {
    return this.peers.values()
  }

  /** The peer whose log's origin has this SHA-256, in hex: how monitors ask for it. */
  byOriginHash(hash: string): Peer | undefined {
    return this.peers.get(this.origins.get(hash) ?? '')
  }

  /** Takes a region in, or its new address. What was cosigned of its log before still counts. */
  add({ origin, logKey, witnessKey }: OpenedCard, url: string, nowMs: number, batch: Batch): Peer {
    const note = this.cosigned(origin)
    const { size, root } = note === null ? NOTHING_SEEN : parseCheckpoint(parseNote(note).body)
    const keys = { logKey: formatVerifierKey(logKey), witnessKey: formatVerifierKey(witnessKey) }
    const addedAtMs = this.peers.get(origin)?.row.addedAtMs ?? Math.round(nowMs)
    const row = { origin, ...keys, url, size, root, addedAtMs }
    batch.write({ table: 'peer', row: { ...row } })
    return this.keep(row, logKey, witnessKey)
  }

  remove(origin: string, batch: Batch): boolean {
    if (!this.peers.delete(origin)) return false
    this.origins.delete(this.hashOf(origin))
    batch.write({ table: 'peer-delete', origin })
    return true
  }

  /** Keeps what is about to be cosigned of a peer's log, with the note that says so. */
  cosign(origin: string, { size, root }: TreeHead, note: string, batch: Batch): void {
    const peer = this.peers.get(origin)
    if (peer === undefined) return
    peer.row = { ...peer.row, size, root }
    batch.write({ table: 'peer', row: { ...peer.row } })
    this.write(cosignedKey(origin), note, batch)
  }

  /** Keeps a checkpoint that contradicts the last one that was cosigned, and that one. The first two are proof enough. */
  accuse(origin: string, other: string, batch: Batch): void {
    if (this.conflict(origin) !== null) return
    const conflict: Conflict = { cosigned: this.cosigned(origin) ?? '', other }
    this.write(conflictKey(origin), JSON.stringify(conflict), batch)
  }

  /** The newest checkpoint of a log that was cosigned here, with that cosignature. */
  cosigned(origin: string): string | null {
    return this.note(cosignedKey(origin))
  }

  /** Two checkpoints of a log that contradict each other, if there are any. */
  conflict(origin: string): Conflict | null {
    const text = this.note(conflictKey(origin))
    return text === null ? null : (JSON.parse(text) as Conflict)
  }

  private note(key: string): string | null {
    return this.notes.get(key) ?? this.store.meta(key)
  }

  private write(key: string, note: string, batch: Batch): void {
    this.notes.set(key, note)
    batch.write({ table: 'meta', key, value: note })
  }

  private keep(row: PeerRow, logKey: NoteKey, witnessKey: NoteKey): Peer {
    const peer = { row, logKey, witnessKey }
    this.peers.set(row.origin, peer)
    this.origins.set(this.hashOf(row.origin), row.origin)
    return peer
  }

  private hashOf(origin: string): string {
    return originHash(this.hash, origin)
  }
}

/** How monitors name a log in the paths of a witness. */
export function originHash(hash: Hash, origin: string): string {
  return toHex(hash(utf8(origin)))
}
