import type { PlacedLease } from '../../coordinator/http/scheduling-api.ts'
import { devices } from '../api/live-list.ts'
import { role } from '../api/session.ts'
import { linkTo } from '../router.ts'
import { Badge, type Tone } from '../ui/badge.tsx'
import { count } from '../ui/format.ts'
import type { Column } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'

/** A device of a job's by the name its owner gave it, for those who may know that; else by the begin of its id. */
export function DeviceName({ device, owner }: Pick<PlacedLease, 'device' | 'owner'>) {
  const known = devices.rows.value?.get(device)
  const name = known === undefined || known.label === '' ? `${device.slice(0, 8)}…` : known.label
  return (
    <>
      {role.value === 'operator' ? (
        <a class="nowrap" href={linkTo('devices', device)}>
          {name}
        </a>
      ) : (
        <span class="mono nowrap">{name}</span>
      )}
      <span class="cell-note">of {owner}</span>
    </>
  )
}

/** A lease and whose it is. */
export interface JobLease extends PlacedLease {
  readonly job: string
}

const TONES: Readonly<Record<PlacedLease['state'], Tone>> = {
  out: 'busy',
  returned: 'busy',
  accepted: 'good',
  rejected: 'bad',
  failed: 'bad',
  expired: 'warn',
  cancelled: 'quiet',
}

/** What is worth knowing of a lease. */
export const LEASE_COLUMNS: readonly Column<JobLease>[] = [
  {
    id: 'units',
    title: 'Units',
    isName: true,
    sortBy: ({ firstUnit }) => firstUnit,
    cell: ({ firstUnit, units }) => (
      <span class="nowrap">
        {units === 1 ? count(firstUnit) : `${count(firstUnit)}–${count(firstUnit + units - 1)}`}
      </span>
    ),
  },
  {
    id: 'device',
    title: 'Device',
    sortBy: ({ device }) => device,
    cell: ({ device, owner }) => <DeviceName device={device} owner={owner} />,
  },
  {
    id: 'state',
    title: 'State',
    sortBy: ({ state }) => state,
    cell: ({ state, speculative }) => (
      <>
        <Badge tone={TONES[state]}>{state}</Badge>
        {speculative ? <span class="cell-note">a copy of a late one</span> : null}
      </>
    ),
  },
  {
    id: 'issued',
    title: 'Given',
    sortBy: ({ issuedAtMs }) => issuedAtMs,
    cell: ({ issuedAtMs }) => (
      <span class="nowrap">
        <Ago at={issuedAtMs} />
      </span>
    ),
  },
  { id: 'why', title: 'Why this device', cell: ({ why }) => <span class="cell-why">{why === '' ? '–' : why}</span> },
]

/** The job of a lease, by the names of those that are known. */
export function leaseJobColumn(names: ReadonlyMap<string, string>): Column<JobLease> {
  return {
    id: 'job',
    title: 'Job',
    cell: ({ job }) => (
      <a class="cell-job" href={linkTo('jobs', job)}>
        {names.get(job) ?? job}
      </a>
    ),
  }
}
