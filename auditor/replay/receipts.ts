/** Cumulative cheques: each tells all that a device has ever had, and the newest counts. */
import type { ReceiptEntry } from '../../protocol/index.ts'
import type { DeviceRules } from './devices.ts'
import type { Scene } from './scene.ts'

/** The newest receipt of a device. */
export interface KnownReceipt {
  readonly entry: ReceiptEntry
  readonly index: number
}

const TOTALS = ['earnedMicro', 'lostMicro', 'releasedMicro', 'paidOutMicro'] as const
type Totals = Record<(typeof TOTALS)[number], bigint>

/** The rules of receipts. */
export class ReceiptRules {
  private readonly scene: Scene
  private readonly devices: DeviceRules
  private readonly newest = new Map<string, KnownReceipt>()
  /** Receipts ever given. */
  count = 0

  constructor(scene: Scene, devices: DeviceRules) {
    this.scene = scene
    this.devices = devices
  }

  all(): IterableIterator<[string, KnownReceipt]> {
    return this.newest.entries()
  }

  give(entry: ReceiptEntry): void {
    const { device, seq } = entry
    this.count++
    this.devices.expect(device, 'a receipt is given to')
    const last = this.newest.get(device)?.entry
    const expectedSeq = (last?.seq ?? 0) + 1
    if (seq !== expectedSeq) {
      this.scene.broken('receipt.order', `receipt ${seq} of ${device} is given, and ${expectedSeq} was expected.`)
    }
    const expected = this.totals(device)
    for (const total of TOTALS) {
      if (entry[total] !== expected[total]) {
        const found = `${entry[total]}, and by its accounts it is ${expected[total]}`
        this.scene.broken('receipt.totals', `${total} of receipt ${seq} of ${device} is ${found}.`)
      }
    }
    this.newest.set(device, { entry, index: this.scene.index })
  }

  private totals(device: string): Totals {
    const { accounts } = this.scene
    const holdback = accounts.find(`holdback:${device}`)
    const available = accounts.find(`available:${device}`)
    const releasedMicro = available?.creditsMicro ?? 0n
    return {
      earnedMicro: holdback?.creditsMicro ?? 0n,
      lostMicro: (holdback?.debitsMicro ?? 0n) - releasedMicro,
      releasedMicro,
      paidOutMicro: available?.debitsMicro ?? 0n,
    }
  }
}
