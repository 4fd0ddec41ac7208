/**
 * Asks the witnesses of this region's log to cosign its checkpoints. Each is asked by itself, one request at a time and always for the
 * newest checkpoint, so a slow or dead one is no matter to anybody else.
 * @see https://c2sp.org/tlog-witness
 */
import {
  addSignatureLines,
  type Clock,
  equalBytes,
  formatAddCheckpoint,
  formatSignatureLine,
  HedgerowError,
  ProtocolError,
  parseSignatureLines,
  parseSize,
  type Random,
  type Timer,
  TLOG_SIZE_TYPE,
  TransportError,
  verifyCosignature,
} from '../../protocol/index.ts'
import type { Checkpoint } from './check-signed.ts'
import { badResponse, type PeerReply } from './peer-http.ts'
import type { Peer, Peers } from './peers.ts'
import { askForEvidence, type EvidenceComponents, type EvidenceInit } from './witness-evidence.ts'

export interface WitnessClientComponents extends EvidenceComponents {
  peers: Peers
  clock: Clock
  random: Random
  /** A witness has cosigned the checkpoint of this size: its line of signature. */
  onCosigned(size: number, line: string): void
  /** A witness has shown that this region has signed another history: nothing may be signed any more. */
  onForked(error: HedgerowError<{ code: string }>): void
}

/** How a witness stands to this region's log. */
export interface WitnessState {
  /** The last checkpoint that it cosigned; null when the newest of the run before was without it, and none since. */
  readonly cosigned: { readonly size: number; readonly atS: number } | null
  /** Why it does not cosign now, as a sentence; empty when it does. */
  readonly problem: string
}

interface Course {
  /** Entries of the last checkpoint that it is known to have cosigned. */
  known: number
  /** Entries of the last that it has cosigned since this start; -1 before the first. */
  answered: number
  cosigned: { size: number; atS: number } | null
  problem: string
  /** Failures since it last cosigned. */
  failures: number
  resting: Timer | null
  asking: Promise<void> | null
}

/** The first wait after a failure. Each next one is twice as long, up to the second, and of each up to half is left to chance. */
const REST_MS = 1_000
const REST_MS_MAX = 300_000
/** A size that is told once is right, unless somebody else asks for this log's cosignatures too. */
const ATTEMPTS_MAX = 3

export class WitnessClient {
  private readonly components: WitnessClientComponents
  private readonly init: EvidenceInit
  private readonly courses = new Map<string, Course>()
  private newest: Checkpoint | null = null
  private isClosed = false

  constructor(components: WitnessClientComponents, init: EvidenceInit) {
    this.components = components
    this.init = init
  }

  /** Sees who has cosigned the checkpoint of before this start, and asks everybody again: one that was not there may know of another. */
  async resume(checkpoint: Checkpoint): Promise<void> {
    for (const { row, witnessKey } of this.components.peers.all()) {
      const atS = verifyCosignature(checkpoint.note, witnessKey, this.components.verifier)
      if (atS !== null) this.course(row.origin).cosigned = { size: checkpoint.size, atS }
    }
    await this.offer(checkpoint)
  }

  /** Has a checkpoint cosigned. Resolves when each witness that was not resting has answered or failed. */
  async offer(checkpoint: Checkpoint): Promise<void> {
    this.newest = checkpoint
    await Promise.all([...this.components.peers.all()].map(peer => this.go(peer.row.origin)))
  }

  /** Asks a peer that is new here. */
  greet(origin: string): void {
    this.forget(origin)
    void this.go(origin)
  }

  /** A peer was removed. */
  forget(origin: string): void {
    this.courses.get(origin)?.resting?.cancel()
    this.courses.delete(origin)
  }

  /** What the first look at a witness has shown. */
  knows(origin: string, size: number): void {
    this.course(origin).known = size
  }

  state(origin: string): WitnessState {
    return this.courses.get(origin) ?? { cosigned: null, problem: '' }
  }

  close(): void {
    this.isClosed = true
    for (const { resting } of this.courses.values()) resting?.cancel()
    this.components.http.close()
  }

