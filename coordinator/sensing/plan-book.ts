/** The plan of each device as it was last decided. */
import type { DeviceId, Stream } from '../../protocol/index.ts'
import type { Batch } from '../batch.ts'
import type { Now } from '../jobs/jobs.ts'
import type { Campaign } from './campaign.ts'
import { sameStreams, streamsOf } from './plans.ts'

export interface KnownPlan {
  /** Grows with every change, also over restarts: no device takes an older plan for a newer one. */
  readonly revision: number
  readonly streams: readonly Stream[]
}

export class PlanBook {
  private readonly plans = new Map<DeviceId, KnownPlan>()

  of(device: DeviceId): KnownPlan | undefined {
    return this.plans.get(device)
  }

  /** Tells the devices whose plan is another now. */
  refresh(campaigns: readonly Campaign[], now: Now, batch: Batch): void {
    const devices = new Set<DeviceId>(this.plans.keys())
    for (const { assigned } of campaigns) for (const { device } of assigned.values()) devices.add(device)
    for (const device of devices) {
      const streams = streamsOf(campaigns, device)
      const before = this.plans.get(device)
      if (before !== undefined && sameStreams(before.streams, streams)) continue
      this.decide(device, streams, now)
      batch.emit({ kind: 'plan', device })
    }
  }

  /** Tells a device its plan, changed or not. */
  send(device: DeviceId, campaigns: readonly Campaign[], now: Now, batch: Batch): void {
    if (!this.plans.has(device)) this.decide(device, streamsOf(campaigns, device), now)
    batch.emit({ kind: 'plan', device })
  }

  private decide(device: DeviceId, streams: readonly Stream[], now: Now): void {
    const last = this.plans.get(device)?.revision ?? 0
    this.plans.set(device, { revision: Math.max(last + 1, Math.round(now.wallMs)), streams })
  }
}
