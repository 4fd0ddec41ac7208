/**
 * Who belongs to the region and who is there now: claims, enrolment, connections, standing and credibility.
 * A pure department: `(state, input, now)` in, rows and effects out.
 */
import {
  type Abi,
  claimProof,
  type DeviceId,
  type Hello,
  keyThumbprint,
  type OwnerName,
  type Sha256Hex,
  type Standing,
  type Status,
  toHex,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { ClaimRow, DeviceRow, DeviceStanding } from '../store/rows.ts'
import { credibilityOf } from '../verification/credibility.ts'
import { Census } from './census.ts'

/** What a device said of itself in this connection; gone with it. */
export interface Presence {
  session: number
  slots: number
  creditLeases: number
  memoryMiB: number
  abis: readonly Abi[]
  /** Versions of the metering rules that it can work by. */
  metering: readonly number[]
  software: string
  arch: string
  cores: number
  /** Why it takes no work, in its own words; empty when it works. */
  reason: string
  lastSeenMs: number
}

export interface Member {
  readonly row: DeviceRow
  /** Null while disconnected. */
  presence: Presence | null
  /** Monotonic time of the disconnect whose leases have not been given up yet. */
  goneSinceMs: number | null
  /** How often leases came to nothing since the last one that did not, and the monotonic time until which it gets no other. */
  lossesInARow: number
  restsUntilMs: number
  /** Share of the time that it takes work, of late: 0.05..1. What it is given takes it so much longer. */
  availability: number
  /** Where it connects from, as the broker tells networks apart; empty while unknown. */
  network: string
  /** Its newest lease and the task of that; 0 and null before the first. */
  lastLeaseId: number
  lastModule: Sha256Hex | null
}

export interface FleetSettings {
  saboteurShare: number
  devicesMax: number
  regionThumbprint: Uint8Array
}

export interface JoinInput {
  device: DeviceId
  publicKey: Uint8Array
  session: number
  claimId: Uint8Array
  proof: Uint8Array
  label: string
}

const REST_MS = 50
const REST_MS_MAX = 10_000
/** Weight of the newest heartbeat in a device's availability. */
const HEARTBEAT_WEIGHT = 0.05
const AVAILABILITY_MIN = 0.05
/** Among more saboteurs than this nobody's agreement would prove anything. */
const SABOTEUR_SHARE_MAX = 0.45
const STRANGERS_MAX = 1_000

export class Fleet {
  private readonly members = new Map<DeviceId, Member>()
  private readonly claims = new Map<string, ClaimRow>()
  private readonly dirty = new Set<DeviceRow>()
  private readonly settings: FleetSettings
  private readonly wake: (device: DeviceId) => void
  private readonly census = new Census()
  /** Where strangers connect from, until they are enrolled; the newest. */
  private readonly strangers = new Map<DeviceId, string>()
  /** Owners of whom a unit was ever accepted. */
  private readonly recorded = new Set<OwnerName>()

  /** @param wake - told of each device that may have room for work now, or has none any more */
  constructor(
    devices: Iterable<DeviceRow>,
    claims: Iterable<ClaimRow>,
    settings: FleetSettings,
    wake: (device: DeviceId) => void = () => {},
  ) {
    this.wake = wake
    for (const row of devices) {
      this.members.set(row.id, memberOf(row))
      this.census.add(row)
      if (row.unitsAccepted > 0) this.recorded.add(row.owner)
    }
    for (const row of claims) this.claims.set(row.id, row)
    this.settings = settings
  }

  member(device: DeviceId): Member | undefined {
    return this.members.get(device)
  }

  all(): IterableIterator<Member> {
    return this.members.values()
  }

  get size(): number {
    return this.members.size
  }

  /** Whether a unit of one of the owner's devices was ever accepted. */
  hasRecord(owner: OwnerName): boolean {
    return this.recorded.has(owner)
  }

  /** Probability that its next result is right, by Sarmenta's bound. */
  credibility(member: Member): number {
    return credibilityOf(member.row.checksPassed, this.saboteurShare)
  }

  /** Share of the devices that have worked here which were caught, with some benefit of the doubt while they are few; below 1. */
  get caughtShare(): number {
    return this.census.caughtShare
  }

  /** Devices that were caught and are not reinstated. */
  get caught(): ReadonlySet<DeviceId> {
    return this.census.caught
  }

  /**
   * Share of saboteurs that credibility reckons with: what the operator assumes, or more when more were caught.
   * @see spec/clauses.md [VERIFY-5.2]
   */
  get saboteurShare(): number {
    return Math.min(SABOTEUR_SHARE_MAX, Math.max(this.settings.saboteurShare, this.caughtShare))
  }

  addClaim(row: ClaimRow, batch: Batch): void {
    this.claims.set(row.id, row)
    batch.write({ table: 'claim', row })
  }

  /**
   * Enrols a device that proves it knows a claim's secret. Joining again with the same key and claim answers `joined`, since
   * the answer to the first try may have been lost.
   */
  join(input: JoinInput, nowMs: number, batch: Batch): Standing {
    const known = this.members.get(input.device)
    const claim = this.claims.get(toHex(input.claimId))
    const standing = known ? known.row.standing : this.checkClaim(input, claim, nowMs)
    if (!known && standing === 'joined' && claim) this.enrol(input, claim, nowMs, batch)
    batch.emit({ kind: 'welcome', device: input.device, standing, reason: known?.row.standingReason ?? '' })
    return standing
  }

  /**
   * A CONNECT was accepted: its counter is burned, whatever happens next.
   * @param network - as `networkOf` gives it; empty when nobody knows
   */
  connected(device: DeviceId, counter: number, network = ''): void {
    const member = this.members.get(device)
    if (!member) {
      this.noteStranger(device, network)
      return
    }
    member.network = network
    member.row.counter = counter
    this.dirty.add(member.row)
  }

  hello(device: DeviceId, hello: Hello, nowMs: number, batch: Batch): void {
    const member = this.members.get(device)
    if (!member) return
    const { session, slots, creditLeases, memoryMiB, abis, metering, software, arch, cores } = hello
    member.presence = {
      session,
      slots,
      creditLeases,
      memoryMiB,
      abis,
      metering,
      software,
      arch,
      cores,
      reason: '',
      lastSeenMs: nowMs,
    }
    member.goneSinceMs = null
    this.wake(device)
    if (hello.label !== '' && hello.label !== member.row.label) {
      member.row.label = hello.label
      this.dirty.add(member.row)
    }
    const { standing } = member.row
    batch.emit({ kind: 'welcome', device, standing, reason: member.row.standingReason })
  }

  status(device: DeviceId, status: Status, nowMs: number): void {
    const member = this.members.get(device)
    const presence = member?.presence
    if (!member || !presence) return
    noteAvailability(member, status.creditLeases > 0)
    this.wake(device)
    presence.creditLeases = status.creditLeases
    presence.reason = status.reason
    presence.lastSeenMs = nowMs
  }

  disconnected(device: DeviceId, monotonicMs: number): void {
    const member = this.members.get(device)
    if (!member?.presence) return
    member.presence = null
    member.goneSinceMs = monotonicMs
    this.wake(device)
    noteAvailability(member, false)
  }

  /** The work was checked against another owner's and was right. */
  passedCheck(member: Member): void {
    member.row.checksPassed++
    this.dirty.add(member.row)
  }

  countUnits(member: Member, accepted: number, rejected: number): void {
    this.census.change(member.row, () => {
      member.row.unitsAccepted += accepted
      member.row.unitsRejected += rejected
    })
    if (accepted > 0) this.recorded.add(member.row.owner)
    this.dirty.add(member.row)
  }

  /**
   * A lease came to nothing: the device rests, longer each time, so that its work goes to others first. What it loses while
   * it rests counts as the same failure.
   */
  countLostLease(device: DeviceId, monotonicMs: number): void {
    const member = this.members.get(device)
    if (!member) return
    member.row.leasesExpired++
    if (member.restsUntilMs <= monotonicMs) member.lossesInARow++
    member.restsUntilMs = monotonicMs + Math.min(REST_MS_MAX, REST_MS * 2 ** member.lossesInARow)
    this.dirty.add(member.row)
  }

  /** A lease came back with a result. */
  countAnswer(device: DeviceId): void {
    const member = this.members.get(device)
    if (!member) return
    member.lossesInARow = 0
    member.restsUntilMs = 0
  }

  /** Marks a row as changed by another department's bookkeeping, such as its holdback. */
  touch(member: Member): void {
    this.dirty.add(member.row)
  }

  /** Burns the number of a signed statement. False when it, or a larger one, was used before. */
  takeStatementSeq(member: Member, seq: number): boolean {
    if (seq <= member.row.statementSeq) return false
    member.row.statementSeq = seq
    this.dirty.add(member.row)
    return true
  }

  /** Takes a device's standing away and tells it why. Its streak of passed checks is gone. */
  demote(member: Member, standing: 'caught' | 'revoked', reason: string, nowMs: number, batch: Batch): void {
    member.row.checksPassed = 0
    this.stand(member, standing, reason, nowMs, batch)
    batch.emit({ kind: 'notice', device: member.row.id, standing, text: reason })
    if (standing === 'revoked') batch.emit({ kind: 'kick', device: member.row.id, reason: 'revoked' })
  }

  /** Lets a device finish what it holds and gives it no more, until it is called with null. */
  drain(member: Member, reason: string | null): void {
    member.row.drainReason = reason
    this.dirty.add(member.row)
    this.wake(member.row.id)
  }

  reinstate(member: Member, nowMs: number, batch: Batch): void {
    this.stand(member, 'joined', '', nowMs, batch)
    batch.emit({ kind: 'notice', device: member.row.id, standing: 'joined', text: '' })
  }

  flush(batch: Batch): void {
    for (const row of this.dirty) batch.write({ table: 'device', row: { ...row } })
    this.dirty.clear()
  }

  private stand(member: Member, standing: DeviceStanding, reason: string, nowMs: number, batch: Batch): void {
    this.census.change(member.row, () => {
      member.row.standing = standing
    })
    member.row.standingReason = reason
    this.wake(member.row.id)
    this.dirty.add(member.row)
    batch.record({ type: 'standing', atMs: Math.round(nowMs), device: member.row.id, standing, reason })
  }

  private checkClaim(input: JoinInput, claim: ClaimRow | undefined, nowMs: number): Standing {
    if (!claim) return 'claim_unknown'
    const expected = claimProof(claim.key, keyThumbprint(input.publicKey), this.settings.regionThumbprint)
    // Without the secret nobody learns whether the claim is used or expired.
    if (!equalConstantTime(expected, input.proof)) return 'claim_unknown'
    if (claim.usedBy) return 'claim_used'
    if (nowMs > claim.expiresAtMs) return 'claim_expired'
    if (this.members.size >= this.settings.devicesMax) return 'region_full'
    return 'joined'
  }

  private noteStranger(device: DeviceId, network: string): void {
    const [oldest] = this.strangers.size < STRANGERS_MAX ? [] : this.strangers.keys()
    if (oldest !== undefined) this.strangers.delete(oldest)
    this.strangers.set(device, network)
  }

  private enrol(input: JoinInput, claim: ClaimRow, nowMs: number, batch: Batch): void {
    claim.usedBy = input.device
    batch.write({ table: 'claim', row: { ...claim } })
    const row = newDevice(input, claim.owner, nowMs)
    const member = memberOf(row)
    member.network = this.strangers.get(row.id) ?? ''
    this.strangers.delete(row.id)
    this.members.set(row.id, member)
    this.dirty.add(row)
    const { id: device, publicKey, owner } = row
    batch.record({ type: 'device', atMs: Math.round(nowMs), device, publicKey, owner })
  }
}

const memberOf = (row: DeviceRow): Member => ({
  row,
  presence: null,
  goneSinceMs: null,
  lossesInARow: 0,
  restsUntilMs: 0,
  availability: 1,
  network: '',
  lastLeaseId: 0,
  lastModule: null,
})

function noteAvailability(member: Member, isWorking: boolean): void {
  const newest = isWorking ? 1 : 0
  member.availability = Math.max(
    AVAILABILITY_MIN,
    member.availability + HEARTBEAT_WEIGHT * (newest - member.availability),
  )
}

function newDevice(input: JoinInput, owner: OwnerName, nowMs: number): DeviceRow {
  return {
    id: input.device,
    publicKey: input.publicKey,
    owner,
    label: input.label,
    standing: 'joined',
    standingReason: '',
    joinedAtMs: nowMs,
    counter: input.session,
    checksPassed: 0,
    unitsAccepted: 0,
    unitsRejected: 0,
    leasesExpired: 0,
    heldYoungMicro: 0n,
    heldOldMicro: 0n,
    heldWindow: 0,
    statementSeq: 0,
    decayedAtMs: nowMs,
    drainReason: null,
  }
}

/** Compares two equally long secrets without an early exit. */
function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}