  private course(origin: string): Course {
    let course = this.courses.get(origin)
    if (!course) {
      course = { known: 0, answered: -1, cosigned: null, problem: '', failures: 0, resting: null, asking: null }
      this.courses.set(origin, course)
    }
    return course
  }

  private go(origin: string): Promise<void> {
    const course = this.course(origin)
    if (course.resting !== null) return Promise.resolve()
    course.asking ??= this.follow(origin, course).finally(() => {
      course.asking = null
    })
    return course.asking
  }

  /** Asks until the newest checkpoint is cosigned or something fails. */
  private async follow(origin: string, course: Course): Promise<void> {
    for (;;) {
      const peer = this.components.peers.get(origin)
      const { newest } = this
      if (this.isClosed || peer === undefined || newest === null || course.answered === newest.size) return
      try {
        await this.ask(peer, course, newest)
        course.failures = 0
        course.problem = ''
      } catch (error) {
        this.failed(origin, course, error)
        return
      }
    }
  }

  private failed(origin: string, course: Course, error: unknown): void {
    if (this.isClosed) return
    if (!(error instanceof HedgerowError)) throw error
    if (!(error instanceof TransportError || error instanceof ProtocolError)) {
      this.components.onForked(error)
      return
    }
    const { clock, random } = this.components
    course.problem = error.message
    const restMs = Math.min(REST_MS_MAX, REST_MS * 2 ** course.failures)
    course.failures++
    const timer = clock.setTimeout(
      () => {
        course.resting = null
        if (!this.isClosed) void this.go(origin)
      },
      restMs * (1 - random.uniform() / 2),
    )
    // Forgotten meanwhile: its successor has a course of its own.
    if (this.courses.get(origin) === course) course.resting = timer
    else timer.cancel()
  }

  private async ask(peer: Peer, course: Course, checkpoint: Checkpoint): Promise<void> {
    const { http, reader } = this.components
    const url = `${peer.row.url}/witness/add-checkpoint`
    const { size, note } = checkpoint
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const oldSize = Math.min(course.known, size)
      const path = oldSize === 0 || oldSize === size ? [] : reader.consistency(oldSize, size)
      const reply = await http.post(url, formatAddCheckpoint({ oldSize, path, note }))
      if (reply.status === 200) return this.accept(peer, course, checkpoint, reply)
      const told = reply.status === 409 ? toldSize(reply, url) : null
      if (told !== null && told <= size && told !== oldSize) {
        course.known = told
        continue
      }
      // It has seen more than there is, or something else: what can it show?
      if (told !== null || reply.status === 422) {
        const seen = await askForEvidence(this.components, this.init, peer)
        course.known = seen?.size ?? 0
        throw badResponse(url, reply.status, 'it refuses a checkpoint that goes on from all that it can show')
      }
      throw reply.status === 404
        ? badResponse(url, 404, 'it does not watch this log; its operator has to add this region as a witness too')
        : badResponse(url, reply.status, `the status is ${reply.status}`)
    }
    throw badResponse(url, 409, 'it tells another size each time')
  }

  private accept({ row, witnessKey }: Peer, course: Course, { size, note }: Checkpoint, reply: PeerReply): void {
    const own = parseSignatureLines(reply.body).find(
      ({ name, keyId }) => name === witnessKey.name && equalBytes(keyId, witnessKey.keyId),
    )
    const line = own === undefined ? null : formatSignatureLine(own)
    const atS =
      line === null ? null : verifyCosignature(addSignatureLines(note, line), witnessKey, this.components.verifier)
    if (line === null || atS === null) throw badResponse(row.url, 200, 'its cosignature is not of its witness key')
    course.known = size
    course.answered = size
    course.cosigned = { size, atS }
    this.components.onCosigned(size, line)
  }
}

function toldSize({ mediaType, body }: PeerReply, url: string): number {
  if (mediaType !== TLOG_SIZE_TYPE || !body.endsWith('\n')) throw badResponse(url, 409, 'its answer is no size')
  return parseSize(body.slice(0, -1))
}
