import type { Job } from '../../coordinator/http/admin-api.ts'
import { jobs, useLiveList } from '../api/live-list.ts'
import { role } from '../api/session.ts'
import { linkTo, query } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Empty } from '../ui/empty.tsx'
import { FilterChips, FilterSelect, SearchField } from '../ui/filters.tsx'
import { count, counted, creditsOnly, creditsRoughly } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Progress } from '../ui/progress.tsx'
import { matches } from '../ui/sorting.ts'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import { isBrokenOff, isOver, JOB_STATE_WORDS, JOB_STATES, jobNameOf, paceInWords } from './jobs-state.ts'

/** Every job one may see, the newest first, with its progress as it happens. */
export function JobList() {
  const { rows, problem } = useLiveList(jobs)
  const all = [...(rows?.values() ?? [])]
  const isOperator = role.value === 'operator'
  const running = all.filter(job => !isOver(job)).length
  return (
    <Page
      title={isOperator ? 'Jobs' : 'My jobs'}
      lead={all.length === 0 ? undefined : `${counted(all.length, 'job')}, ${running} under way.`}
      actions={<TryTask />}
    >
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {rows === null ? null : all.length === 0 ? <NoJobs /> : <Found all={all} isOperator={isOperator} />}
    </Page>
  )
}

function TryTask() {
  return (
    <a class="link-button" href={linkTo('submit')}>
      Try a task
    </a>
  )
}

function NoJobs() {
  return (
    <Empty icon="job" title="No job has been submitted yet.">
      <p>
        A job is a task, its input and a budget. The devices of the region work on it, and what they answer is checked.
      </p>
      <TryTask />
    </Empty>
  )
}

function Found({ all, isOperator }: { all: readonly Job[]; isOperator: boolean }) {
  const chosen = query.value
  const [typed, submitter, state] = [chosen.get('q') ?? '', chosen.get('submitter') ?? '', chosen.get('state') ?? '']
  const searched = all.filter(
    job =>
      (submitter === '' || job.submitter === submitter) &&
      matches(typed, [job.name, job.id, job.submitter, job.reason]),
  )
  const states = JOB_STATES.map(value => ({
    value,
    label: JOB_STATE_WORDS[value].title,
    rows: searched.filter(job => job.state === value).length,
  }))
  const shown = state === '' ? searched : searched.filter(job => job.state === state)
  return (
    <>
      <div class="toolbar">
        <SearchField name="q" label="Search name, id or reason" />
        {isOperator ? (
          <FilterSelect
            name="submitter"
            label="Submitter"
            all="All submitters"
            values={[...new Set(all.map(job => job.submitter))].sort()}
          />
        ) : null}
        <FilterChips
          name="state"
          label="State"
          choices={[{ value: '', label: 'All', rows: searched.length }, ...states]}
        />
      </div>
      {shown.length === 0 ? (
        <Empty icon="search" title="Nothing matches.">
          <a href={linkTo('jobs')}>Show all jobs</a>
        </Empty>
      ) : (
        <Table
          caption="jobs"
          rows={shown}
          columns={isOperator ? COLUMNS : COLUMNS.filter(({ id }) => id !== 'submitter')}
          keyOf={({ id }) => id}
          sort={{ column: 'submitted', descending: true }}
        />
      )}
    </>
  )
}

const COLUMNS: readonly Column<Job>[] = [
  {
    id: 'name',
    title: 'Job',
    isName: true,
    sortBy: jobNameOf,
    cell: job => <a href={linkTo('jobs', job.id)}>{jobNameOf(job)}</a>,
  },
  { id: 'submitter', title: 'Submitter', sortBy: ({ submitter }) => submitter, cell: ({ submitter }) => submitter },
  {
    id: 'state',
    title: 'State',
    sortBy: ({ state }) => JOB_STATES.indexOf(state),
    cell: ({ state }) => <Badge tone={JOB_STATE_WORDS[state].tone}>{JOB_STATE_WORDS[state].title}</Badge>,
  },
  { id: 'progress', title: 'Progress', cell: job => <JobProgress job={job} /> },
  {
    id: 'spent',
    title: 'Spent, cr',
    numeric: true,
    sortBy: ({ spentMicro }) => BigInt(spentMicro),
    cell: ({ spentMicro, budgetMicro }) => (
      <span title={`${creditsOnly(spentMicro)} of ${creditsOnly(budgetMicro)} cr`}>
        {creditsRoughly(spentMicro)}
        <span class="cell-note">of {creditsRoughly(budgetMicro)}</span>
      </span>
    ),
  },
  {
    id: 'submitted',
    title: 'Submitted',
    sortBy: ({ createdAtMs }) => createdAtMs,
    cell: ({ createdAtMs }) => <Ago at={createdAtMs} />,
  },
]

/** How far a job is: a bar, and below it the same in numbers. */
export function JobProgress({ job }: { job: Job }) {
  const { state, units, unitsVerified } = job
  if (isBrokenOff(job)) {
    return (
      <span class="cell-note">
        {counted(units, 'unit')} · {paceInWords(job)}
      </span>
    )
  }
  const tone = state === 'done' ? 'good' : 'busy'
  return (
    <div class="job-progress">
      <Progress label={`Units of ${jobNameOf(job)} that are verified`} value={unitsVerified} max={units} tone={tone} />
      <span class="cell-note">
        {count(unitsVerified)} of {counted(units, 'unit')}
        {paceInWords(job) === '' ? null : ` · ${paceInWords(job)}`}
      </span>
    </div>
  )
}
