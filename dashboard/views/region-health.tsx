import type { Region } from '../../coordinator/http/admin-api.ts'
import type { Ready } from '../../coordinator/http/health-api.ts'
import { live } from '../api/live.ts'
import { linkTo } from '../router.ts'
import { Card } from '../ui/card.tsx'
import { counted, duration } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Ago } from '../ui/time.tsx'

/** Whether the coordinator can do its work, how old the public log's signed state is, and where the region is. */
export function HealthCard({ ready, region }: { ready: Ready | null; region: Region }) {
  const checkpoint = live.checkpoint.value
  return (
    <Card title="Health" aside={`up ${duration(region.uptimeMs)}`}>
      <ul class="checks">
        {(ready?.checks ?? []).map(({ name, ok, says }) => (
          <li key={name}>
            <span class={ok ? 'check-good' : 'check-bad'}>
              <Icon name={ok ? 'check' : 'warning'} size={18} />
              <span class="visually-hidden">{ok ? 'Well: ' : 'Not well: '}</span>
            </span>
            <span>{says}</span>
          </li>
        ))}
        {checkpoint === null ? null : (
          <li>
            <span class="check-good">
              <Icon name="log" size={18} />
            </span>
            <span>
              <a href={linkTo('log')}>{counted(checkpoint.size, 'entry', 'entries')}</a>, signed{' '}
              <Ago at={checkpoint.timestampMs} />
            </span>
          </li>
        )}
      </ul>
    </Card>
  )
}
