import type { Device, Region } from '../../coordinator/http/admin-api.ts'
import type { PublicTotals } from '../../coordinator/http/live-api.ts'
import { role } from '../api/session.ts'
import { linkTo, linkWith } from '../router.ts'
import { Card } from '../ui/card.tsx'
import { type Segment, Segments } from '../ui/segments.tsx'
import { DEVICE_STATE_WORDS, type DeviceState, stateOf } from './devices-state.ts'

/** From what is well to what is not. */
const SHOWN: readonly DeviceState[] = ['working', 'ready', 'paused', 'draining', 'offline', 'caught', 'revoked']

interface FleetProps {
  region: Region
  totals: PublicTotals | null
  /** Null where whoever looks may not see them. */
  devices: readonly Device[] | null
}

/** The devices of a region, or an owner's own, by how they are. */
export function FleetCard({ region, totals, devices }: FleetProps) {
  const isOwn = role.value === 'owner'
  return (
    <Card
      title={isOwn ? 'My devices' : 'Devices'}
      aside={devices === null ? null : <a href={linkTo('devices')}>All of them</a>}
    >
      <Segments segments={devices === null ? publicSegments(region, totals) : ownSegments(devices)} />
    </Card>
  )
}

function ownSegments(devices: readonly Device[]): Segment[] {
  return SHOWN.map(state => {
    const { title, tone } = DEVICE_STATE_WORDS[state]
    const value = devices.filter(device => stateOf(device) === state).length
    return { label: title, tone, value, ...(value === 0 ? {} : { href: linkWith(['devices'], { state }) }) }
  }).filter(({ label, value }) => value > 0 || label === 'Working' || label === 'Ready' || label === 'Offline')
}

function publicSegments({ devicesOnline, devicesJoined }: Region, totals: PublicTotals | null): Segment[] {
  return [
    { label: 'Online', tone: 'good', value: devicesOnline },
    { label: 'Offline', tone: 'warn', value: Math.max(0, devicesJoined - devicesOnline) },
    { label: 'Caught', tone: 'bad', value: totals?.devices.caught ?? 0 },
    { label: 'Revoked', tone: 'quiet', value: totals?.devices.revoked ?? 0 },
  ]
}
