/** A region as a device sees it, without a coordinator: its key, its claims, and what it says. Checks whatever a device sends. */
import {
  type Cancel,
  type ClaimCode,
  claimId,
  claimKey,
  claimProof,
  type DeviceId,
  type DownlinkClass,
  decodeConnect,
  decodeHello,
  decodeJoin,
  decodeResult,
  decodeStatus,
  deviceIdOf,
  encodeAck,
  encodeCancel,
  encodeClaimCode,
  encodeLease,
  encodeNotice,
  encodeReceipt,
  encodeWelcome,
  equalBytes,
  frameAad,
  type Grant,
  type Hello,
  type Join,
  keyThumbprint,
  type LeaseMessage,
  type LeaseResult,
  openSign1,
  peekSign1,
  type RegionName,
  type ResultMessage,
  regionIdOf,
  regionName,
  type Signer,
  type Standing,
  type Status,
  seededRandom,
  sign1,
  type UplinkClass,
} from '../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../protocol/node/index.ts'
import { leases } from './leases.ts'

/** Everything a device has said, by class, as it was opened. */
export interface Heard {
  readonly joins: Join[]
  readonly hellos: Hello[]
  readonly statuses: Status[]
  readonly results: ResultMessage[]
}

export interface RegionInit {
  /** Seed of the region's key. */
  readonly seed?: string
  readonly address?: string
  readonly blobUrl?: string
  /** Standing in every welcome. */
  standing?: Standing
}

export class ScriptedRegion {
  readonly name: RegionName = regionName('north')
  readonly heard: Heard = { joins: [], hellos: [], statuses: [], results: [] }
  readonly claim: ClaimCode
  standing: Standing
  reason = ''
  /** False: it keeps quiet, as a region that is gone. */
  answers = true
  /** False: results are received and not acknowledged. */
  acks = true
  /** The counter that every device has used already, as the region believes. */
  counterBefore = 0
  readonly blobUrl: string
  readonly #signer
  readonly #verifier = nodeVerifier()
  readonly #devices = new Map<DeviceId, { publicKey: Uint8Array; session: number }>()
  /** Carries a signed frame to a device. */
  send: (device: DeviceId, name: DownlinkClass, frame: Uint8Array) => void = () => {}

