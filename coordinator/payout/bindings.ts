/** Where the earnings of devices go on a chain: a device signs for an address, and it counts after a delay, so that a thief is seen. */
import { type DeviceId, equalBytes, toHex } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Member } from '../fleet/fleet.ts'
import type { BindingRow } from '../store/rows.ts'

/** In order of precedence. */
export type BindStatus = 'zero_address' | 'unchanged' | 'too_soon' | 'bound'

/** What a device's statement says, and the statement as it came. */
export interface BindRequest {
  readonly seq: number
  /** 20 bytes. */
  readonly address: Uint8Array
  readonly statement: Uint8Array
}

/** What counts for a device now, and what will. */
export interface BoundAddresses {
  readonly current: BindingRow | null
  readonly pending: BindingRow | null
}

/** An owner who mistyped corrects it soon enough; a device gone mad does not fill the log. */
const INTERVAL_MS = 60_000

export class Bindings {
  private readonly bound = new Map<DeviceId, BoundAddresses>()
  private readonly delayMs: number

  /** @param rows - by device, then number */
  constructor(rows: Iterable<BindingRow>, delayMs: number) {
    for (const row of rows) this.take(row)
    this.delayMs = delayMs
  }

  /**
   * Binds an address that the device has signed. The caller has checked the signature and burned the statement's number.
   * @see spec/clauses.md [PAY-7.1]
   */
  bind(member: Member, { seq, address, statement }: BindRequest, wallMs: number, batch: Batch): BindStatus {
    const device = member.row.id
    const { current, pending } = this.of(device, wallMs)
    const newest = pending ?? current
    if (address.every(byte => byte === 0)) return 'zero_address'
    if (newest !== null && equalBytes(newest.address, address)) return 'unchanged'
    if (newest !== null && wallMs - newest.boundAtMs < INTERVAL_MS) return 'too_soon'
    const atMs = Math.round(wallMs)
    const row = { device, seq, address, boundAtMs: atMs, effectiveAtMs: atMs + this.delayMs }
    this.take(row)
    batch.write({ table: 'binding', row })
    batch.record({ type: 'binding', atMs, device, address, effectiveAtMs: row.effectiveAtMs, statement })
    this.tell(member, row, batch)
    return 'bound'
  }

  /** What counts for a device at this time, and what waits. */
  of(device: DeviceId, wallMs: number): BoundAddresses {
    const { current, pending } = this.bound.get(device) ?? { current: null, pending: null }
    return pending !== null && pending.effectiveAtMs <= wallMs
      ? { current: pending, pending: null }
      : { current, pending }
  }

  /**
   * One that waited when the next came never counts: whoever stole a device's key cannot wait out the owner's protest.
   * @param row - later than those before
   * @see spec/clauses.md [PAY-7.2]
   */
  take(row: BindingRow): void {
    this.bound.set(row.device, { current: this.of(row.device, row.boundAtMs).current, pending: row })
  }

  /** Tells a device that has come back of an address that waits: somebody else may have bound it meanwhile. */
  greet(member: Member, wallMs: number, batch: Batch): void {
    const { pending } = this.of(member.row.id, wallMs)
    if (pending !== null) this.tell(member, pending, batch)
  }

  private tell({ row: { id: device, standing } }: Member, binding: BindingRow, batch: Batch): void {
    const from = new Date(binding.effectiveAtMs).toISOString()
    const text = `Its earnings go to 0x${toHex(binding.address)} from ${from} on. If that is not yours, bind your own address before then.`
    batch.emit({ kind: 'notice', device, standing, text })
  }
}
