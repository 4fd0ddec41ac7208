/** Counts, from what the coordinator commits, who worked, who was caught and who was paid. */
import { escrowAccount, holdbackAccount } from '../../coordinator/ledger/ledger.ts'
import type { LeaseState, TransferRow, Write } from '../../coordinator/store/index.ts'
import type { DeviceId, JobId } from '../../protocol/index.ts'

/** States of a lease whose device has answered. */
const ANSWERED: ReadonlySet<LeaseState> = new Set<LeaseState>(['returned', 'accepted', 'rejected', 'failed'])

/** Leases that a device has answered, and units in them. */
export interface Answered {
  readonly leases: number
  readonly units: number
}

export class PlanWatch {
  /** Leases that each device had answered when it was caught, by its id. */
  readonly caught = new Map<string, number>()
  /** Leases that wait for an answer. */
  readonly #open = new Map<number, { readonly device: string; readonly unitCount: number }>()
  readonly #answered = new Map<string, Answered>()
  /** What moved from each escrow to each holdback, less what was taken back. */
  readonly #paidMicro = new Map<string, bigint>()

  committed(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.table === 'lease') {
        const { id, device, unitCount, state } = write.row
        this.#open.set(id, { device, unitCount })
        this.#noteState(id, state)
      } else if (write.table === 'lease-state') this.#noteState(write.id, write.state)
      else if (write.table === 'transfer') this.#notePay(write.row)
    }
    // A batch that catches a device may also hold the answer it was caught by.
    for (const write of writes) {
      if (write.table !== 'device' || write.row.standing !== 'caught' || this.caught.has(write.row.id)) continue
      this.caught.set(write.row.id, this.answeredBy(write.row.id).leases)
    }
  }

  /** What a device has answered so far. */
  answeredBy(device: string): Answered {
    return this.#answered.get(device) ?? { leases: 0, units: 0 }
  }

  /** What a job has paid to a device, and not taken back to be paid to others. */
  paidMicro(job: JobId, device: DeviceId): bigint {
    return this.#paidMicro.get(`${escrowAccount(job)} ${holdbackAccount(device)}`) ?? 0n
  }

  #noteState(id: number, state: LeaseState): void {
    const lease = this.#open.get(id)
    if (lease === undefined || state === 'out') return
    this.#open.delete(id)
    if (!ANSWERED.has(state)) return
    const { leases, units } = this.answeredBy(lease.device)
    this.#answered.set(lease.device, { leases: leases + 1, units: units + lease.unitCount })
  }

  #notePay({ kind, debit, credit, amountMicro }: TransferRow): void {
    if (kind === 'pay') this.#addPay(debit, credit, amountMicro)
    else if (kind === 'slash') this.#addPay(credit, debit, -amountMicro)
  }

  #addPay(escrow: string, holdback: string, amountMicro: bigint): void {
    const key = `${escrow} ${holdback}`
    this.#paidMicro.set(key, (this.#paidMicro.get(key) ?? 0n) + amountMicro)
  }
}
