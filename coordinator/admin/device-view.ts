import type { DeviceId } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Device } from '../http/admin-api.ts'
import type { Desk } from '../jobs/job.ts'
import { availableAccount, holdbackAccount } from '../ledger/ledger.ts'
import type { Region } from '../region.ts'

/** How people see a device. */
export function viewDevice(region: Pick<Region, 'ledger' | 'fleet'>, desk: Pick<Desk, 'loads'>, found: Member): Device {
  const { row, presence } = found
  const balance = (account: (id: DeviceId) => string) => region.ledger.balanceMicro(account(row.id))
  const holdbackMicro = balance(holdbackAccount)
  const availableMicro = balance(availableAccount)
  return {
    id: row.id,
    label: row.label,
    owner: row.owner,
    standing: row.standing,
    standingReason: row.standingReason,
    drainReason: row.drainReason,
    online: presence !== null,
    slots: presence?.slots ?? 0,
    creditLeases: presence?.creditLeases ?? 0,
    leasesOut: desk.loads.of(row.id).leases.size,
    checksPassed: row.checksPassed,
    credibility: region.fleet.credibility(found),
    unitsAccepted: row.unitsAccepted,
    unitsRejected: row.unitsRejected,
    leasesExpired: row.leasesExpired,
    earnedMicro: `${holdbackMicro + availableMicro}`,
    holdbackMicro: `${holdbackMicro}`,
    availableMicro: `${availableMicro}`,
    lastReason: presence?.reason ?? '',
  }
}
