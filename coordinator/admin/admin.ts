/** The administration of a running region: what the HTTP API and the command line can ask of it. */
import {
  type Clock,
  claimId,
  claimKey,
  deviceId,
  encodeClaimCode,
  type JobId,
  jobId,
  LIMITS,
  ownerName,
  type Random,
  type RegionId,
  type RegionName,
  submitterName,
  toHex,
} from '../../protocol/index.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { DEVICE_USER_NAME } from '../broker/index.ts'
import type { Conduct } from '../conduct/index.ts'
import type { RegionPolicy } from '../config.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Counters } from '../gate/counters.ts'
import { ApiError, type Device, type Submitter } from '../http/admin-api.ts'
import type { RegionApi } from '../http/api-route.ts'
import type { Campaigns } from '../intake/campaigns.ts'
import { apiJob, doubtTexts } from '../intake/job-view.ts'
import { SubmissionRefused } from '../intake/submission.ts'
import type { SubmitterDirectory } from '../intake/submitter-directory.ts'
import type { Submitters } from '../intake/submitters.ts'
import type { Desk } from '../jobs/job.ts'
import { doubtfulUnits } from '../jobs/suspect-units.ts'
import { submitterAccount, TREASURY } from '../ledger/ledger.ts'
import type { SensingSource } from '../outputs/index.ts'
import type { Region } from '../region.ts'
import { deviceScope, jobScope, secondLookScope } from '../scheduling/index.ts'
import type { ReadingIntake } from '../sensing/intake.ts'
import type { JobRow, Store } from '../store/rows.ts'
import { viewDevice } from './device-view.ts'
import { createDisputeAdmin, type DisputeAdminComponents } from './dispute-admin.ts'
import { explainDevice, explainJob } from './explain.ts'
import { explainCheck } from './explain-check.ts'
import { explainPayment, paidRun } from './explain-payment.ts'
import { explainSensors } from './explain-sensors.ts'
import { viewDoubts } from './job-doubts.ts'
import { createOwnerAdmin, type OwnerAdminComponents } from './owner-admin.ts'
import { createPayoutAdmin, type PayoutAdminComponents } from './payout-admin.ts'
import { createPriceAdmin, type PriceAdminComponents } from './price-admin.ts'
import { createPublicAdmin, type PublicAdminComponents } from './public-admin.ts'
import { createReputationAdmin, type ReputationAdminComponents } from './reputation-admin.ts'
import { createSchedulingAdmin } from './scheduling-admin.ts'
import { createSensingAdmin } from './sensing-admin.ts'
import { createWitnessAdmin, type WitnessAdminComponents } from './witness-admin.ts'

interface OwnComponents {
  policy: RegionPolicy
  region: Region
  desk: Desk
  store: Store
  blobs: BlobStore
  submitters: Submitters
  campaigns: Campaigns
  readings: ReadingIntake
  source: SensingSource
  directory: SubmitterDirectory
  conduct: Pick<Conduct, 'reasonsOf'>
  counters: Counters
  clock: Clock
  random: Random
  connections(): number
}

export type AdminComponents = OwnComponents &
  WitnessAdminComponents &
  PayoutAdminComponents &
  DisputeAdminComponents &
  PriceAdminComponents &
  ReputationAdminComponents &
  OwnerAdminComponents &
  PublicAdminComponents

/** Where a region is, and how to know it there. */
export interface RegionAddresses {
  mqttUrl: string
  httpUrl: string
  /** SHA-256 of the public key of its TLS authority, where it is one of its own. */
  caKeySha256?: Uint8Array | undefined
}

export interface AdminInit {
  name: RegionName
  id: RegionId
  thumbprint: Uint8Array
  openData: boolean
  /** Known once both servers listen, which is before anybody can ask. */
  addresses(): RegionAddresses
}

const CLAIM_SECRET_BYTES = 16
const RECENT_LEASES = 20
const RECENT_EXCLUSIONS = 5
const JOBS_LISTED_MAX = 1_000
const FUND_MICRO_MAX = 10n ** 18n

