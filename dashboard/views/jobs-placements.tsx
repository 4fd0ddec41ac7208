import type { Job } from '../../coordinator/http/admin-api.ts'
import type { Exclusion, PassTally, Placements } from '../../coordinator/http/scheduling-api.ts'
import { useResource } from '../api/resource.ts'
import { useWhenChanged } from '../api/when-changed.ts'
import { Card } from '../ui/card.tsx'
import { counted } from '../ui/format.ts'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import { DeviceName, type JobLease, LEASE_COLUMNS } from './jobs-leases.tsx'

/** Which devices got parts of a job, which did not, and why. */
export function JobPlacements({ job }: { job: Job }) {
  const { value, refresh } = useResource<Placements>(`/api/jobs/${encodeURIComponent(job.id)}/placements`)
  useWhenChanged(job, refresh)
  if (value === null || value.leases.length + value.exclusions.length + value.passes.length === 0) return null
  const leases = value.leases.map((lease): JobLease => ({ ...lease, job: job.id }))
  return (
    <Card title="Who works on it" aside={leases.length === 0 ? null : `the newest ${counted(leases.length, 'lease')}`}>
      {leases.length === 0 ? null : (
        <Table caption="leases" rows={leases} columns={LEASE_COLUMNS} keyOf={({ id }) => id} pageRows={10} />
      )}
      {value.exclusions.length === 0 ? null : (
        <details class="passed-over">
          <summary>{counted(value.exclusions.length, 'device')} passed over</summary>
          <Table
            caption="devices passed over"
            rows={value.exclusions}
            columns={EXCLUSION_COLUMNS}
            keyOf={({ device }) => device}
            pageRows={10}
          />
        </details>
      )}
      {value.passes.length === 0 ? null : (
        <details class="passed-over">
          <summary>{counted(value.passes.length, 'reason')} for passing over devices</summary>
          <Table
            caption="reasons, and how often there was each"
            rows={value.passes}
            columns={PASS_COLUMNS}
            keyOf={({ kind, secondLook }) => `${kind} ${secondLook}`}
            pageRows={10}
          />
        </details>
      )}
    </Card>
  )
}

const EXCLUSION_COLUMNS: readonly Column<Exclusion>[] = [
  {
    id: 'device',
    title: 'Device',
    isName: true,
    cell: ({ device, owner }) => <DeviceName device={device} owner={owner} />,
  },
  { id: 'reason', title: 'Reason', cell: ({ reason }) => <span class="cell-why">{reason}</span> },
  { id: 'at', title: 'When', cell: ({ atMs }) => <Ago at={atMs} /> },
]

const PASS_COLUMNS: readonly Column<PassTally>[] = [
  { id: 'reason', title: 'Reason', isName: true, cell: ({ reason }) => <span class="cell-why">{reason}</span> },
  { id: 'times', title: 'Times', cell: ({ times }) => counted(times, 'time') },
  { id: 'last', title: 'Last', cell: ({ lastAtMs }) => <Ago at={lastAtMs} /> },
]
