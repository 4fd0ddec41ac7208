/** Works out from a region's public log what an epoch paid to whom, for other coordinators, who sign only what they have seen. */
import { type DeviceId, type LogEntry, type PayoutEntry, type TransferEntry, toHex } from '../../protocol/index.ts'
import { Bindings } from './bindings.ts'
import type { PaidAddress } from './root-signer.ts'

const PROBLEMS_MAX = 20

/** An epoch as the log has closed it. */
export interface ClosedEpoch {
  readonly entry: PayoutEntry
  /** Everybody who had been paid on a chain by then, with all of it. */
  readonly paid: readonly PaidAddress[]
}

export class PayoutReplay {
  /** Null until the epoch's entry has come. */
  closed: ClosedEpoch | null = null
  /** Payouts that went where their device had not bound them to, in sentences. */
  readonly problems: string[] = []
  private readonly epoch: number
  private readonly paidMicro = new Map<string, bigint>()
  private readonly bindings = new Bindings([], 0)
  private readonly revoked = new Set<DeviceId>()

  constructor(epoch: number) {
    this.epoch = epoch
  }

  /** The next entry of the log. Entries after the epoch was closed make no difference. */
  apply(entry: LogEntry): void {
    if (this.closed !== null) return
    if (entry.type === 'transfer') this.transfer(entry)
    else if (entry.type === 'binding') {
      const { device, address, atMs, effectiveAtMs } = entry
      this.bindings.take({ device, seq: 0, address, boundAtMs: atMs, effectiveAtMs })
    } else if (entry.type === 'standing') {
      if (entry.standing === 'revoked') this.revoked.add(entry.device)
      else this.revoked.delete(entry.device)
    } else if (entry.type === 'payout' && entry.epoch === this.epoch) {
      this.closed = { entry, paid: [...this.paidMicro].map(([payee, paidMicro]) => ({ payee, paidMicro })) }
    }
  }

  private transfer({ kind, phase, debit, credit, amountMicro, atMs }: TransferEntry): void {
    const payee = /^payout:(0x[0-9a-f]{40})$/.exec(credit)?.[1]
    if (kind !== 'payout' || phase !== 'single' || payee === undefined) return
    const device = debit.replace(/^available:/, '') as DeviceId
    const { current } = this.bindings.of(device, atMs)
    if (current === null || `0x${toHex(current.address)}` !== payee) {
      const bound = current === null ? 'none' : `0x${toHex(current.address)}`
      this.complain(`${device} was paid out to ${payee}, and the address that counted for it was ${bound}.`)
    } else if (this.revoked.has(device)) this.complain(`${device} was paid out to ${payee} while it was revoked.`)
    this.paidMicro.set(payee, (this.paidMicro.get(payee) ?? 0n) + amountMicro)
  }

  private complain(problem: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem)
  }
}
