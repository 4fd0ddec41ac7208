/** What devices ask at least, as they last said it in a signed statement. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { FloorRow } from '../store/rows.ts'
import type { Floor } from './price-book.ts'

export class Floors {
  private readonly floors = new Map<DeviceId, FloorRow>()

  constructor(rows: Iterable<FloorRow>) {
    for (const row of rows) this.floors.set(row.device, row)
  }

  of(device: DeviceId): Floor | undefined {
    return this.floors.get(device)
  }

  /** Takes a statement whose number was not used before. */
  state(device: DeviceId, { gigafuelMicro, readingMicro }: Floor, seq: number, batch: Batch): void {
    const row = { device, gigafuelMicro, readingMicro, seq }
    this.floors.set(device, row)
    batch.write({ table: 'floor', row })
  }
}
