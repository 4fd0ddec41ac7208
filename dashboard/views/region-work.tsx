import type { Job } from '../../coordinator/http/admin-api.ts'
import { role } from '../api/session.ts'
import { linkTo } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { counted } from '../ui/format.ts'
import { JobProgress } from './jobs-list.tsx'
import { isOver, JOB_STATE_WORDS, jobNameOf } from './jobs-state.ts'

const SHOWN_MAX = 5

/** The jobs that are under way, and after them those that ended last. */
export function WorkCard({ jobs }: { jobs: readonly Job[] }) {
  const running = jobs.filter(job => !isOver(job)).sort((a, b) => b.createdAtMs - a.createdAtMs)
  const ended = jobs.filter(isOver).sort((a, b) => (b.finishedAtMs ?? 0) - (a.finishedAtMs ?? 0))
  const shown = [...running, ...ended].slice(0, SHOWN_MAX)
  return (
    <Card
      title={role.value === 'submitter' ? 'My jobs' : 'Work'}
      aside={jobs.length > 0 ? <a href={linkTo('jobs')}>{counted(jobs.length, 'job')}</a> : null}
    >
      {shown.length === 0 ? (
        <p class="muted">
          No job has been submitted yet. <a href={linkTo('submit')}>Try a task</a>
        </p>
      ) : (
        <ul class="work">
          {shown.map(job => (
            <li key={job.id}>
              <div class="work-head">
                <a href={linkTo('jobs', job.id)}>{jobNameOf(job)}</a>
                <Badge tone={JOB_STATE_WORDS[job.state].tone}>{JOB_STATE_WORDS[job.state].title}</Badge>
              </div>
              <JobProgress job={job} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
