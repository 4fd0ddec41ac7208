import { useSignal } from '@preact/signals'
import type { NewOwner, Owner } from '../../coordinator/http/session-api.ts'
import { askJson } from '../api/client.ts'
import { useResource } from '../api/resource.ts'
import { linkWith } from '../router.ts'
import { AddForm } from '../ui/add-form.tsx'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Empty } from '../ui/empty.tsx'
import { counted } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import { hideToken, nameField, showToken } from './people-tokens.tsx'

const REFRESH_MS = 10_000

type Deed = 'renew' | 'remove'

interface Asked {
  readonly deed: Deed
  readonly owner: Owner
}

/** Owners who have a token, and the way to give one, to give another, and to end one. */
export function Owners({ say }: { say(text: string): void }) {
  const { value, problem, refresh } = useResource<Owner[]>('/api/owners', { everyMs: REFRESH_MS })
  const asked = useSignal<Asked | null>(null)
  const add = async (given: (field: string) => string) => {
    const made = await askJson<NewOwner>('/api/owners', { method: 'POST', body: { name: given('name') } })
    showToken({ kind: 'owner', ...made })
    say(`${made.name} can sign in now.`)
    refresh()
  }
  return (
    <Card title="Owners" aside={value === null ? null : counted(value.length, 'token')}>
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {value === null ? null : value.length === 0 ? (
        <Empty icon="person" title="No owner has a token yet.">
          <p>Owning devices needs none. With one, owners see their devices here, drain them and invite more.</p>
        </Empty>
      ) : (
        <Table
          caption="owners"
          rows={value}
          columns={columnsOf((deed, owner) => {
            asked.value = { deed, owner }
          })}
          keyOf={({ name }) => name}
          sort={{ column: 'name', descending: false }}
        />
      )}
      <AddForm label="New owner" fields={[nameField('ann')]} action="Add owner" onAdd={add} />
      {asked.value === null ? null : (
        <Question
          asked={asked.value}
          onDone={text => {
            say(text)
            refresh()
          }}
          onClose={() => {
            asked.value = null
          }}
        />
      )}
    </Card>
  )
}

interface QuestionProps {
  asked: Asked
  onDone(text: string): void
  onClose(): void
}

function Question({ asked: { deed, owner }, onDone, onClose }: QuestionProps) {
  const { name } = owner
  const path = `/api/owners/${encodeURIComponent(name)}/${deed}`
  if (deed === 'renew') {
    return (
      <ConfirmDialog
        title={`Give ${name} a new token?`}
        action="Give a new token"
        onConfirm={async () => {
          showToken({ kind: 'owner', ...(await askJson<NewOwner>(path, { method: 'POST', body: {} })) })
          onDone(`${name} has a new token; the old one counts no more.`)
        }}
        onClose={onClose}
      >
        <p>The one that {name} has now ends at once. The new one is shown once, here.</p>
      </ConfirmDialog>
    )
  }
  return (
    <ConfirmDialog
      title={`Revoke the token of ${name}?`}
      action="Revoke it"
      kind="danger"
      onConfirm={async () => {
        await askJson<Owner>(path, { method: 'POST', body: {} })
        hideToken({ kind: 'owner', name })
        onDone(`The token of ${name} counts no more.`)
      }}
      onClose={onClose}
    >
      <p>
        {name} can sign in no more, from this moment on. Devices of {name} go on working, and what they earn stays
        theirs. You can give {name} a token again.
      </p>
    </ConfirmDialog>
  )
}

function columnsOf(ask: (deed: Deed, owner: Owner) => void): readonly Column<Owner>[] {
  return [
    { id: 'name', title: 'Owner', isName: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
    {
      id: 'devices',
      title: 'Devices',
      numeric: true,
      sortBy: ({ devices }) => devices,
      cell: ({ name, devices }) =>
        devices === 0 ? 'none' : <a href={linkWith(['devices'], { owner: name })}>{counted(devices, 'device')}</a>,
    },
    {
      id: 'since',
      title: 'Token since',
      sortBy: ({ createdAtMs }) => createdAtMs,
      cell: ({ createdAtMs }) => <Ago at={createdAtMs} />,
    },
    {
      id: 'actions',
      title: 'Actions',
      numeric: true,
      cell: owner => (
        <div class="row-actions">
          <button type="button" class="button button-plain button-small" onClick={() => ask('renew', owner)}>
            New token<span class="visually-hidden"> for {owner.name}</span>
          </button>
          <button type="button" class="button button-danger button-small" onClick={() => ask('remove', owner)}>
            Revoke<span class="visually-hidden"> the token of {owner.name}</span>
          </button>
        </div>
      ),
    },
  ]
}
