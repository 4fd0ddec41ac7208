/**
 * The settlement service: signs the log, has it witnessed, witnesses the logs of others, and gives devices their receipts. What it signs
 * is on disk before, and it refuses to sign a second history.
 */
import {
  type Clock,
  type DeviceId,
  type Hash,
  logKeyOf,
  logOrigin,
  messageOf,
  type Random,
  type RegionId,
  type RegionName,
  type Signer,
  TransportError,
  type Verifier,
  witnessKeyOf,
  witnessName,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Now } from '../jobs/jobs.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Region } from '../region.ts'
import type { Store } from '../store/rows.ts'
import { type Checkpoint, checkSigned } from './check-signed.ts'
import { CheckpointBoard } from './checkpoint-board.ts'
import type { HeadGuard } from './head-guard.ts'
import type { Log } from './log.ts'
import { LogReader } from './log-reader.ts'
import { Notary } from './notary.ts'
import { createPeerHttp, type PeerHttp } from './peer-http.ts'
import { type Peer, Peers } from './peers.ts'
import { Receipts } from './receipts.ts'
import { type RegionCard, signCard } from './region-card.ts'
import { WitnessClient } from './witness-client.ts'
import { askForEvidence } from './witness-evidence.ts'
import { createWitnessServer, type WitnessServer } from './witness-server.ts'

export interface SettlementComponents {
  region: Pick<Region, 'step' | 'committed'>
  log: Log
  ledger: Pick<Ledger, 'turnoverMicro' | 'takeTouchedDevices'>
  store: Pick<Store, 'checkpoint' | 'receipts' | 'peers' | 'meta' | 'entries' | 'entry'>
  /** The region's key. */
  signer: Signer
  /** The key that cosigns the logs of others. */
  witnessSigner: Signer
  /** Where the newest signed state is kept apart from the database. */
  guard: HeadGuard
  verifier: Verifier
  hash: Hash
  clock: Clock
  random: Random
  fetch: typeof fetch
  /** Everybody who is or was enrolled. */
  devices(): Iterable<DeviceId>
  isConnected(device: DeviceId): boolean
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
  /** The disk failed, or a witness has proven that the log would fork: the process must end after printing the sentence. */
  onFatal(error: unknown): void
}

export interface SettlementInit {
  regionId: RegionId
  name: RegionName
  policy: Pick<RegionPolicy, 'checkpointMs' | 'receiptMs'>
  /** Where the region is reached, without the last slash; known once the server listens. */
  httpUrl(): string
}

export interface Settlement {
  readonly peers: Peers
  readonly client: WitnessClient
  readonly http: PeerHttp
  readonly reader: LogReader
  readonly witness: WitnessServer
  /** The checkpoint that anybody may see; null before the first. */
  checkpoint(): Checkpoint | null
  card(): RegionCard
  /** Signs, writes receipts and sends them when it is time; part of the region's tick. */
  tick(now: Now, batch: Batch): void
  /** A device has said hello. */
  greet(device: DeviceId): void
  /** Signs what is not signed yet, before the region stops. */
  seal(): Promise<void>
  /** Signs nothing any more and lets go of every connection. */
  close(): void
}

/** At the start nobody is served before the witnesses have answered, so a dead one may cost this much and no more. */
const PEER_TIMEOUT_MS = 3_000

/**
 * Checks that the database holds all that the region has signed, as far as the head guard and the witnesses that answer know, and
 * starts.
 * @throws {ConfigError} `damaged` when it does not: nothing is signed then, and nothing may be served
 */
export async function openSettlement(components: SettlementComponents, init: SettlementInit): Promise<Settlement> {
  const { region, log, ledger, store, signer, witnessSigner, guard, verifier, hash, clock, random, warn } = components
  const { devices, isConnected } = components
  const { regionId, name, policy } = init
  const reader = new LogReader(log, store, hash)
  const logKey = logKeyOf(logOrigin(regionId), signer.publicKey)
  const signed = checkSigned({ reader, store, guard, verifier }, logKey)
  const witnessKey = witnessKeyOf(witnessName(regionId), witnessSigner.publicKey)
  const peers = new Peers(store, hash)
  const http = createPeerHttp({ clock, fetch: components.fetch }, PEER_TIMEOUT_MS)
  const evidence = { http, reader, hash, verifier }
  const evidenceInit = { logKey, path: guard.path }

  const fatal = (error: unknown) => {
    notary.close()
    components.onFatal(error)
  }
  const client = new WitnessClient(
    { ...evidence, peers, clock, random, onCosigned: (size, line) => board.cosigned(size, line), onForked: fatal },
    evidenceInit,
  )
  const receipts = new Receipts(
    { ledger, reader, store, signer, devices, isConnected },
    policy.receiptMs,
    signed.checkpoint,
  )
  const board = new CheckpointBoard(
    { region, clock, offer: checkpoint => client.offer(checkpoint), onShown: head => receipts.shown(head) },
    signed.checkpoint,
  )
  const notary = new Notary(
    { region, log, guard, signer, clock, onSigned: checkpoint => board.put(checkpoint), onFatal: fatal },
    { origin: logKey.name, checkpointMs: policy.checkpointMs },
    signed,
  )
  const witness = createWitnessServer({ region, peers, signer: witnessSigner, verifier, hash, warn }, witnessKey.name)

  const ask = async (peer: Peer) => {
    const { origin, url } = peer.row
    try {
      client.knows(origin, (await askForEvidence(evidence, evidenceInit, peer))?.size ?? 0)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      warn('witness_not_asked', { origin, url, message: messageOf(error) })
    }
  }
  try {
    await Promise.all([...peers.all()].map(ask))
  } catch (error) {
    client.close()
    throw error
  }
  if (signed.checkpoint !== null) void client.resume(signed.checkpoint)

  return {
    peers,
    client,
    http,
    reader,
    witness,
    checkpoint: () => board.shown,
    card: () => signCard(name, signer, witnessKey, init.httpUrl()),
    tick: (now, batch) => {
      notary.tick()
      receipts.tick(now, batch)
    },
    greet: device => receipts.greet(device),
    seal: () => notary.seal(),
    close: () => {
      notary.close()
      client.close()
    },
  }
}
