import { useSignal } from '@preact/signals'
import type { NewSubmitter, Submitter } from '../../coordinator/http/admin-api.ts'
import { parseCredits } from '../../protocol/index.ts'
import { askJson } from '../api/client.ts'
import { useResource } from '../api/resource.ts'
import { linkWith } from '../router.ts'
import { AddForm } from '../ui/add-form.tsx'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog, type DialogField } from '../ui/dialog.tsx'
import { Empty } from '../ui/empty.tsx'
import { counted, credits } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import { nameField, showToken } from './people-tokens.tsx'

const REFRESH_MS = 10_000

/** Who pays for jobs and campaigns, with what is left, and the way to add somebody. */
export function Submitters({ say }: { say(text: string): void }) {
  const { value, problem, refresh } = useResource<Submitter[]>('/api/submitters', { everyMs: REFRESH_MS })
  const funded = useSignal<Submitter | null>(null)
  const add = async (given: (field: string) => string) => {
    const fundMicro = `${parseCredits(given('credits'))}`
    const body = { name: given('name'), ...(fundMicro === '0' ? {} : { fundMicro }) }
    showToken({ kind: 'submitter', ...(await askJson<NewSubmitter>('/api/submitters', { method: 'POST', body })) })
    say(`${body.name} can submit jobs now, with ${credits(fundMicro)} to pay with.`)
    refresh()
  }
  return (
    <Card title="Submitters" aside={value === null ? null : counted(value.length, 'account')}>
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {value === null ? null : value.length === 0 ? (
        <Empty icon="people" title="Nobody can pay for work yet.">
          <p>A submitter has an account and a token, submits jobs and campaigns, and sees only its own.</p>
        </Empty>
      ) : (
        <Table
          caption="submitters"
          rows={value}
          columns={columnsOf(submitter => {
            funded.value = submitter
          })}
          keyOf={({ name }) => name}
          sort={{ column: 'name', descending: false }}
        />
      )}
      <AddForm
        label="New submitter"
        fields={[nameField('lab'), creditsField('Credits to begin with')]}
        action="Add submitter"
        onAdd={add}
      />
      {funded.value === null ? null : (
        <AddFunds
          submitter={funded.value}
          onDone={text => {
            say(text)
            refresh()
          }}
          onClose={() => {
            funded.value = null
          }}
        />
      )}
    </Card>
  )
}

interface AddFundsProps {
  submitter: Submitter
  onDone(text: string): void
  onClose(): void
}

function AddFunds({ submitter: { name, balanceMicro }, onDone, onClose }: AddFundsProps) {
  return (
    <ConfirmDialog
      title={`Add funds to ${name}?`}
      action="Add them"
      fields={[creditsField('How many credits?')]}
      onConfirm={async given => {
        const body = { amountMicro: `${parseCredits(given('credits'))}` }
        const path = `/api/submitters/${encodeURIComponent(name)}/fund`
        const after = await askJson<Submitter>(path, { method: 'POST', body })
        onDone(`${after.name} has ${credits(after.balanceMicro)} now.`)
      }}
      onClose={onClose}
    >
      <p>
        The region issues new credits to {name}, who has {credits(balanceMicro)}. It is an entry of the public log and
        cannot be taken back.
      </p>
    </ConfirmDialog>
  )
}

function creditsField(label: string): DialogField {
  const pattern = '\\d{1,13}(\\.\\d{1,6})?'
  const title = 'digits and at most six decimals, such as 12.5'
  return { name: 'credits', label, placeholder: '100', pattern, title, inputMode: 'decimal' }
}

function columnsOf(fund: (submitter: Submitter) => void): readonly Column<Submitter>[] {
  return [
    {
      id: 'name',
      title: 'Submitter',
      isName: true,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <a href={linkWith(['jobs'], { submitter: name })}>{name}</a>,
    },
    {
      id: 'balance',
      title: 'Balance',
      numeric: true,
      sortBy: ({ balanceMicro }) => BigInt(balanceMicro),
      cell: ({ balanceMicro }) => credits(balanceMicro),
    },
    {
      id: 'since',
      title: 'Since',
      sortBy: ({ createdAtMs }) => createdAtMs,
      cell: ({ createdAtMs }) => <Ago at={createdAtMs} />,
    },
    {
      id: 'actions',
      title: 'Actions',
      numeric: true,
      cell: submitter => (
        <button type="button" class="button button-plain button-small" onClick={() => fund(submitter)}>
          Add funds<span class="visually-hidden"> to {submitter.name}</span>
        </button>
      ),
    },
  ]
}
