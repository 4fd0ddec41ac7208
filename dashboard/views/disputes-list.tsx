import type { Job } from '../../coordinator/http/admin-api.ts'
import type { Dispute } from '../../coordinator/http/dispute-api.ts'
import { jobs, useLiveList } from '../api/live-list.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { linkTo, query } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Empty } from '../ui/empty.tsx'
import { FilterChips } from '../ui/filters.tsx'
import { counted, credits } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import { DISPUTE_STATE_WORDS, DISPUTE_STATES, disputedBy, howFar, subjectOf } from './disputes-state.ts'
import { jobNameOf } from './jobs-state.ts'

const REFRESH_MS = 5_000

/** Every dispute one may see, the newest first. */
export function DisputeList() {
  const { value, problem } = useResource<Dispute[]>('/api/disputes', { everyMs: REFRESH_MS })
  const { rows: jobRows } = useLiveList(jobs)
  const all = value ?? []
  const open = all.filter(({ state }) => state === 'open').length
  return (
    <Page
      title={role.value === 'operator' ? 'Disputes' : 'My disputes'}
      lead={all.length === 0 ? undefined : `${counted(all.length, 'dispute')}, ${open} open.`}
    >
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {value === null ? null : all.length === 0 ? <NoDisputes /> : <Found all={all} jobRows={jobRows ?? new Map()} />}
    </Page>
  )
}

function NoDisputes() {
  return (
    <Empty icon="dispute" title="Nothing is disputed.">
      <p>
        Whoever paid for a result that is wrong can dispute it: a finished job’s page has a button. Devices of other
        owners then do it again.
      </p>
    </Empty>
  )
}

/** What people call the job of a dispute. */
export function jobNameIn(jobRows: ReadonlyMap<string, Job>, { job }: Pick<Dispute, 'job'>): string {
  const known = job === null ? undefined : jobRows.get(job)
  return known === undefined ? `job ${job}` : jobNameOf(known)
}

function Found({ all, jobRows }: { all: readonly Dispute[]; jobRows: ReadonlyMap<string, Job> }) {
  const state = query.value.get('state') ?? ''
  const states = DISPUTE_STATES.map(value => ({
    value,
    label: DISPUTE_STATE_WORDS[value].title,
    rows: all.filter(dispute => dispute.state === value).length,
  }))
  return (
    <>
      <div class="toolbar">
        <FilterChips name="state" label="State" choices={[{ value: '', label: 'All', rows: all.length }, ...states]} />
      </div>
      <Table
        caption="disputes"
        rows={state === '' ? all : all.filter(dispute => dispute.state === state)}
        columns={columnsOf(jobRows)}
        keyOf={({ id }) => id}
      />
    </>
  )
}

function columnsOf(jobRows: ReadonlyMap<string, Job>): readonly Column<Dispute>[] {
  return [
    {
      id: 'about',
      title: 'About',
      isName: true,
      cell: dispute => (
        <>
          <a href={linkTo('disputes', dispute.id)}>{subjectOf(dispute, jobNameIn(jobRows, dispute))}</a>
          {dispute.reason === '' ? null : <span class="cell-note">{dispute.reason}</span>}
        </>
      ),
    },
    {
      id: 'state',
      title: 'State',
      sortBy: ({ state }) => DISPUTE_STATES.indexOf(state),
      cell: dispute => (
        <div class="cell-state">
          <Badge tone={DISPUTE_STATE_WORDS[dispute.state].tone}>{DISPUTE_STATE_WORDS[dispute.state].title}</Badge>
          <span class="cell-says">
            <span class="cell-note">{howFar(dispute)}</span>
          </span>
        </div>
      ),
    },
    { id: 'by', title: 'By', sortBy: disputedBy, cell: dispute => disputedBy(dispute) },
    {
      id: 'deposit',
      title: 'Deposit',
      numeric: true,
      sortBy: ({ depositMicro }) => BigInt(depositMicro),
      cell: ({ depositMicro }) => credits(depositMicro),
    },
    {
      id: 'opened',
      title: 'Opened',
      sortBy: ({ openedAtMs }) => openedAtMs,
      cell: ({ openedAtMs }) => <Ago at={openedAtMs} />,
    },
  ]
}
