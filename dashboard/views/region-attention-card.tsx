import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Explanation, Job } from '../../coordinator/http/admin-api.ts'
import type { SensorSummary } from '../../protocol/index.ts'
import { askJson } from '../api/client.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { Card } from '../ui/card.tsx'
import { counted } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { isStuck } from './jobs-state.ts'
import { attentionOf, type Known } from './region-attention.ts'

const SENSORS_MS = 30_000
/** Jobs whose reasons are asked for. */
const EXPLAINED_MAX = 3

/** What should be looked at, each with the way to it; or that there is nothing. */
export function AttentionCard(known: Omit<Known, 'sensors' | 'stuckReasons'>) {
  const seesSensors = role.value === 'owner' || role.value === 'operator'
  const sensors = useResource<SensorSummary[]>(seesSensors ? '/api/sensors' : null, { everyMs: SENSORS_MS }).value ?? []
  const stuckReasons = useStuckReasons(known.jobs)
  const found = attentionOf({ ...known, sensors, stuckReasons })
  return (
    <Card title="What needs attention" aside={found.length === 0 ? null : counted(found.length, 'thing')}>
      {found.length === 0 ? (
        <p class="all-well">
          <Icon name="check" /> Nothing does.
        </p>
      ) : (
        <ul class="attention">
          {found.map(({ key, tone, title, detail, href }) => (
            <li key={key} class={`attention-${tone}`}>
              <Icon name="warning" />
              <div>
                {href === null ? <strong>{title}</strong> : <a href={href}>{title}</a>}
                {detail === '' ? null : <p>{detail}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

/** Asks why jobs get nowhere, once for each. */
function useStuckReasons(jobs: readonly Job[]): ReadonlyMap<string, string> {
  const reasons = useSignal<ReadonlyMap<string, string>>(new Map())
  const ids = jobs
    .filter(isStuck)
    .slice(0, EXPLAINED_MAX)
    .map(({ id }) => id)
  useEffect(() => {
    const abort = new AbortController()
    for (const id of ids) {
      askJson<Explanation>(`/api/jobs/${encodeURIComponent(id)}/explain`, { signal: abort.signal }).then(
        ({ reasons: [first = ''] }) => {
          reasons.value = new Map(reasons.value).set(id, first)
        },
        () => {
          // It is then shown without a reason; the job's own page says what is wrong.
        },
      )
    }
    return () => abort.abort()
  }, [ids.join()])
  return reasons.value
}
