import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Explanation, Job } from '../../coordinator/http/admin-api.ts'
import { ask } from '../api/client.ts'
import { jobs, useLiveList } from '../api/live-list.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { useWhenChanged } from '../api/when-changed.ts'
import { saveFile } from '../platform.ts'
import { linkTo, linkWith } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Empty } from '../ui/empty.tsx'
import { ExplanationText, Facts } from '../ui/explanation.tsx'
import { count, counted, credits, creditsRoughly, duration, fuel, percent, rate } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Progress } from '../ui/progress.tsx'
import { Sparkline } from '../ui/sparkline.tsx'
import { Stat, Stats } from '../ui/stat.tsx'
import { Ago } from '../ui/time.tsx'
import { JobActions } from './jobs-actions.tsx'
import { JobPlacements } from './jobs-placements.tsx'
import { JobResultCard } from './jobs-result.tsx'
import { isBrokenOff, isOver, JOB_STATE_WORDS, jobNameOf, paceInWords } from './jobs-state.ts'

const RATES_MAX = 120

/** One job as it goes: how far, how fast, what it costs, why it waits, who works on it, and its result. */
export function JobPage({ id }: { id: string }) {
  const { rows, problem } = useLiveList(jobs)
  const job = rows?.get(id)
  const back = { href: linkTo('jobs'), title: 'All jobs' }
  if (job === undefined) {
    return (
      <Page title="Job" back={back}>
        {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
        {rows === null ? null : (
          <Empty icon="job" title="There is no such job here.">
            <span class="mono">{id}</span>
          </Empty>
        )}
      </Page>
    )
  }
  const { title, tone } = JOB_STATE_WORDS[job.state]
  return (
    <Page
      title={jobNameOf(job)}
      back={back}
      badge={<Badge tone={tone}>{title}</Badge>}
      lead={<Identity job={job} />}
      actions={<JobActions job={job} />}
    >
      <HowFar job={job} />
      <JobResultCard job={job} />
      <div class="grid-2">
        <Reasons job={job} />
        <Bill job={job} />
      </div>
      <JobPlacements job={job} />
    </Page>
  )
}

function Identity({ job: { id, submitter, createdAtMs } }: { job: Job }) {
  return (
    <span class="identity">
      <span>
        {role.value === 'operator' ? (
          <>
            of <a href={linkWith(['jobs'], { submitter })}>{submitter}</a>,{' '}
          </>
        ) : null}
        submitted <Ago at={createdAtMs} />
      </span>
      <span class="mono">{id}</span>
      <CopyButton text={id} label="id" />
    </span>
  )
}

function HowFar({ job }: { job: Job }) {
  const { ratePerSecond, etaMs, spentMicro, budgetMicro, devices = 0 } = job
  const rates = useRates(job)
  const isDone = isOver(job)
  return (
    <>
      <HowMuch job={job} />
      <Stats>
        {isDone ? (
          <Stat
            label="Took"
            value={job.finishedAtMs === null ? '–' : duration(job.finishedAtMs - job.createdAtMs)}
            note={`${counted(job.leases, 'lease')}`}
          />
        ) : (
          <>
            <Stat label="Rate" value={rate(ratePerSecond)} note={`${counted(devices, 'device')} at work`}>
              <Sparkline values={rates} label="Units a second since this page was opened" />
            </Stat>
            <Stat label="Time left" value={etaMs === null ? '–' : duration(etaMs)} note="at the present rate" />
          </>
        )}
        <Stat
          label="Cost"
          value={creditsRoughly(spentMicro)}
          unit="cr"
          note={`of a budget of ${creditsRoughly(budgetMicro)} cr`}
        >
          <Progress
            label="Part of the budget that is spent"
            value={Number(BigInt(spentMicro))}
            max={Number(BigInt(budgetMicro))}
            tone="warn"
          />
        </Stat>
        <Stat
          label="Burned"
          value={fuel(job.fuel).split(' ')[0]}
          unit={fuel(job.fuel).split(' ')[1] ?? ''}
          note="by verified units"
        />
      </Stats>
    </>
  )
}

/** How many of the units are verified; of a job that was broken off only why. */
function HowMuch({ job }: { job: Job }) {
  const { units, unitsVerified, unitsDone, failedUnits } = job
  if (isBrokenOff(job)) {
    return (
      <section class="card job-bar" aria-label="Progress">
        <div class="job-bar-head">
          <strong>{JOB_STATE_WORDS[job.state].title}</strong>
          <span>{counted(units, 'unit')}. What was verified before is paid.</span>
          <span class="job-bar-pace">{paceInWords(job)}</span>
        </div>
      </section>
    )
  }
  const part = units === 0 ? 0 : unitsVerified / units
  return (
    <section class="card job-bar" aria-label="Progress">
      <div class="job-bar-head">
        <strong>{percent(part)}</strong>
        <span>
          {count(unitsVerified)} of {counted(units, 'unit')} verified
          {!isOver(job) && unitsDone > unitsVerified ? `, ${count(unitsDone - unitsVerified)} more returned` : ''}
          {failedUnits > 0 ? `, ${count(failedUnits)} failed` : ''}
        </span>
        <span class="job-bar-pace">{paceInWords(job)}</span>
      </div>
      <Progress
        label="Units that are verified"
        value={unitsVerified}
        max={units}
        tone={job.state === 'done' ? 'good' : 'busy'}
      />
    </section>
  )
}

/** The rates that were told since the job is shown. */
function useRates(job: Job): readonly number[] {
  const rates = useSignal<readonly number[]>([])
  useEffect(() => {
    if (!isOver(job)) rates.value = [...rates.value, job.ratePerSecond].slice(-RATES_MAX)
  }, [job, rates])
  return rates.value
}

function Reasons({ job }: { job: Job }) {
  const { value, problem, refresh } = useResource<Explanation>(`/api/jobs/${encodeURIComponent(job.id)}/explain`)
  useWhenChanged(job, refresh)
  return (
    <Card title="How it stands">
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {value === null ? null : <ExplanationText explanation={value} />}
    </Card>
  )
}

function Bill({ job }: { job: Job }) {
  const { spentMicro, feeMicro, replicaMicro, budgetMicro, gigafuelPriceMicro, leases, replicaLeases, bill } = job
  const download = async () => {
    const response = await ask(`/api/jobs/${encodeURIComponent(job.id)}/bill`)
    saveFile(`${job.id}-bill.csv`, await response.blob())
  }
  return (
    <Card title="Bill">
      <Facts
        facts={[
          ['Paid to devices', credits(BigInt(spentMicro) - BigInt(feeMicro))],
          ['The region’s fee', credits(feeMicro)],
          ['Of it for agreement', credits(replicaMicro)],
          ['Budget', credits(budgetMicro)],
          ['Price of a gigafuel', credits(gigafuelPriceMicro)],
          ['Leases', `${count(leases)}, ${count(replicaLeases)} for agreement`],
        ]}
      />
      {bill === null ? null : (
        <p class="card-foot">
          <ActionButton icon="download" onAction={download}>
            Every unit as CSV
          </ActionButton>
        </p>
      )}
    </Card>
  )
}
