/** Puts the department together from what the store holds. */
import type { Batch } from '../batch.ts'
import type { Now } from '../jobs/jobs.ts'
import type { Books } from '../ledger/holdback.ts'
import type { Store } from '../store/rows.ts'
import type { SensingDesk } from './campaign.ts'
import { openFrame } from './evidence.ts'
import { createReadingIntake, type ReadingIntake } from './intake.ts'
import { Registry } from './registry.ts'
import { restoreCampaign } from './restore.ts'
import { SETTLED_FRAME, Sensing } from './sensing.ts'
import { SensorPassBook } from './sensor-passes.ts'

export interface OpenSensing {
  readonly desk: SensingDesk
  readonly sensing: Sensing
  readonly readings: ReadingIntake
  /** Goes on where the last run ended; the first step of the region. */
  resume(now: Now, batch: Batch): void
}

/** @param nowMs - wall time */
export function openSensing(store: Store, books: Books & Pick<SensingDesk, 'pricing'>, nowMs: number): OpenSensing {
  const { fleet } = books
  const registry = new Registry(store.places(), store.sensors(), {
    ownerOf: device => fleet.member(device)?.row.owner ?? null,
    isOnline: device => Boolean(fleet.member(device)?.presence),
  })
  const passes = new SensorPassBook(scope => store.passedOver(scope))
  const desk: SensingDesk = { ...books, registry, dirty: new Set(), passes }
  const running = store.campaigns({ states: ['running', 'settling'] })
  const campaigns = running.map(row => restoreCampaign(store, row, nowMs))
  const sensing = new Sensing(desk, campaigns, store.frameIdMax())
  const readings = createReadingIntake(store, sensing)
  return {
    desk,
    sensing,
    readings,
    resume: (now, batch) => {
      const idAbove = Number(store.meta(SETTLED_FRAME) ?? 0)
      const waiting = running.length === 0 ? [] : store.framesAbove(idAbove)
      sensing.resume(
        waiting,
        row => {
          const profile = readings.storedProfile(row.profile)
          return { frame: openFrame(row, profile), profile, bytes: row.frame }
        },
        now,
        batch,
      )
    },
  }
}
