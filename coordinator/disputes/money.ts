/** Moving money after a dispute: out of several accounts as far as they reach, and in and out of holdbacks with their windows kept right. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Now } from '../jobs/jobs.ts'
import { holdbackAccount } from '../ledger/ledger.ts'
import type { DisputeDesk } from './dispute.ts'

/** Where money comes from: an account, or what is held back for a device. */
export type Source = string | Member

const accountOf = (source: Source): string => (typeof source === 'string' ? source : holdbackAccount(source.row.id))

/** The books with a moment to book at. */
export interface Till {
  readonly desk: DisputeDesk
  readonly now: Now
  readonly batch: Batch
}

/**
 * Brings an amount together from several sources, each as far as it reaches, into an account or a device's holdback.
 * @param purpose - each transfer's is this and the account that it comes from
 * @returns what is missing
 */
export function gather(
  till: Till,
  sources: Iterable<Source>,
  into: Source,
  amountMicro: bigint,
  purpose: string,
): bigint {
  let missingMicro = amountMicro
  for (const source of sources) {
    const haveMicro = till.desk.ledger.availableMicro(accountOf(source))
    const part = haveMicro < missingMicro ? haveMicro : missingMicro
    if (part <= 0n || accountOf(source) === accountOf(into)) continue
    move(till, source, into, part, `${purpose}/${accountOf(source)}`)
    missingMicro -= part
  }
  return missingMicro
}

/** Books one transfer that is known to be covered. */
export function move(
  { desk, now, batch }: Till,
  from: Source,
  into: Source,
  amountMicro: bigint,
  purpose: string,
): void {
  const request = { kind: 'award', debit: accountOf(from), credit: accountOf(into), amountMicro, purpose } as const
  if (desk.ledger.transfer(request, now.wallMs, batch) !== 'created') return
  if (typeof from !== 'string') takeHeld(desk, from, amountMicro)
  if (typeof into !== 'string') addHeld(desk, into, amountMicro, now.wallMs)
}

/** The newest earnings go first: those that the dispute is about. */
function takeHeld(desk: DisputeDesk, member: Member, amountMicro: bigint): void {
  const { row } = member
  const young = row.heldYoungMicro < amountMicro ? row.heldYoungMicro : amountMicro
  row.heldYoungMicro -= young
  row.heldOldMicro -= amountMicro - young
  desk.fleet.touch(member)
}

/** The holdback's windows have been brought up to date before. */
function addHeld(desk: DisputeDesk, member: Member, amountMicro: bigint, nowMs: number): void {
  const { row } = member
  const { holdbackWindowMs } = desk.policy
  if (row.heldYoungMicro + row.heldOldMicro === 0n) row.heldWindow = nowMs - (nowMs % holdbackWindowMs)
  row.heldYoungMicro += amountMicro
  desk.fleet.touch(member)
}

/** The devices that still belong to the region. */
export function joined(desk: DisputeDesk, devices: Iterable<DeviceId>): Member[] {
  return [...devices].flatMap(device => {
    const member = desk.fleet.member(device)
    return member?.row.standing === 'joined' ? [member] : []
  })
}
