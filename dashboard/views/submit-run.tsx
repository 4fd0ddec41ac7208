import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Job } from '../../coordinator/http/admin-api.ts'
import { jobs, useLiveList } from '../api/live-list.ts'
import { estimate, replicasOf } from '../editor/estimate.ts'
import { linkTo } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { Facts } from '../ui/explanation.tsx'
import { count, counted, credits, fuel } from '../ui/format.ts'
import { Progress } from '../ui/progress.tsx'
import { JobResultCard } from './jobs-result.tsx'
import { isOver, JOB_STATE_WORDS, paceInWords } from './jobs-state.ts'

/** The job that was just submitted, as it goes, with its answer and what it cost. */
export function SubmittedJob({ id }: { id: string }) {
  const { rows } = useLiveList(jobs)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.scrollIntoView({ block: 'start' }), [])
  const job = rows?.get(id)
  return (
    <div class="submitted" ref={place}>
      {job === undefined ? <p aria-busy="true">Waiting for the region …</p> : <Running job={job} />}
    </div>
  )
}

function Running({ job }: { job: Job }) {
  const { title, tone } = JOB_STATE_WORDS[job.state]
  return (
    <>
      <Card title="In the region" aside={<a href={linkTo('jobs', job.id)}>Its own page</a>}>
        <p class="submitted-head" role="status">
          <Badge tone={tone}>{title}</Badge> {count(job.unitsVerified)} of {counted(job.units, 'unit')} verified
          {paceInWords(job) === '' ? '' : `, ${paceInWords(job)}`}
        </p>
        <Progress
          label="Units that are verified"
          value={job.unitsVerified}
          max={job.units}
          tone={job.state === 'failed' ? 'bad' : job.state === 'done' ? 'good' : 'busy'}
        />
        {isOver(job) && job.unitsVerified > 0 ? <Cost job={job} /> : null}
      </Card>
      <JobResultCard job={job} />
    </>
  )
}

function Cost({ job }: { job: Job }) {
  const { units, unitsVerified, spentMicro, feeMicro, replicaMicro, gigafuelPriceMicro, bill } = job
  const wanted = useSignal(units * 1_000)
  const unitFuel = Number(job.fuel) / unitsVerified
  const { likelyMicro } = estimate(unitFuel, wanted.value, BigInt(gigafuelPriceMicro), replicasOf(job))
  return (
    <>
      <Facts
        facts={[
          ['Cost', credits(spentMicro)],
          ['Of that for agreement', credits(replicaMicro)],
          ['Of that the fee', credits(feeMicro)],
          ['Fuel', fuel(job.fuel)],
          ['A unit, on average', fuel(Math.round(unitFuel))],
          ...(bill === null
            ? []
            : ([['Least to most', `${fuel(bill.unitFuelLeast)} to ${fuel(bill.unitFuelGreatest)}`]] as const)),
          ['A gigafuel', credits(gigafuelPriceMicro)],
          ['Leases', `${count(job.leases)}, ${count(job.replicaLeases)} for agreement`],
        ]}
      />
      <label class="what-if">
        <span>What would this cost for</span>
        <input
          type="number"
          min={1}
          value={wanted.value}
          onInput={event => {
            wanted.value = Math.min(10_000_000, Math.max(0, Math.floor(Number(event.currentTarget.value))))
          }}
        />
        <span>
          units? About <strong>{credits(likelyMicro)}</strong>, with as much agreement as here.
        </span>
      </label>
    </>
  )
}
