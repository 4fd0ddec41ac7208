import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { PlacedLease, Placements } from '../../coordinator/http/scheduling-api.ts'
import { askJson } from '../api/client.ts'
import { jobs, useLiveList } from '../api/live-list.ts'
import { Card } from '../ui/card.tsx'
import { Table } from '../ui/table.tsx'
import { type JobLease, LEASE_COLUMNS, leaseJobColumn } from './jobs-leases.tsx'

/** How many of the newest jobs are looked through. */
const JOBS_MAX = 5

/** The leases a device had lately, of the newest jobs of the region. Only the operator can see those of all. */
export function DeviceLeases({ device }: { device: string }) {
  const { rows } = useLiveList(jobs)
  const newest = [...(rows?.values() ?? [])].sort((a, b) => b.createdAtMs - a.createdAtMs).slice(0, JOBS_MAX)
  const leases = useSignal<readonly JobLease[]>([])
  const key = newest.map(({ id, leases }) => `${id} ${leases}`).join()
  useEffect(() => {
    const abort = new AbortController()
    const ids = newest.map(({ id }) => id)
    const of = (id: string) => askJson<Placements>(`/api/jobs/${id}/placements`, { signal: abort.signal })
    Promise.all(ids.map(of)).then(
      found => {
        leases.value = found.flatMap(({ job, leases }) => leases.filter(own(device)).map(lease => ({ ...lease, job })))
      },
      () => {
        // What was known stays shown; the list of jobs says when the coordinator does not answer.
      },
    )
    return () => abort.abort()
  }, [key, device])
  if (leases.value.length === 0) return null
  const names = new Map(newest.map(({ id, name }) => [id, name === '' ? id : name]))
  return (
    <Card title="Its newest leases">
      <Table
        caption="leases"
        rows={leases.value}
        columns={[leaseJobColumn(names), ...LEASE_COLUMNS.filter(({ id }) => id !== 'device')]}
        keyOf={({ id }) => id}
        pageRows={10}
      />
    </Card>
  )
}

const own = (device: string) => (lease: PlacedLease) => lease.device === device