  constructor(init: RegionInit = {}) {
    this.#signer = nodeSigner(seededRandom(init.seed ?? 'region').bytes(32))
    this.standing = init.standing ?? 'joined'
    this.blobUrl = init.blobUrl ?? 'http://region.example:8080'
    this.claim = {
      mqttUrl: init.address ?? 'mqtt://region.example:1883',
      region: this.name,
      regionKeyThumbprint: keyThumbprint(this.#signer.publicKey),
      secret: seededRandom('claim').bytes(16),
    }
  }

  get claimCode(): string {
    return encodeClaimCode(this.claim)
  }

  get signer(): Signer {
    return this.#signer
  }

  get publicKey(): Uint8Array {
    return this.#signer.publicKey
  }

  /** The outcome of every lease heard of, newest last. */
  get leaseResults(): LeaseResult[] {
    return this.heard.results.flatMap(({ results }) => results)
  }

  /**
   * Takes a CONNECT password.
   * @throws when it is not good; the device is noted all the same, for regions that let everybody in
   */
  connect(frame: Uint8Array): void {
    const { counter, publicKey } = decodeConnect(peekSign1(frame).payload)
    const device = deviceIdOf(publicKey)
    const before = this.#devices.get(device)?.session ?? this.counterBefore
    this.#devices.set(device, { publicKey, session: Math.max(before, counter) })
    openSign1(frame, this.#aad(device, 'up', 'connect'), publicKey, this.#verifier)
    if (counter <= before) throw new Error(`counter ${counter} after ${before}`)
  }

  /** Takes an uplink frame of a connected device, and answers as a region does. */
  receive(device: DeviceId, name: UplinkClass, frame: Uint8Array): void {
    const { publicKey, session } = this.#known(device)
    const payload = openSign1(frame, this.#aad(device, 'up', name), publicKey, this.#verifier).slice()
    switch (name) {
      case 'join':
        this.#join(device, decodeJoin(payload), publicKey)
        break
      case 'hello':
        this.heard.hellos.push(decodeHello(payload))
        this.#welcome(device, session)
        break
      case 'status':
        this.heard.statuses.push(decodeStatus(payload))
        break
      case 'result':
        this.heard.results.push(decodeResult(payload))
        if (this.acks) this.ack(device, decodeResult(payload).seq)
        break
    }
  }

  lease(device: DeviceId, ...grants: Grant[]): void {
    this.leaseMessage(device, leases(this.#known(device).session, ...grants))
  }

  leaseMessage(device: DeviceId, message: LeaseMessage): void {
    this.#say(device, 'lease', encodeLease(message))
  }

  ack(device: DeviceId, ...seqs: number[]): void {
    this.#say(device, 'ack', encodeAck({ session: this.#known(device).session, seqs }))
  }

  cancel(device: DeviceId, ...leaseIds: Cancel['leaseIds']): void {
    this.#say(device, 'cancel', encodeCancel({ session: this.#known(device).session, leaseIds }))
  }

  notice(device: DeviceId, standing: Standing, text: string): void {
    this.#say(device, 'notice', encodeNotice({ session: this.#known(device).session, standing, text }))
  }

  receipt(device: DeviceId, { entry, proof }: { readonly entry: Uint8Array; readonly proof: Uint8Array }): void {
    this.#say(device, 'receipt', encodeReceipt({ session: this.#known(device).session, entry, proof }))
  }

  /** A welcome in the other region's name, with this region's key. */
  forgedWelcome(other: ScriptedRegion, device: DeviceId): Uint8Array {
    const { standing, blobUrl, reason } = this
    const about = {
      session: other.session(device),
      coordinatorWallMs: 0,
      heartbeatMs: 15_000,
      standing,
      blobUrl,
      reason,
    }
    const payload = encodeWelcome({ ...about, regionKey: this.#signer.publicKey })
    return sign1(payload, other.#aad(device, 'dn', 'welcome'), this.#signer)
  }

  /** Everybody who has connected. */
  devices(): DeviceId[] {
    return [...this.#devices.keys()]
  }

  /** Notes a session of a device that another region let in. */
  noteSession(device: DeviceId, session: number): void {
    this.#devices.set(device, { publicKey: new Uint8Array(32), session })
  }

  session(device: DeviceId): number {
    return this.#known(device).session
  }

  #known(device: DeviceId) {
    const known = this.#devices.get(device)
    if (known === undefined) throw new Error(`${device} has not connected`)
    return known
  }

  #join(device: DeviceId, join: Join, publicKey: Uint8Array): void {
    this.heard.joins.push(join)
    const { secret, regionKeyThumbprint } = this.claim
    const proof = claimProof(claimKey(secret), keyThumbprint(publicKey), regionKeyThumbprint)
    const good = equalBytes(join.claimId, claimId(secret)) && equalBytes(join.proof, proof)
    if (!good) this.standing = 'claim_unknown'
    this.#welcome(device, join.session)
  }

  #welcome(device: DeviceId, session: number): void {
    const { standing, blobUrl, reason } = this
    const welcome = { session, coordinatorWallMs: 0, regionKey: this.#signer.publicKey, standing, blobUrl, reason }
    this.#say(device, 'welcome', encodeWelcome({ ...welcome, heartbeatMs: 15_000 }))
  }

  #say(device: DeviceId, name: DownlinkClass, payload: Uint8Array): void {
    if (this.answers) this.send(device, name, sign1(payload, this.#aad(device, 'dn', name), this.#signer))
  }

  #aad(device: DeviceId, direction: 'up' | 'dn', name: UplinkClass | DownlinkClass | 'connect'): Uint8Array {
    return frameAad({ regionId: regionIdOf(this.#signer.publicKey), direction, device, class: name })
  }
}
