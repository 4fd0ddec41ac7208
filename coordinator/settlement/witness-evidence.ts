/**
 * What a witness can show of this region's log. Its word alone stops nobody: anything could be claimed over plain HTTP. What counts is
 * a checkpoint with this region's own signature that the database does not hold, and nobody else can make one.
 */
import {
  type Hash,
  type NoteKey,
  openCheckpoint,
  ProtocolError,
  type TreeHead,
  type Verifier,
} from '../../protocol/index.ts'
import { differenceFrom, forked } from './check-signed.ts'
import type { LogReader } from './log-reader.ts'
import { badResponse, type PeerHttp } from './peer-http.ts'
import { originHash, type Peer } from './peers.ts'

export interface EvidenceComponents {
  http: PeerHttp
  reader: LogReader
  hash: Hash
  verifier: Verifier
}

export interface EvidenceInit {
  /** Of this region's log. */
  logKey: NoteKey
  /** The head guard's, which the failure names. */
  path: string
}

/**
 * Asks a witness for the newest checkpoint of this region's log that it has cosigned.
 * @returns null when it has cosigned none
 * @throws {ConfigError} `damaged` when this region has signed something that its database does not hold · {TransportError} when the
 *   witness cannot be reached or does not answer as witnesses do
 * @see spec/clauses.md [LOG-8.3]
 */
export async function askForEvidence(
  { http, reader, hash, verifier }: EvidenceComponents,
  { logKey, path }: EvidenceInit,
  { row }: Peer,
): Promise<TreeHead | null> {
  const url = `${row.url}/witness/${originHash(hash, logKey.name)}/checkpoint`
  const { status, body } = await http.get(url)
  if (status === 404) return null
  if (status !== 200) throw badResponse(url, status, `the status is ${status}`)
  const seen = open(body, logKey, verifier)
  if (seen === null) throw badResponse(url, status, 'what it shows was not signed by this region')
  const difference = differenceFrom(reader, seen)
  if (difference === null) return seen
  throw forked(path, `the witness at ${row.url} can show that the region has signed ${difference}`)
}

function open(note: string, logKey: NoteKey, verifier: Verifier): TreeHead | null {
  try {
    return openCheckpoint(note, logKey, verifier)
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
