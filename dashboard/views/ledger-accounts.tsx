import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Ledger } from '../../coordinator/http/admin-api.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { PLACE_WORDS } from '../charts/money-flows.ts'
import { linkTo, query } from '../router.ts'
import { Card } from '../ui/card.tsx'
import { FilterChips, SearchField } from '../ui/filters.tsx'
import { counted, credits } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { matches } from '../ui/sorting.ts'
import { Table } from '../ui/table.tsx'
import { shortId } from '../verify/entry-words.ts'
import type { BookedAccount, Books } from '../verify/messages.ts'
import { type Comparison, compareBooks } from './ledger-compare.ts'

/** Every account that anything was ever booked on. */
export function LedgerAccounts({ books }: { books: Books }) {
  const typed = query.value.get('account') ?? ''
  const form = query.value.get('form') ?? ''
  const found = useMemo(() => books.accounts.filter(({ id }) => matches(typed, [id])), [books, typed])
  const forms = useMemo(() => [...new Set(books.accounts.map(account => account.form))], [books])
  return (
    <Card title="Accounts" aside={<span class="card-note">{counted(books.accounts.length, 'account')}</span>}>
      <div class="toolbar">
        <SearchField name="account" label="Search accounts" />
        <FilterChips
          name="form"
          label="Kind of account"
          choices={[
            { value: '', label: 'All', rows: found.length },
            ...forms.map(value => ({
              value,
              label: PLACE_WORDS[value]?.title ?? value,
              rows: found.filter(account => account.form === value).length,
            })),
          ]}
        />
      </div>
      <Table
        caption="Accounts"
        rows={found.filter(account => form === '' || account.form === form)}
        keyOf={({ id }) => id}
        sort={{ column: 'balance', descending: true }}
        pageRows={25}
        columns={[
          {
            id: 'account',
            title: 'Account',
            isName: true,
            sortBy: ({ id }) => id,
            cell: account => <AccountName account={account} />,
          },
          {
            id: 'in',
            title: 'Came in',
            numeric: true,
            sortBy: ({ creditsMicro }) => creditsMicro,
            cell: ({ creditsMicro }) => credits(creditsMicro),
          },
          {
            id: 'out',
            title: 'Went out',
            numeric: true,
            sortBy: ({ debitsMicro }) => debitsMicro,
            cell: ({ debitsMicro }) => credits(debitsMicro),
          },
          {
            id: 'balance',
            title: 'Balance',
            numeric: true,
            sortBy: balanceOf,
            cell: account => <strong>{credits(balanceOf(account))}</strong>,
          },
        ]}
      />
      {role.value === 'operator' ? <OwnBooks books={books} /> : null}
    </Card>
  )
}

const balanceOf = ({ creditsMicro, debitsMicro }: BookedAccount): bigint => creditsMicro - debitsMicro

function AccountName({ account: { id, form } }: { account: BookedAccount }) {
  const subject = id.slice(form.length + 1)
  const place = form === 'holdback' || form === 'available' ? linkTo('devices', subject) : null
  const isLinked = place !== null && (role.value === 'operator' || role.value === 'owner')
  return (
    <span class="account" title={id}>
      <span class="account-form">{PLACE_WORDS[form]?.title ?? form}</span>{' '}
      {subject === '' ? null : isLinked ? (
        <a class="mono" href={place}>
          {shortId(subject)}
        </a>
      ) : (
        <span class="mono">{shortId(subject)}</span>
      )}
    </span>
  )
}

/** For the operator: what the region's own books say, compared with the log's whenever both are of the same moment. */
function OwnBooks({ books }: { books: Books }) {
  const { value, problem, refresh } = useResource<Ledger>('/api/ledger')
  const newest = useSignal<Comparison | null>(null)
  useEffect(refresh, [books])
  useEffect(() => {
    const found = value === null ? null : compareBooks(books, value)
    if (found !== null) newest.value = found
  }, [value])
  if (problem !== null) return <Notice kind="problem">{problem}</Notice>
  if (newest.value === null) return null
  const { equal, different, transfers } = newest.value
  return (
    <Notice kind={different.length === 0 ? 'good' : 'problem'}>
      {different.length === 0
        ? `The region’s own database agrees: after ${counted(transfers, 'transfer')} it had the same sums on all ${counted(equal, 'account')}.`
        : `The region’s own database differs on ${counted(different.length, 'account')}, such as ${different.slice(0, 3).join(', ')}, after ${counted(transfers, 'transfer')}.`}
    </Notice>
  )
}
