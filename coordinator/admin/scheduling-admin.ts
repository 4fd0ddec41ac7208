/** Who gets work and why, for operators and submitters; draining and maintenance. */
import type { DeviceId } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import { ApiError, type Device, type Region as RegionView } from '../http/admin-api.ts'
import type { PassTally, SchedulingAdminApi } from '../http/scheduling-api.ts'
import type { Desk } from '../jobs/job.ts'
import type { Region } from '../region.ts'
import { explainPlacement, jobScope, secondLookScope } from '../scheduling/index.ts'
import type { JobRow, PassedOverRow, Store } from '../store/rows.ts'

export interface SchedulingAdminComponents {
  region: Region
  desk: Desk
  store: Pick<Store, 'leasesOfJob' | 'exclusions' | 'passedOver'>
}

/** How the administration shows what these change. */
export interface SchedulingViews {
  member(id: string): Member
  job(id: string): JobRow
  viewDevice(member: Member): Device
  viewRegion(): Promise<RegionView>
}

const LEASES_SHOWN = 200
/** How a reason begins that an owner gave. What the operator says otherwise, an owner cannot take back. */
const OWNER_SAYS = 'its owner: '

const isOperators = ({ row }: Member): boolean => row.drainReason !== null && !row.drainReason.startsWith(OWNER_SAYS)

export function createSchedulingAdmin(
  { region, desk, store }: SchedulingAdminComponents,
  views: SchedulingViews,
): SchedulingAdminApi {
  const ownerOf = (device: DeviceId): string => region.fleet.member(device)?.row.owner ?? ''

  const drain = async (found: Member, reason: string | null): Promise<Device> => {
    region.step((now, batch) => {
      region.fleet.drain(found, reason)
      region.jobs.wake(now, batch)
    })
    await region.committed()
    return views.viewDevice(found)
  }

  const maintain = async (reason: string | null): Promise<RegionView> => {
    region.step((now, batch) => {
      desk.maintenance = reason
      batch.write({ table: 'meta', key: 'maintenance', value: reason ?? '' })
      region.jobs.wake(now, batch)
    })
    await region.committed()
    return views.viewRegion()
  }

  return {
    jobPlacements: async id => {
      const { id: job } = views.job(id)
      const leases = store.leasesOfJob(job, LEASES_SHOWN).map(lease => ({
        id: lease.id,
        device: lease.device,
        owner: ownerOf(lease.device),
        firstUnit: lease.firstUnit,
        units: lease.unitCount,
        state: lease.state,
        speculative: lease.speculative,
        issuedAtMs: lease.issuedAtMs,
        why: explainPlacement(lease.placement) ?? '',
      }))
      const exclusions = store
        .exclusions({ job })
        .map(({ device, reason, atMs }) => ({ device, owner: ownerOf(device), reason, atMs }))
      const passes = [...store.passedOver(jobScope(job)), ...store.passedOver(secondLookScope(job))].map(viewPass)
      return { job, leases, exclusions, passes }
    },
    deviceDrain: async (id, reason, owner) => {
      const found = views.member(id)
      if (owner === undefined) return drain(found, reason)
      if (isOperators(found)) throw operatorsMatter(id)
      return drain(found, `${OWNER_SAYS}${reason}`)
    },
    deviceUndrain: async (id, owner) => {
      const found = views.member(id)
      if (found.row.drainReason === null) throw new ApiError('conflict', `Device ${id} is not being drained.`)
      if (owner !== undefined && isOperators(found)) throw operatorsMatter(id)
      return drain(found, null)
    },
    maintenanceBegin: reason => maintain(reason),
    maintenanceEnd: async () => {
      if (desk.maintenance === null) throw new ApiError('conflict', 'No maintenance is under way.')
      return maintain(null)
    },
  }
}

function viewPass({ scope, kind, reason, times, firstAtMs, lastAtMs }: PassedOverRow): PassTally {
  return { kind, reason, times, firstAtMs, lastAtMs, secondLook: scope.startsWith('second-look/') }
}

function operatorsMatter(id: string): ApiError {
  return new ApiError('conflict', `The operator drains device ${id}: only the operator can change that.`)
}
