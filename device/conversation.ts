/**
 * What device and region say to each other over one connection after another: join or hello, welcome, heartbeats, and news of
 * the device's standing. Leases, acks, cancels, plans and receipts are passed on.
 */
import {
  type Ack,
  type Cancel,
  type Clock,
  claimId,
  claimKey,
  claimProof,
  type DownlinkClass,
  encodeHello,
  encodeJoin,
  encodeStatus,
  equalBytes,
  frameAad,
  HedgerowError,
  type LeaseMessage,
  type Plan,
  ProtocolError,
  type Receipt,
  type Standing,
  sign1,
  type Timer,
  TransportError,
  type UplinkClass,
  type Verifier,
  type Welcome,
} from '../protocol/index.ts'
import { type Downlink, openDownlink } from './downlink-gate.ts'
import { Emitter } from './emitter.ts'
import type { Identity } from './identity.ts'
import type { LinkKeeper, LinkState } from './link/index.ts'
import type { Log } from './log.ts'
import type { Machine } from './machine.ts'
import type { Membership } from './membership.ts'
import { standingSentence } from './standing-sentence.ts'
import type { DeviceStore, Enrolment } from './store/index.ts'

/** How much work the device wants at this moment. */
export interface Appetite {
  readonly creditLeases: number
  readonly runningLeases: number
  /** Why it takes no work; empty while it does. */
  readonly reason: string
}

export interface ConversationComponents {
  readonly clock: Clock
  readonly identity: Identity
  readonly keeper: LinkKeeper
  readonly store: DeviceStore
  readonly verifier: Verifier
  readonly log: Log
  appetite(): Appetite
}

export interface ConversationInit {
  readonly membership: Membership
  /** What the device says of itself. */
  readonly machine: Machine
  readonly label: string
  readonly slots: number
}

export type ConversationEvents = {
  /** The region knows this device and has heard what it offers. */
  welcomed: null
  /** The connection is gone. */
  parted: null
  lease: LeaseMessage
  ack: Ack
  cancel: Cancel
  plan: Plan
  receipt: Receipt
  /** What the region's clock showed during the round trip that ended now. */
  time: { readonly regionMs: number; readonly roundTripMs: number }
  standing: { readonly standing: Standing; readonly reason: string }
  /** It makes no sense to go on. */
  failed: HedgerowError<{ code: string }>
}

const ANSWER_MS = 15_000
const NO_PIN = new Uint8Array(0)
const HEARTBEAT_MS_MIN = 1_000
const HEARTBEAT_MS_MAX = 600_000
/** Before another try at a region that has no place, or has revoked this device. */
const TURNED_AWAY_MS = 60_000
/** A stranger that is refused this often is at the wrong address, or holds the claim of another region. */
const STRANGER_REFUSALS_MAX = 4

export class Conversation {
  readonly events = new Emitter<ConversationEvents>()
  readonly #components: ConversationComponents
  readonly #init: ConversationInit
  #enrolment: Enrolment | null
  #session = 0
  #seq = 0
  #phase: 'away' | 'asking' | 'welcomed' = 'away'
  #heartbeatMs = HEARTBEAT_MS_MAX
  #unanswered = 0
  /** What waits for its welcome, and when it was sent; null when nothing does. */
  #asked: { readonly name: 'join' | 'hello'; readonly atMs: number } | null = null
  #timer: Timer | null = null

