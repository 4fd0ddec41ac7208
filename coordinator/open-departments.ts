/** Puts the departments together from what the store holds. */
import type { Clock, DeviceId, Random } from '../protocol/index.ts'
import { nodeSha256 } from '../protocol/node/index.ts'
import type { Batch } from './batch.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import type { RegionPolicy } from './config.ts'
import { Disputes } from './disputes/disputes.ts'
import { Rechecks } from './disputes/rechecks.ts'
import { Fleet } from './fleet/fleet.ts'
import type { Admission } from './intake/admission.ts'
import type { Desk } from './jobs/job.ts'
import type { Jobs, Now } from './jobs/jobs.ts'
import { Ledger } from './ledger/ledger.ts'
import { openJobs } from './open-jobs.ts'
import { openPayouts, type PayoutConfig, type Payouts } from './payout/index.ts'
import {
  CapacityChecks,
  openCapacityTask,
  openPricing,
  type Pricing,
  type SensorMoment,
  sensorMoments,
} from './pricing/index.ts'
import { openReputations, type Reputations } from './reputation/index.ts'
import { FairShare, LineSpeeds, Loads, PassBook, Rates, Ready } from './scheduling/index.ts'
import type { ReadingIntake } from './sensing/intake.ts'
import { openSensing } from './sensing/open-sensing.ts'
import type { Sensing } from './sensing/sensing.ts'
import { Log } from './settlement/index.ts'
import type { Store } from './store/rows.ts'
import { Pairs } from './verification/index.ts'

export interface DepartmentsComponents {
  store: Store
  blobs: BlobStore
  admission: Admission
  clock: Clock
  random: Random
  /** What units of the task of capacity checks answer. */
  capacityAnswer(input: Uint8Array): Uint8Array
  warn(event: string, fields: Readonly<Record<string, string | number>>): void
}

export interface DepartmentsInit {
  policy: RegionPolicy
  payout: PayoutConfig
  /** Where this coordinator's key for payout roots is, or is made when it is needed. */
  payoutKeyPath: string
  /** SHA-256 thumbprint of the region's key. */
  thumbprint: Uint8Array
}

export interface OpenDepartments {
  readonly log: Log
  readonly fleet: Fleet
  readonly ledger: Ledger
  readonly jobs: Jobs
  readonly sensing: Sensing
  readonly readings: ReadingIntake
  readonly pricing: Pricing
  readonly payouts: Payouts
  readonly disputes: Disputes
  readonly reputations: Reputations
  /** What the jobs department shares. */
  readonly desk: Desk
  readonly jobsResumed: number
  /** Goes on where the last run ended; the first step of the region. */
  resume(now: Now, batch: Batch): void
  /** Time passes. */
  tick(now: Now, batch: Batch): void
}

/** @throws {ConfigError} when the settings do not go with what was settled before */
export async function openDepartments(
  components: DepartmentsComponents,
  init: DepartmentsInit,
): Promise<OpenDepartments> {
  const { store, blobs, admission, clock, random, warn } = components
  const { policy, thumbprint } = init
  const ready = new Ready()
  const wake = (device: DeviceId) => ready.wake(device)
  const fleet = new Fleet(store.devices(), store.claims(), { ...policy, regionThumbprint: thumbprint }, wake)
  const booked = (purpose: string) => store.transferFor(purpose)
  const ledger = new Ledger(store.accounts(), store.transferCount(), store.holds(), booked)
  const loads = new Loads(wake)
  const sensors = (): SensorMoment[] => sensorMoments(sensing, fleet)
  const pricing = openPricing(store, { policy, fleet, loads, sensors })
  const desk: Desk = {
    fleet,
    ledger,
    policy,
    pricing,
    random,
    rates: new Rates(),
    loads,
    ready,
    turns: new FairShare(),
    lines: new LineSpeeds(),
    passes: new PassBook(scope => store.passedOver(scope)),
    maintenance: store.meta('maintenance') || null,
    pairs: new Pairs(),
    liars: new Map(),
    dirty: new Set(),
    nextLeaseId: store.leaseIdMax() + 1,
  }
  const opened = await openJobs({ store, blobs, admission, desk, warn }, clock.monotonicMs())
  const { jobs } = opened
  const { sensing, readings, ...opening } = openSensing(store, { fleet, ledger, policy, pricing }, clock.wallMs())
  const payouts = await openPayouts(
    { store, ledger, fleet, policy, random },
    init.payout,
    init.payoutKeyPath,
    clock.wallMs(),
  )
  const disputeDesk = { fleet, ledger, policy, jobs, sensing }
  const disputes = new Disputes(disputeDesk, store.disputes({ states: ['open'] }))
  const rechecks = new Rechecks(disputeDesk, disputes, store)
  const task = await openCapacityTask(admission, components.capacityAnswer)
  const maintenance = () => desk.maintenance
  const checks = new CapacityChecks({ policy, fleet, ledger, jobs, pricing, random, task, maintenance })
  const reputations = openReputations(store, { policy, fleet })
  return {
    log: new Log(store, nodeSha256),
    fleet,
    ledger,
    jobs,
    sensing,
    readings,
    pricing,
    payouts,
    disputes,
    reputations,
    desk,
    jobsResumed: opened.resumed,
    resume: (now, batch) => {
      ledger.expire(now.wallMs, batch)
      pricing.tick(now, batch)
      opened.resume(now, batch)
      opening.resume(now, batch)
    },
    tick: (now, batch) => {
      // First, so that nobody posts what has run out.
      ledger.expire(now.wallMs, batch)
      jobs.tick(now, batch)
      sensing.tick(now, batch)
      disputes.tick(now, batch)
      rechecks.tick(now, batch)
      checks.tick(now, batch)
      pricing.tick(now, batch)
      payouts.tick(now, batch)
      reputations.tick(now, batch)
    },
  }
}
