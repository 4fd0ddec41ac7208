/**
 * Watches the logs of other regions: a checkpoint that goes on from the last one seen is cosigned, any other is refused. So a log that
 * shows different people different histories does not find witnesses for both.
 * @see https://c2sp.org/tlog-witness
 */
import {
  addSignatureLines,
  cosign,
  emptyRoot,
  equalBytes,
  type Hash,
  openCheckpoint,
  ProtocolError,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  type Signer,
  TLOG_SIZE_TYPE,
  type TreeHead,
  type Verifier,
  verifyConsistency,
} from '../../protocol/index.ts'
import type { Region } from '../region.ts'
import type { Peer, Peers } from './peers.ts'

/** An answer over HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly mediaType: string
  readonly body: string
}

export interface WitnessServerComponents {
  region: Pick<Region, 'step' | 'committed'>
  peers: Peers
  /** The witness key; never the region's own. */
  signer: Signer
  verifier: Verifier
  hash: Hash
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
}

export interface WitnessServer {
  /** `POST /witness/add-checkpoint`. What it cosigns is on stable storage before the answer. */
  addCheckpoint(body: string): Promise<WitnessAnswer>
  /** `GET /witness/<hash of the origin>/checkpoint`: the last that was cosigned of a peer's log, or null. */
  checkpointOf(originHash: string): string | null
}

const TEXT_TYPE = 'text/plain; charset=utf-8'

/** @param name - of the witness, in its cosignatures */
export function createWitnessServer(components: WitnessServerComponents, name: string): WitnessServer {
  const { region, peers, signer, verifier, hash, warn } = components

  /**
   * Checks and keeps in one step, so no other request comes between.
   * @see spec/clauses.md [LOG-8.7]
   */
  const consider = (text: string): WitnessAnswer => {
    const request = attempt(() => {
      const parsed = parseAddCheckpoint(text)
      const { origin, size } = parseCheckpoint(parseNote(parsed.note).body)
      return { ...parsed, origin, size }
    })
    if (request === null) return refusal(400, 'The body is not an old size, a proof and a checkpoint.')
    const { origin, size, oldSize, path, note } = request
    const peer = peers.get(origin)
    if (peer === undefined) return refusal(404, 'The log with this origin is not watched here.')
    const head = attempt(() => openCheckpoint(note, peer.logKey, verifier))
    if (head === null) return refusal(403, 'The checkpoint is not signed with the key of its log.')
    if (oldSize > size) return refusal(400, 'The old size is larger than that of the checkpoint.')
    if (oldSize !== peer.row.size) {
      return { status: 409, mediaType: TLOG_SIZE_TYPE, body: `${peer.row.size}\n` }
    }
    const fault = faultOf(peer, head, path)
    if (fault !== null) return refuse(peer, head, note, fault)
    return region.step((now, batch) => {
      const { body } = parseNote(note)
      const line = cosign(body, Math.floor(now.wallMs / 1_000), { name, signer })
      peers.cosign(origin, head, addSignatureLines(note, line), batch)
      return { status: 200, mediaType: TEXT_TYPE, body: line }
    })
  }

  /** Why a checkpoint does not go on from what was seen of its log; null when it does. */
  const faultOf = ({ row }: Peer, head: TreeHead, path: readonly Uint8Array[]): string | null => {
    if (head.size === 0 && !equalBytes(head.root, emptyRoot(hash))) return 'The root is not that of an empty tree.'
    if (row.size === 0)
      return path.length === 0 ? null : 'A proof from the empty tree proves nothing and has no hashes.'
    try {
      verifyConsistency(hash, { first: { size: row.size, root: row.root }, second: head, path })
      return null
    } catch (error) {
      if (error instanceof ProtocolError) return error.message
      throw error
    }
  }

  const refuse = (peer: Peer, head: TreeHead, note: string, fault: string): WitnessAnswer => {
    const { origin, size } = peer.row
    warn('witness_refused', { origin, size: head.size, seen: size })
    // Two roots that the log has signed for one size: nobody can explain that away, so it is kept.
    if (head.size === size && size > 0 && !equalBytes(head.root, peer.row.root)) {
      region.step((_now, batch) => peers.accuse(origin, note, batch))
    }
    return refusal(422, fault)
  }

  return {
    addCheckpoint: async body => {
      const answer = consider(body)
      // A stranger's request changes nothing and waits for nothing.
      if (answer.status === 200 || answer.status === 409 || answer.status === 422) await region.committed()
      return answer
    },
    checkpointOf: originHash => {
      const peer = peers.byOriginHash(originHash)
      return peer === undefined ? null : peers.cosigned(peer.row.origin)
    },
  }
}

const refusal = (status: 400 | 403 | 404 | 422, sentence: string): WitnessAnswer => ({
  status,
  mediaType: TEXT_TYPE,
  body: `${sentence}\n`,
})

/** What a check gives, or null when the peer's bytes do not pass it. */
function attempt<Result>(check: () => Result): Result | null {
  try {
    return check()
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
