/** Who is to be paid how much at the end of an epoch. */
import { type DeviceId, toHex } from '../../protocol/index.ts'
import type { Fleet, Member } from '../fleet/fleet.ts'
import { availableAccount, type Ledger } from '../ledger/ledger.ts'
import type { Bindings } from './bindings.ts'
import type { PayoutConfig } from './config.ts'

/** What one payee gets, of which devices. */
export interface DuePayee {
  readonly payee: string
  /** By ascending id, with what each gives. */
  readonly devices: readonly { readonly device: DeviceId; readonly amountMicro: bigint }[]
  readonly grossMicro: bigint
}

export interface DueDesk {
  readonly fleet: Fleet
  readonly ledger: Ledger
  readonly config: PayoutConfig
  readonly bindings: Bindings
}

/**
 * Sums what is available by payee, so that an owner of many devices reaches the minimum sooner and has one leaf in the tree.
 * What the scale cannot express stays where it is.
 * @returns those who reach the minimum, by payee
 * @see spec/clauses.md [PAY-6.2] [PAY-6.3] [PAY-7.3]
 */
export function duePayees(desk: DueDesk, wallMs: number): DuePayee[] {
  const { ledger, config } = desk
  const stepMicro = config.chain?.creditScale.micro ?? 1n
  const byPayee = new Map<string, { device: DeviceId; amountMicro: bigint }[]>()
  for (const member of desk.fleet.all()) {
    const device = member.row.id
    const availableMicro = ledger.availableMicro(availableAccount(device))
    const amountMicro = availableMicro - (availableMicro % stepMicro)
    const payee = amountMicro === 0n ? null : payeeOf(desk, member, wallMs)
    if (payee === null) continue
    const devices = byPayee.get(payee)
    if (devices) devices.push({ device, amountMicro })
    else byPayee.set(payee, [{ device, amountMicro }])
  }
  return [...byPayee]
    .map(([payee, devices]) => ({
      payee,
      devices: devices.sort((a, b) => (a.device < b.device ? -1 : 1)),
      grossMicro: devices.reduce((sum, { amountMicro }) => sum + amountMicro, 0n),
    }))
    .filter(({ grossMicro }) => grossMicro >= config.minimumMicro)
    .sort((a, b) => (a.payee < b.payee ? -1 : 1))
}

/** Null: there is nobody to pay yet, and the device keeps what it has. */
function payeeOf({ config, bindings }: DueDesk, { row }: Member, wallMs: number): string | null {
  if (config.method === 'csv') return row.owner
  // A device is revoked when its key is no longer its owner's alone, and then whoever has the key may have bound the address.
  if (row.standing === 'revoked') return null
  const { current } = bindings.of(row.id, wallMs)
  return current === null ? null : `0x${toHex(current.address)}`
}
