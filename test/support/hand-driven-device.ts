/** A device driven by the test, frame by frame, over real MQTT: does what honest software never would. */
import { createHash } from 'node:crypto'
import mqtt, { type MqttClient } from 'mqtt'
import {
  claimId,
  claimKey,
  claimProof,
  type DeviceId,
  type DownlinkClass,
  decodeAck,
  decodeCancel,
  decodeClaimCode,
  decodeLease,
  decodeNotice,
  decodeWelcome,
  deviceIdOf,
  deviceTopic,
  downlinkFilter,
  encodeConnect,
  encodeHello,
  encodeJoin,
  encodeOutputs,
  encodeResult,
  encodeStatus,
  type FrameClass,
  frameAad,
  type Grant,
  type Hello,
  keyThumbprint,
  type LeaseResult,
  type LeaseTask,
  METERING_VERSION,
  openSign1,
  parseTopic,
  peekSign1,
  type RegionId,
  type RegionName,
  regionId,
  type Signer,
  seededRandom,
  sign1,
  toBase32,
  type UnitOutcome,
  type UplinkClass,
  type Welcome,
} from '../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../protocol/node/index.ts'
import { eventually } from './eventually.ts'

export interface HeldGrant extends Grant {
  readonly about: LeaseTask
}

export class HandDrivenDevice {
  readonly id: DeviceId
  readonly signer: Signer
  readonly regionId: RegionId
  readonly region: RegionName
  readonly welcomes: Welcome[] = []
  readonly grants: HeldGrant[] = []
  readonly acked: number[] = []
  readonly cancelled: number[] = []
  readonly notices: string[] = []
  /** Result frames as they were sent. */
  readonly sent: Uint8Array[] = []
  client: MqttClient | null = null
  session = 0
  creditLeases = 4
  slots = 1
  /** Versions of the metering rules that it claims to work by. */
  metering: readonly number[] = [METERING_VERSION]
  readonly #claim: ReturnType<typeof decodeClaimCode>
  readonly #verifier = nodeVerifier()
  #seq = 0

  /** @param name - seeds the key, so the same name is the same device */
  constructor(name: string, claim: string) {
    this.signer = nodeSigner(seededRandom(name).bytes(32))
    this.id = deviceIdOf(this.signer.publicKey)
    this.#claim = decodeClaimCode(claim)
    this.region = this.#claim.region
    this.regionId = regionId(toBase32(this.#claim.regionKeyThumbprint.subarray(0, 16)))
  }

  /** The signed frame of a payload on one of this device's topics. */
  frame(name: FrameClass, payload: Uint8Array, signer = this.signer): Uint8Array {
    return sign1(payload, frameAad({ regionId: this.regionId, direction: 'up', device: this.id, class: name }), signer)
  }

  password(counter: number): Uint8Array {
    return this.frame('connect', encodeConnect({ counter, publicKey: this.signer.publicKey }))
  }

  /** Connects with a counter and subscribes. Rejects with the broker's answer. */
  async connect(counter: number, password = this.password(counter)): Promise<void> {
    const client = await mqtt.connectAsync(this.#claim.mqttUrl, {
      clientId: this.id,
      username: 'device',
      password: Buffer.from(password),
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    this.client = client
    this.session = counter
    client.on('error', () => undefined)
    client.on('message', (topic, payload) => this.#receive(topic, new Uint8Array(payload)))
    await client.subscribeAsync(downlinkFilter(this.region, this.id), { qos: 1 })
  }

  async publish(name: UplinkClass, frame: Uint8Array): Promise<void> {
    const topic = deviceTopic({ region: this.region, device: this.id, direction: 'up', class: name })
    await this.client?.publishAsync(topic, Buffer.from(frame), { qos: 1 })
  }

  /** Joins with its claim and waits for the welcome. */
  async join(): Promise<Welcome> {
    const { secret, regionKeyThumbprint } = this.#claim
    const proof = claimProof(claimKey(secret), keyThumbprint(this.signer.publicKey), regionKeyThumbprint)
    const join = { session: this.session, claimId: claimId(secret), proof, label: 'by hand' }
    return this.#ask('join', encodeJoin(join))
  }

  async hello(): Promise<Welcome> {
    const { session, creditLeases, metering, slots } = this
    const about = { label: 'by hand', software: 'test', arch: 'x64', cores: 1, memoryMiB: 1_024, slots }
    const hello: Hello = { session, seq: ++this.#seq, creditLeases, abis: ['wasi', 'reactor'], ...about, metering }
    return this.#ask('hello', encodeHello(hello))
  }

  /** Connects, joins and says hello: ready for work. */
  async enter(counter = 1): Promise<void> {
    await this.connect(counter)
    await this.join()
    await this.hello()
  }

  async status(creditLeases: number): Promise<void> {
    const status = { session: this.session, seq: ++this.#seq, creditLeases, runningLeases: 0, reason: '' }
    await this.publish('status', this.frame('status', encodeStatus(status)))
  }

  /** The oldest lease that it holds and has not been handed out by this method before. */
  async lease(): Promise<HeldGrant> {
    await eventually('a lease', () => this.grants.length > 0)
    return this.grants.shift() as HeldGrant
  }

  /** Sends results in one frame; the frame is kept in {@link sent}. */
  async results(seq: number, ...results: LeaseResult[]): Promise<void> {
    const frame = this.frame('result', encodeResult({ session: this.session, seq, results }))
    this.sent.push(frame)
    await this.publish('result', frame)
  }

  /** Waits until the region has acknowledged a result frame so often. */
  async ackOf(seq: number, times = 1): Promise<void> {
    await eventually(`ack ${times} of ${seq}`, () => this.acked.filter(other => other === seq).length >= times)
  }

  async #ask(name: 'join' | 'hello', payload: Uint8Array): Promise<Welcome> {
    const before = this.welcomes.length
    await this.publish(name, this.frame(name, payload))
    return eventually('a welcome', () => this.welcomes[before])
  }

  #receive(topic: string, frame: Uint8Array): void {
    const parsed = parseTopic(topic)
    if (parsed?.kind !== 'device' || parsed.direction !== 'dn') return
    const payload = this.#open(parsed.class, frame)
    if (parsed.class === 'welcome') this.welcomes.push(decodeWelcome(payload))
    else if (parsed.class === 'ack') this.acked.push(...decodeAck(payload).seqs)
    else if (parsed.class === 'cancel') this.cancelled.push(...decodeCancel(payload).leaseIds)
    else if (parsed.class === 'notice') this.notices.push(decodeNotice(payload).standing)
    else if (parsed.class === 'lease') {
      const { tasks, grants } = decodeLease(payload)
      this.grants.push(...grants.map(grant => ({ ...grant, about: tasks[grant.task] as LeaseTask })))
    }
  }

  #open(name: DownlinkClass, frame: Uint8Array): Uint8Array {
    const key = this.welcomes[0]?.regionKey ?? decodeWelcome(peekSign1(frame).payload).regionKey
    const aad = frameAad({ regionId: this.regionId, direction: 'dn', device: this.id, class: name })
    return openSign1(frame, aad, key, this.#verifier)
  }
}

/** A result that is done, with these outcomes. */
export function doneResult(leaseId: number, outcomes: readonly UnitOutcome[]): LeaseResult {
  const outputs = encodeOutputs([...outcomes])
  const digest = new Uint8Array(createHash('sha256').update(outputs).digest())
  return { leaseId, outcome: 'done', digest, outputs, elapsedMs: 1, detail: '', metering: METERING_VERSION }
}