  constructor(components: ConversationComponents, init: ConversationInit) {
    this.#components = components
    this.#init = init
    this.#enrolment = init.membership.enrolment
    components.keeper.events.on('state', state => this.#linkBecame(state))
    components.keeper.events.on('downlink', ([name, frame]) => this.#receive(name, frame))
  }

  /** The CONNECT counter of the current connection, or of the last one. */
  get session(): number {
    return this.#session
  }

  get phase(): 'away' | 'asking' | 'welcomed' {
    return this.#phase
  }

  get enrolment(): Enrolment | null {
    return this.#enrolment
  }

  /** Tells the region how much work is wanted, now and from now on at each heartbeat. */
  announce(): void {
    if (this.#phase !== 'welcomed') return
    this.say('status', (session, seq) => encodeStatus({ session, seq, ...this.#components.appetite() }))
    this.#wait(this.#heartbeatMs, () => this.announce())
  }

  /** Says hello once more, which the region answers with its time: clocks drift apart while a connection lasts. */
  askTime(): void {
    if (this.#phase !== 'welcomed') return
    this.#hello()
    // A hello does not say why no work is wanted.
    this.announce()
  }

  /** Says something of this session, numbered in its turn; lost with the connection, and when there is none. */
  say(name: UplinkClass, payload: (session: number, seq: number) => Uint8Array): void {
    this.#seq += 1
    this.#send(name, payload(this.#session, this.#seq))
  }

  /** The signed frame of a payload, bound to this device and region. */
  sign(name: UplinkClass, payload: Uint8Array): Uint8Array {
    const { identity } = this.#components
    const { regionId } = this.#init.membership
    return sign1(payload, frameAad({ regionId, direction: 'up', device: identity.id, class: name }), identity.signer)
  }

  #send(name: UplinkClass, payload: Uint8Array): void {
    // What is lost with its connection is said again on the next.
    this.#components.keeper.publish(name, this.sign(name, payload)).catch(() => {})
  }

  #wait(delayMs: number, then: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#components.clock.setTimeout(then, delayMs)
  }

  #linkBecame(state: LinkState): void {
    if (state.kind === 'open') {
      this.#begin(state.session, state.address)
      return
    }
    this.#timer?.cancel()
    this.#timer = null
    if (this.#phase !== 'away') {
      this.#phase = 'away'
      this.events.emit('parted', null)
    }
    if (state.kind === 'waiting' && this.#enrolment === null) this.#countRefusals(state.error)
  }

  #countRefusals(error: HedgerowError<{ code: string }>): void {
    if (error.code !== 'refused' || this.#components.keeper.refusals < STRANGER_REFUSALS_MAX) return
    const { mqttUrl, region } = this.#init.membership
    const reason = 'the region refuses every connection'
    const message =
      `${error.message} Either the region at ${mqttUrl} is not the region '${region}' that made the claim, ` +
      'or it has revoked this device: ask its operator for a new claim.'
    this.events.emit(
      'failed',
      new TransportError({ code: 'refused', address: mqttUrl, reason }, message, { cause: error }),
    )
  }

  #begin(session: number, address: string): void {
    this.#session = session
    this.#seq = 0
    this.#asked = null
    this.#phase = 'asking'
    this.#wait(ANSWER_MS, () => {
      this.#unanswered += 1
      const message = `The region at ${address} does not answer within ${ANSWER_MS / 1000} s.`
      this.#components.keeper.giveUp(new TransportError({ code: 'timeout', address, timeoutMs: ANSWER_MS }, message))
    })
    // A region that lost its records does not hear a device that it does not know: a claim makes it listen.
    const forgotten = this.#unanswered >= 2 && this.#init.membership.claim !== null
    if (this.#enrolment === null || forgotten) this.#join()
    else this.#hello()
  }

  #hello(): void {
    const { machine, label, slots } = this.#init
    const { creditLeases } = this.#components.appetite()
    const about = { ...machine, label, slots, creditLeases }
    this.say('hello', (session, seq) => encodeHello({ session, seq, ...about }))
    this.#asked = { name: 'hello', atMs: this.#components.clock.monotonicMs() }
  }

  /** @see spec/clauses.md [JOIN-3.3] */
  #join(): void {
    const { membership, label } = this.#init
    if (membership.claim === null) return
    const { secret } = membership.claim
    const { thumbprint } = this.#components.identity
    const proof = claimProof(claimKey(secret), thumbprint, membership.regionThumbprint)
    this.#send('join', encodeJoin({ session: this.#session, claimId: claimId(secret), proof, label }))
    this.#asked = { name: 'join', atMs: this.#components.clock.monotonicMs() }
  }

  #receive(name: DownlinkClass, frame: Uint8Array): void {
    const { identity, verifier, log } = this.#components
    const { regionId, regionThumbprint } = this.#init.membership
    const trust = { device: identity.id, regionId, regionThumbprint, regionKey: this.#enrolment?.regionKey ?? null }
    let downlink: Downlink
    try {
      downlink = openDownlink(name, frame, trust, verifier)
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      log({ level: 'warn', event: 'frame_refused', class: name, code: thrown.code })
      if (thrown.code === 'bad_claim') this.events.emit('failed', thrown)
      return
    }
    try {
      this.#act(downlink)
    } catch (thrown) {
      // A card that can no longer be written or read: nothing that the region says can be done.
      if (!(thrown instanceof HedgerowError)) throw thrown
      this.events.emit('failed', thrown)
    }
  }

  #act(downlink: Downlink): void {
    const { name, message } = downlink
    // An ack names results by numbers that are never given twice, so one of an earlier session is still true.
    if (name === 'ack') this.events.emit('ack', message)
    else if (message.session !== this.#session) {
      this.#components.log({ level: 'debug', event: 'stale_frame', class: name, session: message.session })
    } else if (name === 'welcome') this.#welcome(message)
    else if (this.#phase === 'welcomed') this.#instruct(downlink)
  }

  #instruct({ name, message }: Downlink): void {
    if (name === 'lease') this.events.emit('lease', message)
    else if (name === 'cancel') this.events.emit('cancel', message)
    else if (name === 'notice') this.#stand(message.standing, message.text)
    else if (name === 'plan') this.events.emit('plan', message)
    else if (name === 'receipt') this.events.emit('receipt', message)
  }

