/**
 * The reputation department: lets old checks fade, keeps the regions whose word counts here, and gives devices that come from there a start.
 * Pure: signatures are checked before anything gets here.
 */
import {
  type DeviceId,
  fromBase64,
  type OwnerName,
  type RegionId,
  type Reputation,
  regionIdOf,
  toBase64Url,
} from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { RegionPolicy } from '../config.ts'
import type { Fleet, Member } from '../fleet/fleet.ts'
import type { Now } from '../jobs/jobs.ts'
import type { Store } from '../store/rows.ts'
import { decayedChecks, HALF_LIFE_MS } from './decay.ts'
import { recordOfDevice, recordOfOwner, type Standing } from './record.ts'
import type { RegionKey } from './region-key.ts'
import { startOf } from './start.ts'

/** A region whose statements count here. */
export interface TrustedRegion extends RegionKey {
  readonly addedAtMs: number
}

/** What another region said of a device, as far as it counts. */
export interface Import {
  readonly device: DeviceId
  readonly region: RegionId
  /** When it was said. */
  readonly atMs: number
  /** Checks it was worth when it was taken. */
  readonly checks: number
  /** Null while the device has not joined. */
  usedAtMs: number | null
}

/** What became of a statement, in the order of precedence. */
export type ImportOutcome =
  | { readonly status: 'about_an_owner' }
  | { readonly status: 'from_the_future' }
  /** Older than a half-life, or no newer than one that was taken before. */
  | { readonly status: 'stale' }
  /** The device was found wrong there, or has passed too few checks to count. */
  | { readonly status: 'worthless' }
  /** The device has worked here, so it is judged by that. */
  | { readonly status: 'known_here' }
  | { readonly status: 'full' }
  /** Counts when the device joins. */
  | { readonly status: 'waiting'; readonly checks: number }
  | { readonly status: 'applied'; readonly checks: number }

export interface ReputationPorts {
  readonly policy: Pick<RegionPolicy, 'epochMs' | 'saboteurShare'>
  readonly fleet: Pick<Fleet, 'all' | 'member' | 'touch'>
}

/** Clocks of two regions differ by less. */
const AHEAD_MS_MAX = 3_600_000
/** Statements that are kept, used or not. */
const IMPORTS_MAX = 10_000
const TRUSTED_KEY = 'reputation-trusted'
const IMPORTS_KEY = 'reputation-imports'

export class Reputations {
  private readonly ports: ReputationPorts
  private readonly trustedRegions = new Map<RegionId, TrustedRegion>()
  private readonly imports = new Map<DeviceId, Import>()
  /** Imports of devices that have not joined. */
  private readonly waiting = new Set<Import>()
  private epoch: number | null = null

  constructor(ports: ReputationPorts, trusted: string | null, imports: string | null) {
    this.ports = ports
    for (const region of readTrusted(trusted)) this.trustedRegions.set(region.region, region)
    for (const row of imports === null ? [] : (JSON.parse(imports) as Import[])) this.keep(row)
  }

  /** In the order in which they were added. */
  trusted(): TrustedRegion[] {
    return [...this.trustedRegions.values()]
  }

  keyOf(region: RegionId): Uint8Array | null {
    return this.trustedRegions.get(region)?.publicKey ?? null
  }

  trust(key: RegionKey, nowMs: number, batch: Batch): TrustedRegion {
    const known = this.trustedRegions.get(key.region)
    if (known !== undefined) return known
    const trusted = { ...key, addedAtMs: Math.round(nowMs) }
    this.trustedRegions.set(key.region, trusted)
    this.writeTrusted(batch)
    return trusted
  }

  /** What its statements gave before stays. False when it is not trusted anyway. */
  distrust(region: RegionId, batch: Batch): boolean {
    if (!this.trustedRegions.delete(region)) return false
    for (const row of this.waiting) {
      if (row.region !== region) continue
      this.waiting.delete(row)
      this.imports.delete(row.device)
    }
    this.writeTrusted(batch)
    this.writeImports(batch)
    return true
  }

  /** What can be said of an owner's devices together; null when it has none. */
  ofOwner(owner: OwnerName): Standing | null {
    const rows = [...this.ports.fleet.all()].map(({ row }) => row).filter(row => row.owner === owner)
    return rows.length === 0 ? null : recordOfOwner(rows, this.ports.policy.saboteurShare)
  }

  ofDevice({ row }: Member): Standing {
    return recordOfDevice(row)
  }

