import { type Signal, useSignal } from '@preact/signals'
import type { Device } from '../../coordinator/http/admin-api.ts'
import { askJson } from '../api/client.ts'
import { devices } from '../api/live-list.ts'
import { role } from '../api/session.ts'
import { classOf } from '../ui/button.tsx'
import { ConfirmDialog, type ConfirmProps, reasonField } from '../ui/dialog.tsx'
import { nameOf } from './devices-state.ts'

type Deed = 'drain' | 'undrain' | 'revoke' | 'reinstate'

/** What whoever is signed in can do with a device. Each is asked about first, since others notice it. */
export function DeviceActions({ device }: { device: Device }) {
  const asked = useSignal<Deed | null>(null)
  const isOperator = role.value === 'operator'
  const isMember = device.standing === 'joined'
  return (
    <>
      {isMember && device.drainReason === null ? <Ask deed="drain" title="Drain" asked={asked} /> : null}
      {isMember && device.drainReason !== null ? <Ask deed="undrain" title="Give work again" asked={asked} /> : null}
      {isMember && isOperator ? <Ask deed="revoke" title="Revoke" asked={asked} isDanger /> : null}
      {!isMember && isOperator ? <Ask deed="reinstate" title="Reinstate" asked={asked} /> : null}
      {asked.value === null ? null : (
        <ConfirmDialog
          {...questionOf(asked.value, nameOf(device))}
          onConfirm={async given => {
            const deed = asked.value
            if (deed === null) return
            const path = `/api/devices/${encodeURIComponent(device.id)}/${deed}`
            const needsReason = deed === 'drain' || deed === 'revoke'
            devices.take(
              await askJson<Device>(path, { method: 'POST', body: needsReason ? { reason: given('reason') } : {} }),
            )
          }}
          onClose={() => {
            asked.value = null
          }}
        />
      )}
    </>
  )
}

interface AskProps {
  deed: Deed
  title: string
  asked: Signal<Deed | null>
  isDanger?: boolean
}

function Ask({ deed, title, asked, isDanger = false }: AskProps) {
  return (
    <button
      type="button"
      class={classOf(isDanger ? 'danger' : 'plain')}
      onClick={() => {
        asked.value = deed
      }}
    >
      {title}
    </button>
  )
}

function questionOf(deed: Deed, name: string): Omit<ConfirmProps, 'onConfirm' | 'onClose'> {
  switch (deed) {
    case 'drain':
      return {
        title: `Drain ${name}?`,
        action: 'Drain it',
        fields: [reasonField('moved to another room')],
        children: (
          <p>
            It finishes what it holds and gets no more work. It stays connected, keeps measuring and keeps what it
            earned.
          </p>
        ),
      }
    case 'undrain':
      return {
        title: `Give work to ${name} again?`,
        action: 'Give it work',
        children: <p>From now on it gets leases as before.</p>,
      }
    case 'revoke':
      return {
        title: `Revoke ${name}?`,
        action: 'Revoke it',
        kind: 'danger',
        fields: [reasonField('sold to somebody else')],
        children: (
          <p>
            It is shut out at once: it cannot connect, gets no work, and what it holds is given to others. It stays so
            until an operator reinstates it.
          </p>
        ),
      }
    case 'reinstate':
      return {
        title: `Reinstate ${name}?`,
        action: 'Reinstate it',
        children: <p>It may connect and gets work again.</p>,
      }
  }
}
