/** A device that speaks the whole protocol over real TCP and does no work: it knows the answers. */
import {
  type ClaimCode,
  claimId,
  claimKey,
  claimProof,
  type DeviceId,
  decodeAck,
  decodeLease,
  deviceIdOf,
  deviceTopic,
  downlinkFilter,
  encodeConnect,
  encodeHello,
  encodeJoin,
  encodeResult,
  encodeStatus,
  type FrameClass,
  frameAad,
  keyThumbprint,
  type LeaseResult,
  METERING_VERSION,
  peekSign1,
  type RegionId,
  regionId,
  type Signer,
  sign1,
  toBase32,
  type UplinkClass,
} from '../../protocol/index.ts'
import { MqttConnection, type Route } from './mqtt-connection.ts'
import { noopOutputs } from './noop-outputs.ts'
import type { Message } from './packet-reader.ts'

/** Enough to hide the way to the coordinator and back. */
const CREDIT_LEASES = 2

/** What all devices of a process have done together. */
export interface LoadCounts {
  /** Leases received, and answered at once. */
  leases: number
  /** Leases whose results the coordinator has acknowledged. */
  acked: number
  /** Connections that ended without having been asked to. */
  lost: number
}

export class LoadDevice {
  readonly id: DeviceId
  private readonly signer: Signer
  private readonly claim: ClaimCode
  private readonly regionId: RegionId
  private readonly route: Route
  private readonly counts: LoadCounts
  private connection: MqttConnection | null = null
  private onWelcome: (() => void) | null = null
  private session = 0
  private seq = 0
  private resultSeq = 0
  /** Leases in each result frame that is not acknowledged yet. */
  private readonly unacked = new Map<number, number>()

  constructor(init: { signer: Signer; claim: ClaimCode; route: Route; counts: LoadCounts }) {
    this.signer = init.signer
    this.claim = init.claim
    this.route = init.route
    this.counts = init.counts
    this.id = deviceIdOf(this.signer.publicKey)
    this.regionId = regionId(toBase32(this.claim.regionKeyThumbprint.subarray(0, 16)))
  }

  get isConnected(): boolean {
    return this.connection !== null
  }

  /** Connects, joins and says hello. */
  async enter(): Promise<void> {
    await this.connect()
    await this.join()
    await this.hello()
  }

  /** Comes back after its connection was lost. */
  async comeBack(): Promise<void> {
    await this.connect()
    await this.hello()
  }

  /** A heartbeat; resolves when the broker has taken it, which it does after the coordinator has. */
  async status(): Promise<void> {
    const status = { session: this.session, seq: ++this.seq, creditLeases: CREDIT_LEASES, runningLeases: 0, reason: '' }
    await this.publish('status', encodeStatus(status))
  }

  ping(): void {
    this.connection?.ping()
  }

  close(): void {
    this.connection?.close()
    this.connection = null
  }

  private async connect(): Promise<void> {
    const counter = ++this.session
    this.seq = 0
    const password = this.frame('connect', encodeConnect({ counter, publicKey: this.signer.publicKey }))
    const login = { clientId: this.id, username: 'device', password }
    this.connection = await MqttConnection.open(this.route, login, {
      onMessage: message => this.receive(message),
      onClose: () => {
        if (this.connection === null) return
        this.connection = null
        this.counts.lost++
      },
    })
    await this.connection.subscribe(downlinkFilter(this.claim.region, this.id))
  }

  private async join(): Promise<void> {
    const { secret, regionKeyThumbprint } = this.claim
    const proof = claimProof(claimKey(secret), keyThumbprint(this.signer.publicKey), regionKeyThumbprint)
    await this.welcomed('join', encodeJoin({ session: this.session, claimId: claimId(secret), proof, label: 'load' }))
  }

  private async hello(): Promise<void> {
    const about = { label: 'load', software: 'load', arch: 'x64', cores: 1, memoryMiB: 1_024, slots: 1 }
    const work = { creditLeases: CREDIT_LEASES, abis: ['wasi', 'reactor'], metering: [METERING_VERSION] } as const
    await this.welcomed('hello', encodeHello({ session: this.session, seq: ++this.seq, ...about, ...work }))
  }

  private async welcomed(name: UplinkClass, payload: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.onWelcome = resolve
    this.publish(name, payload).catch(reject)
    await promise
  }

  private async publish(name: UplinkClass, payload: Uint8Array): Promise<void> {
    const topic = deviceTopic({ region: this.claim.region, device: this.id, direction: 'up', class: name })
    await this.connection?.publish(topic, this.frame(name, payload))
  }

  /** Signatures of the region are not checked: that costs a device time, and the coordinator nothing. */
  private receive({ topic, payload }: Message): void {
    const name = topic.slice(topic.lastIndexOf('/') + 1)
    if (name === 'welcome') {
      this.onWelcome?.()
      this.onWelcome = null
    } else if (name === 'lease') this.answer(peekSign1(payload).payload)
    else if (name === 'ack') for (const seq of decodeAck(peekSign1(payload).payload).seqs) this.acknowledge(seq)
  }

  private acknowledge(seq: number): void {
    this.counts.acked += this.unacked.get(seq) ?? 0
    this.unacked.delete(seq)
  }

  private answer(lease: Uint8Array): void {
    const { tasks, grants } = decodeLease(lease)
    const results = grants.flatMap((grant): LeaseResult[] => {
      const task = tasks[grant.task]
      if (task === undefined) return []
      const answer = { ...noopOutputs(grant, task), elapsedMs: 1, detail: '', metering: METERING_VERSION }
      return [{ leaseId: grant.leaseId, outcome: 'done', ...answer }]
    })
    this.counts.leases += results.length
    const message = { session: this.session, seq: ++this.resultSeq, results }
    this.unacked.set(message.seq, results.length)
    // What is lost with the connection is leased to somebody else.
    this.publish('result', encodeResult(message)).catch(() => undefined)
  }

  private frame(name: FrameClass, payload: Uint8Array): Uint8Array {
    const aad = frameAad({ regionId: this.regionId, direction: 'up', device: this.id, class: name })
    return sign1(payload, aad, this.signer)
  }
}