  #welcome(welcome: Welcome): void {
    const { standing, reason } = welcome
    this.#unanswered = 0
    switch (standing) {
      case 'joined':
      case 'caught':
        this.#settle(welcome)
        break
      case 'not_enrolled':
        this.#forgotten(reason)
        break
      case 'claim_unknown':
      case 'claim_used':
      case 'claim_expired':
        this.#fail(standing, reason)
        break
      case 'revoked':
        this.#stand(standing, reason)
        break
      case 'region_full':
        this.#turnedAway(standing, reason)
        break
    }
  }

  /** The region has no record of this device: a claim can make it one again. */
  #forgotten(reason: string): void {
    if (this.#enrolment === null || this.#init.membership.claim === null) {
      this.#fail('not_enrolled', reason)
      return
    }
    this.#enrolment = null
    this.#join()
  }

  #settle(welcome: Welcome): void {
    const isAnswerToJoin = this.#asked?.name === 'join'
    this.#heartbeatMs = Math.min(HEARTBEAT_MS_MAX, Math.max(HEARTBEAT_MS_MIN, welcome.heartbeatMs))
    this.#keep(welcome)
    if (isAnswerToJoin) {
      this.#hello()
      return
    }
    const before = this.#phase
    this.#phase = 'welcomed'
    this.#tellTime(welcome)
    this.#wait(this.#heartbeatMs, () => this.announce())
    if (before !== 'welcomed') this.events.emit('welcomed', null)
  }

  /** A welcome that answers nothing says nothing about when it was made. */
  #tellTime({ coordinatorWallMs }: Welcome): void {
    if (this.#asked === null) return
    const roundTripMs = this.#components.clock.monotonicMs() - this.#asked.atMs
    this.#asked = null
    this.events.emit('time', { regionMs: coordinatorWallMs, roundTripMs })
  }

  /** Stores what the welcome says, when it says something new: an idle device writes as little as it can. */
  #keep(welcome: Welcome): void {
    const { mqttUrl, region, caKeySha256 } = this.#init.membership
    const { regionKey, blobUrl, standing, reason } = welcome
    const before = this.#enrolment
    const same = before?.mqttUrl === mqttUrl && before.region === region && before.blobUrl === blobUrl
    const samePin = equalBytes(before?.caKeySha256 ?? NO_PIN, caKeySha256 ?? NO_PIN)
    if (same && samePin && before.standing === standing && before.standingReason === reason) return
    this.#save({
      mqttUrl,
      region,
      regionKey: regionKey.slice(),
      blobUrl,
      caKeySha256,
      standing,
      standingReason: reason,
    })
  }

  #save(enrolment: Enrolment): void {
    const before = this.#enrolment
    this.#store(enrolment)
    this.#enrolment = enrolment
    const { standing, standingReason: reason } = enrolment
    if (before?.standing !== standing) this.events.emit('standing', { standing, reason })
  }

  /** On a full disk the device goes on with what it has in memory; the region will say it again after a restart. */
  #store(enrolment: Enrolment): void {
    const { store, log } = this.#components
    try {
      store.saveEnrolment(enrolment)
    } catch (thrown) {
      if (!(thrown instanceof HedgerowError) || thrown.code !== 'no_space') throw thrown
      log({ level: 'warn', event: 'enrolment_not_saved', reason: thrown.message })
    }
  }

  #stand(standing: Standing, text: string): void {
    const before = this.#enrolment
    if (before !== null) this.#save({ ...before, standing, standingReason: text })
    if (standing === 'revoked') this.#turnedAway(standing, text)
  }

  #turnedAway(standing: Standing, reason: string): void {
    const address = this.#init.membership.mqttUrl
    const info = { code: 'refused', address, reason: standing } as const
    this.#components.keeper.giveUp(new TransportError(info, standingSentence(standing, reason)), TURNED_AWAY_MS)
  }

  #fail(standing: Standing, reason: string): void {
    this.events.emit(
      'failed',
      new ProtocolError({ code: 'bad_claim', reason: standing }, standingSentence(standing, reason)),
    )
  }
}
