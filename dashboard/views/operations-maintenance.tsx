import { useSignal } from '@preact/signals'
import type { Region } from '../../coordinator/http/admin-api.ts'
import { askJson } from '../api/client.ts'
import { live, takeRegion } from '../api/live.ts'
import { Badge } from '../ui/badge.tsx'
import { ActionButton, classOf } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog, reasonField } from '../ui/dialog.tsx'
import { sentence } from '../ui/format.ts'

/** Hands out no work for a while, and again. */
export function MaintenanceCard() {
  const isAsked = useSignal(false)
  const region = live.region.value
  if (region === null) return null
  const { maintenance } = region
  const isOn = maintenance !== null
  return (
    <Card
      title="Maintenance"
      aside={<Badge tone={isOn ? 'warn' : 'good'}>{isOn ? 'Under way' : 'Not under way'}</Badge>}
    >
      <div class="operation">
        <p>
          {isOn ? (
            <>
              No work is handed out. <strong>{sentence(maintenance)}</strong> Jobs are taken and wait, and readings go
              on.
            </>
          ) : (
            'Work is handed out as it comes. During maintenance devices finish what they hold and get nothing new.'
          )}
        </p>
        {isOn ? (
          <ActionButton
            kind="primary"
            onAction={async () => takeRegion(await askJson('/api/maintenance/end', { method: 'POST', body: {} }))}
          >
            End maintenance
          </ActionButton>
        ) : (
          <button
            type="button"
            class={classOf('plain')}
            onClick={() => {
              isAsked.value = true
            }}
          >
            Begin maintenance
          </button>
        )}
      </div>
      {isAsked.value ? (
        <ConfirmDialog
          title="Begin maintenance?"
          action="Begin it"
          kind="danger"
          fields={[reasonField('the disk is replaced')]}
          onConfirm={async given => {
            const body = { reason: given('reason') }
            takeRegion(await askJson<Region>('/api/maintenance', { method: 'POST', body }))
          }}
          onClose={() => {
            isAsked.value = false
          }}
        >
          <p>
            Nothing new is handed out in the whole region until you end it, over restarts as well. Devices finish what
            they hold and stay connected, jobs are taken and wait, and readings go on. Everybody sees the reason.
          </p>
        </ConfirmDialog>
      ) : null}
    </Card>
  )
}