  /**
   * Takes a statement of a trusted region whose signature was checked. A device counts by it only before it has worked here.
   * @see spec/clauses.md [REP-2.2] [REP-2.3]
   */
  import(reputation: Reputation, nowMs: number, batch: Batch): ImportOutcome {
    const { subject, region, atMs } = reputation
    if (subject.kind !== 'device') return { status: 'about_an_owner' }
    const device = subject.id
    if (atMs > nowMs + AHEAD_MS_MAX) return { status: 'from_the_future' }
    const before = this.imports.get(device)
    if (atMs < nowMs - HALF_LIFE_MS || (before !== undefined && atMs <= before.atMs)) return { status: 'stale' }
    const checks = startOf(reputation, nowMs, this.ports.policy.saboteurShare)
    if (checks === 0) return { status: 'worthless' }
    const member = this.ports.fleet.member(device)
    if (member !== undefined && !isFresh(member)) return { status: 'known_here' }
    if (before === undefined && this.imports.size >= IMPORTS_MAX) return { status: 'full' }
    const row: Import = { device, region, atMs, checks, usedAtMs: null }
    if (before !== undefined) this.waiting.delete(before)
    this.keep(row)
    if (member !== undefined) this.apply(row, member, nowMs)
    this.writeImports(batch)
    return { status: member === undefined ? 'waiting' : 'applied', checks }
  }

  /** Time passes: devices that have joined get their start, and once an epoch old checks fade. */
  tick(now: Now, batch: Batch): void {
    this.greet(now.wallMs, batch)
    const epoch = Math.floor(now.wallMs / this.ports.policy.epochMs)
    if (epoch === this.epoch) return
    this.epoch = epoch
    for (const member of this.ports.fleet.all()) this.decay(member, now.wallMs)
  }

  private greet(nowMs: number, batch: Batch): void {
    let changed = false
    for (const row of this.waiting) {
      const member = this.ports.fleet.member(row.device)
      if (member === undefined) continue
      this.apply(row, member, nowMs)
      changed = true
    }
    if (changed) this.writeImports(batch)
  }

  private keep(row: Import): void {
    this.imports.set(row.device, row)
    if (row.usedAtMs === null) this.waiting.add(row)
  }

  /** Gives a device its start, unless it has begun without. */
  private apply(row: Import, member: Member, nowMs: number): void {
    row.usedAtMs = Math.round(nowMs)
    this.waiting.delete(row)
    if (!isFresh(member)) return
    member.row.checksPassed = row.checks
    member.row.decayedAtMs = Math.round(nowMs)
    this.ports.fleet.touch(member)
  }

  private decay(member: Member, nowMs: number): void {
    const { row } = member
    if (row.checksPassed === 0) {
      // Nothing fades, and what is passed from here on is new. Written with the row's next change.
      row.decayedAtMs = Math.round(nowMs)
      return
    }
    const { checks, usedMs } = decayedChecks(row.checksPassed, nowMs - row.decayedAtMs)
    if (checks === row.checksPassed) return
    row.checksPassed = checks
    row.decayedAtMs += usedMs
    this.ports.fleet.touch(member)
  }

  private writeTrusted(batch: Batch): void {
    const rows = this.trusted().map(({ publicKey, addedAtMs }) => [toBase64Url(publicKey), addedAtMs])
    batch.write({ table: 'meta', key: TRUSTED_KEY, value: JSON.stringify(rows) })
  }

  private writeImports(batch: Batch): void {
    batch.write({ table: 'meta', key: IMPORTS_KEY, value: JSON.stringify([...this.imports.values()]) })
  }
}

/** Has done nothing here yet that could speak for it or against it. */
const isFresh = ({ row }: Member): boolean =>
  row.standing === 'joined' && row.unitsAccepted === 0 && row.unitsRejected === 0 && row.checksPassed === 0

function readTrusted(text: string | null): TrustedRegion[] {
  const rows = text === null ? [] : (JSON.parse(text) as [string, number][])
  return rows.map(([key, addedAtMs]) => {
    const publicKey = fromBase64(key)
    return { region: regionIdOf(publicKey), publicKey, addedAtMs }
  })
}

/** The department as the store left it. */
export function openReputations(store: Pick<Store, 'meta'>, ports: ReputationPorts): Reputations {
  return new Reputations(ports, store.meta(TRUSTED_KEY), store.meta(IMPORTS_KEY))
}