export function createAdmin(components: AdminComponents, init: AdminInit): RegionApi {
  const { region, desk, store, blobs, directory, clock, random } = components
  const startedMs = clock.monotonicMs()
  const owners = createOwnerAdmin(components)

  const member = (id: string): Member => {
    const found = region.fleet.member(deviceId(id))
    if (!found)
      throw new ApiError('not_found', `There is no device ${id} in this region. \`hedgerow device list\` shows them.`)
    return found
  }

  const rowOf = (id: JobId): JobRow | null => region.jobs.active(id)?.row ?? store.job(id)

  const jobRow = (text: string): JobRow => {
    const id = jobId(text)
    const row = rowOf(id)
    if (!row) throw new ApiError('not_found', `There is no job ${id} in this region. \`hedgerow job list\` shows them.`)
    return row
  }

  const viewJob = (row: JobRow) => apiJob(row, region.jobs.active(row.id), clock.monotonicMs(), blobs)

  const view = (found: Member): Device => viewDevice(region, desk, found)

  const viewSubmitter = (name: string): Submitter => {
    const row = directory.get(submitterName(name))
    if (!row)
      throw new ApiError('not_found', `There is no submitter ${name}. Add it with \`hedgerow submitter add ${name}\`.`)
    return {
      name: row.name,
      createdAtMs: row.createdAtMs,
      balanceMicro: `${region.ledger.balanceMicro(submitterAccount(row.name))}`,
    }
  }

  const fund = (name: string, amountMicro: bigint) => {
    if (amountMicro < 0n || amountMicro > FUND_MICRO_MAX)
      throw new ApiError('bad_request', `amountMicro must be 0 to ${FUND_MICRO_MAX}.`)
    const credit = submitterAccount(submitterName(name))
    region.step((now, batch) => {
      // Issuing credits is the operator's own decision each time, so every issue is a purpose of its own.
      const purpose = `fund/${name}/${toHex(random.bytes(8))}`
      region.ledger.transfer({ kind: 'fund', debit: TREASURY, credit, amountMicro, purpose }, now.wallMs, batch)
    })
  }

  const viewRegion = async () => {
    const members = [...region.fleet.all()]
    const { mqttUrl, httpUrl } = init.addresses()
    return {
      name: init.name,
      id: init.id,
      mqttUrl,
      httpUrl,
      devicesJoined: members.filter(({ row }) => row.standing === 'joined').length,
      devicesOnline: members.filter(({ presence }) => presence).length,
      maintenance: desk.maintenance,
      jobsRunning: [...region.jobs.allActive()].length,
      openData: init.openData,
      uptimeMs: Math.round(clock.monotonicMs() - startedMs),
    }
  }

  return {
    ...createSchedulingAdmin(components, { member, job: jobRow, viewDevice: view, viewRegion }),
    ...createSensingAdmin(components),
    ...createWitnessAdmin(components),
    ...createPayoutAdmin(components),
    ...createDisputeAdmin(components),
    ...createPriceAdmin(components),
    ...createReputationAdmin(components, init),
    ...owners,
    ...createPublicAdmin(components),
    region: viewRegion,
    claimNew: async ({ owner, lifetimeMs, by }) => {
      if (!(lifetimeMs > 0 && lifetimeMs <= LIMITS.claimLifetimeMsMax)) {
        throw new ApiError('bad_request', `lifetimeMs must be 1 to ${LIMITS.claimLifetimeMsMax} (30 days).`)
      }
      if (by !== undefined) owners.countClaim(by)
      const secret = random.bytes(CLAIM_SECRET_BYTES)
      const row = {
        id: toHex(claimId(secret)),
        key: claimKey(secret),
        owner: ownerName(owner),
        expiresAtMs: Math.round(clock.wallMs() + lifetimeMs),
        usedBy: null,
      }
      region.step((_now, batch) => region.fleet.addClaim(row, batch))
      await region.committed()
      const { mqttUrl, caKeySha256 } = init.addresses()
      const code = encodeClaimCode({
        mqttUrl,
        region: init.name,
        regionKeyThumbprint: init.thumbprint,
        secret,
        ...(caKeySha256 === undefined ? {} : { caKeySha256 }),
      })
      return { id: row.id, code, expiresAtMs: row.expiresAtMs }
    },
    deviceList: async ({ owner } = {}) => {
      const members = [...region.fleet.all()]
      return (owner === undefined ? members : members.filter(({ row }) => row.owner === owner)).map(view)
    },
    device: async id => view(member(id)),
    deviceExplain: async id => {
      const found = member(id)
      const recent = store.leasesOfDevice(found.row.id, RECENT_LEASES)
      const explained = explainDevice(
        desk,
        found,
        [...region.jobs.allActive()],
        recent,
        store.exclusions({ device: found.row.id, limit: RECENT_EXCLUSIONS }),
        store.passedOver(deviceScope(found.row.id)),
        clock,
      )
      const { id: device } = found.row
      const checked = explainCheck(components.pricing, device)
      const more = [...checked, ...components.conduct.reasonsOf(device), ...explainSensors(region.sensing, device)]
      return { ...explained, reasons: [...explained.reasons, ...more] }
    },
    deviceRevoke: async (id, reason) => {
      const found = member(id)
      region.step((now, batch) => {
        region.fleet.demote(found, 'revoked', reason, now.wallMs, batch)
        region.jobs.withdraw(found, now, batch)
        region.sensing.reconsider(now, batch)
      })
      await region.committed()
      return view(found)
    },
    deviceReinstate: async id => {
      const found = member(id)
      if (found.row.standing === 'joined') throw new ApiError('conflict', `Device ${id} is in good standing already.`)
      region.step((now, batch) => {
        region.fleet.reinstate(found, now.wallMs, batch)
        region.jobs.wake(now, batch)
        region.sensing.reconsider(now, batch)
      })
      await region.committed()
      return view(found)
    },
    submitterAdd: async ({ name, fundMicro }) => {
      const checked = submitterName(name)
      if (checked === DEVICE_USER_NAME)
        throw new ApiError('conflict', `The name ${name} is what devices connect with: choose another.`)
      const token = region.step((now, batch) => directory.add(checked, now.wallMs, batch))
      if (token === null) throw new ApiError('conflict', `There is a submitter ${name} already.`)
      if (fundMicro !== undefined) fund(name, amountOf(fundMicro, 'fundMicro'))
      await region.committed()
      return { name, token }
    },
    submitterList: async () => [...directory.all()].map(row => viewSubmitter(row.name)),
    fund: async (name, amountMicro) => {
      viewSubmitter(name)
      fund(name, amountOf(amountMicro, 'amountMicro'))
      await region.committed()
      return viewSubmitter(name)
    },
    jobSubmit: async (submitter, specification) => {
      const { name } = viewSubmitter(submitter)
      try {
        return viewJob(await components.submitters.submit(submitterName(name), specification, ''))
      } catch (error) {
        if (error instanceof SubmissionRefused)
          throw new ApiError(error.code === 'busy' ? 'too_busy' : 'conflict', error.message, { cause: error })
        throw error
      }
    },
    jobList: async ({ submitter }) => {
      const filter = submitter === undefined ? {} : { submitter: submitterName(submitter) }
      const rows = store.jobs({ ...filter, limit: JOBS_LISTED_MAX })
      return rows.map(row => viewJob(region.jobs.active(row.id)?.row ?? row))
    },
    job: async id => {
      const row = jobRow(id)
      return { ...viewJob(row), ...doubtTexts(doubtfulUnits(store, desk.fleet, row)) }
    },
    jobExplain: async id => {
      const row = jobRow(id)
      const passedOver = store.exclusions({ job: row.id })
      return explainJob(
        desk,
        row,
        region.jobs.active(row.id),
        passedOver,
        { job: store.passedOver(jobScope(row.id)), secondLook: store.passedOver(secondLookScope(row.id)) },
        doubtfulUnits(store, desk.fleet, row),
        clock.monotonicMs(),
      )
    },
    jobDoubts: async id => {
      const row = jobRow(id)
      return viewDoubts(row.id, doubtfulUnits(store, desk.fleet, row))
    },
    jobCancel: async (id, by = 'operator') => {
      const row = jobRow(id)
      if (!components.submitters.cancel(row, by))
        throw new ApiError('conflict', `The job ${id} is ${row.state} and cannot be cancelled.`)
      await region.committed()
      return viewJob(jobRow(id))
    },
    paymentExplain: async id => {
      const transfer = store.transfer(id)
      if (!transfer) throw new ApiError('not_found', `There is no transfer ${id} in this ledger.`)
      return explainPayment(transfer, paidRun(transfer, store, rowOf))
    },
    ledgerBalance: async account => {
      const rows = store.accounts().filter(row => account === undefined || row.id === account)
      if (account !== undefined && rows.length === 0)
        throw new ApiError('not_found', `There is no account ${account} in this ledger.`)
      const accounts = rows.map(row => ({
        id: row.id,
        debitsMicro: `${row.debitsMicro}`,
        creditsMicro: `${row.creditsMicro}`,
        balanceMicro: `${row.creditsMicro - row.debitsMicro}`,
      }))
      return { accounts, transfers: region.ledger.transferCount }
    },
    metrics: async () => ({
      ...components.counters.snapshot(),
      devices_online: [...region.fleet.all()].filter(({ presence }) => presence).length,
      jobs_running: [...region.jobs.allActive()].length,
      connections: components.connections(),
      transfers_total: region.ledger.transferCount,
      resident_bytes: process.memoryUsage.rss(),
    }),
  }
}

function amountOf(text: string, field: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new ApiError('bad_request', `${field} must be a decimal string of micro-credits.`)
  return BigInt(text)
}
