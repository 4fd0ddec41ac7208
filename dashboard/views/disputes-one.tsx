import type { Explanation } from '../../coordinator/http/admin-api.ts'
import type { Dispute } from '../../coordinator/http/dispute-api.ts'
import { jobs, useLiveList } from '../api/live-list.ts'
import { useResource } from '../api/resource.ts'
import { linkTo } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { ExplanationText } from '../ui/explanation.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Ago } from '../ui/time.tsx'
import { jobNameIn } from './disputes-list.tsx'
import { DISPUTE_STATE_WORDS, disputedBy, subjectOf } from './disputes-state.ts'

const REFRESH_MS = 3_000

/** One dispute: what it is about, how far it is or how it ended, and what it moved. */
export function DisputePage({ id }: { id: string }) {
  const path = `/api/disputes/${encodeURIComponent(id)}`
  const { value, problem } = useResource<Dispute>(path, { everyMs: REFRESH_MS })
  const explained = useResource<Explanation>(`${path}/explain`, { everyMs: REFRESH_MS })
  const { rows } = useLiveList(jobs)
  const back = { href: linkTo('disputes'), title: 'All disputes' }
  if (value === null) {
    return (
      <Page title="Dispute" back={back}>
        {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      </Page>
    )
  }
  const { title, tone } = DISPUTE_STATE_WORDS[value.state]
  const subject = subjectOf(value, jobNameIn(rows ?? new Map(), value))
  return (
    <Page
      title={`Dispute about ${subject}`}
      back={back}
      badge={<Badge tone={tone}>{title}</Badge>}
      lead={
        <span class="identity">
          <span>
            by {disputedBy(value)}, opened <Ago at={value.openedAtMs} />
          </span>
          <span class="mono">{id}</span>
          <CopyButton text={id} label="id" />
        </span>
      }
    >
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      <Card title="How it stands" aside={value.job === null ? null : <a href={linkTo('jobs', value.job)}>The job</a>}>
        {explained.problem === null ? null : <Notice kind="problem">{explained.problem}</Notice>}
        {explained.value === null ? null : <ExplanationText explanation={explained.value} hide={HIDDEN} />}
      </Card>
    </Page>
  )
}

/** Shown beside the title, as times and not as numbers. */
const HIDDEN = ['openedAtMs', 'endedAtMs', 'account']
