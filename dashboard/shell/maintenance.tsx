import { live } from '../api/live.ts'
import { role } from '../api/session.ts'
import { linkTo } from '../router.ts'
import { sentence } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'

/** Above every view, for everybody: that no work is handed out, and why. Read out when it begins. */
export function MaintenanceBanner() {
  const reason = live.region.value?.maintenance ?? null
  return (
    <div role="status" class="no-print">
      {reason === null ? null : (
        <p class="maintenance">
          <Icon name="warning" />
          <span>
            <strong>Maintenance: no work is handed out.</strong> {sentence(reason)}
          </span>
          {role.value === 'operator' ? <a href={linkTo('operations')}>Operations</a> : null}
        </p>
      )}
    </div>
  )
}
