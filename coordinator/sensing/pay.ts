/** Who is paid for a window: in each cell the best sensors, one of a device, for every reading that was accepted. */
import type { DeviceId, SensorId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import { partPrice, payDevice } from '../ledger/holdback.ts'
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

/**
 * Ranks a cell's sensors by accepted readings, the longer-serving first among equals, and pays those that have a place. What was paid
 * in an earlier revision stays paid.
 * @see spec/clauses.md [SENSE-4.1] [SENSE-4.2]
 */
export function payWindow(
  desk: SensingDesk,
  campaign: Campaign,
  window: WindowState,
  verdicts: readonly SeriesVerdict[],
  nowMs: number,
  batch: Batch,
): Map<SensorId, Award> {
  const awards = new Map<SensorId, Award>()
  const cells = new Set(verdicts.map(({ member }) => member.cell))
  for (const cell of [...cells].sort()) {
    const devices = new Set<DeviceId>()
    let rank = 0
    for (const verdict of rankedIn(desk, cell, verdicts)) {
      rank++
      const reason = obstacle(desk, campaign, window, verdict, devices)
      devices.add(verdict.member.device)
      awards.set(verdict.member.sensor, award(desk, campaign, window, verdict, rank, reason, nowMs, batch))
    }
  }
  return awards
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

function award(
  desk: SensingDesk,
  campaign: Campaign,
  window: WindowState,
  { member, accepted }: SeriesVerdict,
  rank: number,
  reason: UnpaidReason,
  nowMs: number,
  batch: Batch,
): Award {
  const before = window.tallies.get(member.sensor)
  const paid = { paidReadings: before?.paidReadings ?? 0, paidMicro: before?.paidMicro ?? 0n }
  const owed = accepted - paid.paidReadings
  const device = desk.fleet.member(member.device)
  if (reason !== '' || owed <= 0 || device === undefined) return { rank, ...paid, unpaidReason: reason }
  const { row, spec } = campaign
  const leftMicro = row.budgetMicro - row.paidMicro - row.feeMicro
  const affordable = spec.priceMicro === 0n ? owed : Math.min(owed, Number(leftMicro / spec.priceMicro))
  if (affordable === 0) return { rank, ...paid, unpaidReason: 'budget' }
  const { deviceMicro, feeMicro } = partPrice(desk.policy, spec.priceMicro * BigInt(affordable))
  const purpose = `sense/${row.id}/${window.windowMs}/${member.sensor}/${window.revision}`
  payDevice(desk, device, { escrow: escrowAccount(row.id), amountMicro: deviceMicro, purpose }, nowMs, batch)
  row.paidMicro += deviceMicro
  row.feeMicro += feeMicro
  return {
    rank,
    paidReadings: paid.paidReadings + affordable,
    paidMicro: paid.paidMicro + deviceMicro,
    unpaidReason: affordable < owed ? 'budget' : '',
  }
}
