/** Who is paid for a window: in each cell the best sensors, one of a device, for every reading that was accepted. */
import type { DeviceId, SensorId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import { costOfReadings, payDevice, takeShare } from '../ledger/holdback.ts'
import { escrowAccount } from '../ledger/ledger.ts'
import type { Campaign, SensingDesk, WindowState } from './campaign.ts'
import type { SeriesVerdict } from './judge-window.ts'

/** Why accepted readings are not paid, in the words of the store. */
export type UnpaidReason = '' | 'nothing_accepted' | 'rank' | 'same_device' | 'relocated' | 'standing' | 'budget'

export interface Award {
  readonly rank: number
  readonly paidReadings: number
  readonly paidMicro: bigint
  readonly unpaidReason: UnpaidReason
}

/** A payment that an award leads to. */
interface Due {
  readonly member: Member
  readonly readings: number
  readonly amountMicro: bigint
}

/** What a judged window comes to in money; nothing is moved yet. */
export interface Awards {
  readonly bySensor: ReadonlyMap<SensorId, Award>
  readonly due: readonly { readonly sensor: SensorId; readonly payment: Due }[]
}

/**
 * Ranks a cell's sensors by accepted readings, the longer-serving first among equals, and says what those that have a place are owed. What
 * was paid in an earlier revision stays paid.
 * @see spec/clauses.md [SENSE-4.1] [SENSE-4.2]
 */
export function awardWindow(
  desk: SensingDesk,
  campaign: Campaign,
  window: WindowState,
  verdicts: readonly SeriesVerdict[],
): Awards {
  const bySensor = new Map<SensorId, Award>()
  const due: Awards['due'][number][] = []
  const cells = new Set(verdicts.map(({ member }) => member.cell))
  for (const cell of [...cells].sort()) {
    const devices = new Set<DeviceId>()
    let rank = 0
    for (const verdict of rankedIn(desk, cell, verdicts)) {
      rank++
      const { sensor, device } = verdict.member
      const reason = obstacle(desk, campaign, window, verdict, devices)
      devices.add(device)
      const { payment, ...award } = awardOne(desk, campaign, window, verdict, rank, reason)
      bySensor.set(sensor, award)
      if (payment !== null) due.push({ sensor, payment })
    }
  }
  return { bySensor, due }
}

/** Pays what a window's awards come to. */
export function payAwards(
  desk: SensingDesk,
  { row }: Campaign,
  { windowMs, revision }: WindowState,
  { due }: Awards,
  nowMs: number,
  batch: Batch,
): void {
  for (const { sensor, payment } of due) {
    const { member, readings, amountMicro } = payment
    const purpose = `sense/${row.id}/${windowMs}/${sensor}/${revision}`
    const basis = { kind: 'readings', readings } as const
    payDevice(desk, member, { escrow: escrowAccount(row.id), amountMicro, purpose, basis }, nowMs, batch)
  }
}

function rankedIn({ registry }: SensingDesk, cell: string, verdicts: readonly SeriesVerdict[]): SeriesVerdict[] {
  const seniority = ({ member }: SeriesVerdict) => registry.sensor(member.sensor)?.row.placedSinceMs ?? 0
  return verdicts
    .filter(({ member }) => member.cell === cell)
    .sort(
      (a, b) => b.accepted - a.accepted || seniority(a) - seniority(b) || (a.member.sensor < b.member.sensor ? -1 : 1),
    )
}

/** @param paidDevices - devices of the cell that have their place already */
function obstacle(
  desk: SensingDesk,
  { spec }: Campaign,
  { windowMs }: WindowState,
  { member, accepted }: SeriesVerdict,
  paidDevices: ReadonlySet<DeviceId>,
): UnpaidReason {
  if (accepted === 0) return 'nothing_accepted'
  if (desk.fleet.member(member.device)?.row.standing !== 'joined') return 'standing'
  if (paidDevices.has(member.device)) return 'same_device'
  if (paidDevices.size >= spec.paidPerCell) return 'rank'
  const row = desk.registry.sensor(member.sensor)?.row
  const wasMoved = row !== undefined && row.placedSinceMs > row.firstSeenMs
  return wasMoved && windowMs < row.placedSinceMs + spec.relocationHoldMs ? 'relocated' : ''
}

function awardOne(
  desk: SensingDesk,
  campaign: Campaign,
  window: WindowState,
  { member, accepted }: SeriesVerdict,
  rank: number,
  reason: UnpaidReason,
): Award & { payment: Due | null } {
  const before = window.tallies.get(member.sensor)
  const paid = { paidReadings: before?.paidReadings ?? 0, paidMicro: before?.paidMicro ?? 0n }
  const owed = accepted - paid.paidReadings
  const device = desk.fleet.member(member.device)
  const unpaid = { rank, ...paid, payment: null }
  if (reason !== '' || owed <= 0 || device === undefined) return { ...unpaid, unpaidReason: reason }
  const { row, spec } = campaign
  const leftMicro = row.budgetMicro - row.paidMicro - row.feeMicro
  const readings = spec.priceMicro === 0n ? owed : Math.min(owed, Number(leftMicro / spec.priceMicro))
  if (readings === 0) return { ...unpaid, unpaidReason: 'budget' }
  const priceMicro = spec.priceMicro * BigInt(readings)
  const deviceMicro = takeShare(desk.ledger, member.device, costOfReadings(priceMicro, row.feeBasisPoints))
  row.paidMicro += deviceMicro
  row.feeMicro += priceMicro - deviceMicro
  return {
    rank,
    paidReadings: paid.paidReadings + readings,
    paidMicro: paid.paidMicro + deviceMicro,
    unpaidReason: readings < owed ? 'budget' : '',
    payment: { member: device, readings, amountMicro: deviceMicro },
  }
}
