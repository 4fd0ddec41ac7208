import { useEffect } from 'preact/hooks'
import { live } from '../api/live.ts'
import { role } from '../api/session.ts'
import { FlowBars } from '../charts/flow-bars.tsx'
import { FlowDiagram } from '../charts/flow-diagram.tsx'
import { KIND_WORDS, PLACE_WORDS } from '../charts/money-flows.ts'
import { linkTo } from '../router.ts'
import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { count, counted, credits, creditsRoughly } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Progress } from '../ui/progress.tsx'
import { Stat, Stats } from '../ui/stat.tsx'
import { Table } from '../ui/table.tsx'
import type { Books, Flow } from '../verify/messages.ts'
import { atCheckpoints, books, replayNow, replayProblem, replayProgress } from '../verify/state.ts'
import { LedgerAccounts } from './ledger-accounts.tsx'
import { LedgerPayment } from './ledger-payment.tsx'

/** A log up to this long is replayed without being asked: a few seconds. */
const UNASKED_ENTRIES = 50_000

/** `#/ledger`: `?account=` searches, `?payment=` explains one. */
export default function LedgerView() {
  const found = books.value
  const size = live.checkpoint.value?.size ?? null
  const isSmall = found !== null || (size !== null && size <= UNASKED_ENTRIES)
  useEffect(() => (isSmall ? atCheckpoints(replayNow) : undefined), [isSmall])
  const progress = replayProgress.value
  return (
    <Page
      title="Ledger"
      lead="Where the money is and how it got there, computed in this browser from the public log. Nothing here is taken from the region’s own books."
    >
      {replayProblem.value === null ? null : <Notice kind="problem">{replayProblem.value}</Notice>}
      {found === null && size !== null && !isSmall ? (
        <Card title="A long log">
          <p>The log has {counted(size, 'entry', 'entries')}. Reading all of them takes a while and some data.</p>
          <ActionButton kind="primary" onAction={replayNow}>
            Compute the books here
          </ActionButton>
        </Card>
      ) : null}
      {found === null && progress !== null ? (
        <div class="replay-progress" role="status">
          <Progress label="Entries replayed" value={progress.entries} max={progress.size} />
          <span>
            {count(progress.entries)} of {counted(progress.size, 'entry', 'entries')}
          </span>
        </div>
      ) : null}
      {found === null ? null : <LedgerBooks books={found} />}
      {role.value === 'operator' ? <LedgerPayment /> : null}
    </Page>
  )
}

function LedgerBooks({ books: found }: { books: Books }) {
  const { figures, sumMicro, problemCount, flows } = found
  const { balancesMicro } = figures
  const isGood = sumMicro === 0n && problemCount === 0
  return (
    <>
      <Notice kind={isGood ? 'good' : 'problem'}>
        {isGood ? (
          <>
            The sum over all {counted(figures.accounts, 'account')} is exactly {credits(sumMicro)}, after{' '}
            {counted(figures.transfers, 'transfer')}: no credit came from nowhere and none is lost. Computed here, from{' '}
            {counted(found.size, 'entry', 'entries')}.
          </>
        ) : (
          <>
            The sum over all accounts is {credits(sumMicro)}, and {counted(problemCount, 'rule')} of the log are broken:
            see the <a href={linkTo('log')}>public log</a>.
          </>
        )}
      </Notice>
      <Stats>
        <Stat label="With submitters" value={creditsRoughly(balancesMicro.submitter)} unit="cr" note="can be spent" />
        <Stat
          label="In escrow"
          value={creditsRoughly(balancesMicro.escrow)}
          unit="cr"
          note="for running jobs and campaigns"
        />
        <Stat
          label="Earned by devices"
          value={creditsRoughly(figures.earnedMicro)}
          unit="cr"
          note={`in ${counted(figures.payments, 'payment')}`}
        />
        <Stat label="Held back" value={creditsRoughly(figures.heldMicro)} unit="cr" note="released after a while" />
        <Stat
          label="Paid out"
          value={creditsRoughly(figures.paidOutMicro)}
          unit="cr"
          note={`in ${counted(figures.epochs, 'epoch')}`}
        />
      </Stats>
      <Card title="Flows since the beginning" aside={<span class="card-note">widths grow with the square root</span>}>
        <FlowDiagram flows={flows} />
        <FlowBars flows={flows} />
        <details class="chart-table">
          <summary>The same as a table</summary>
          <FlowTable flows={flows} />
        </details>
      </Card>
      <LedgerAccounts books={found} />
    </>
  )
}

function FlowTable({ flows }: { flows: readonly Flow[] }) {
  const title = (form: string) => PLACE_WORDS[form]?.title ?? form
  return (
    <Table
      caption="Flows of money"
      rows={flows}
      keyOf={({ kind, from, to }) => `${kind} ${from} ${to}`}
      columns={[
        { id: 'what', title: 'What', isName: true, cell: ({ kind }) => KIND_WORDS[kind] },
        { id: 'from', title: 'From', cell: ({ from }) => title(from) },
        { id: 'to', title: 'To', cell: ({ to }) => title(to) },
        {
          id: 'transfers',
          title: 'Transfers',
          numeric: true,
          sortBy: ({ transfers }) => transfers,
          cell: ({ transfers }) => count(transfers),
        },
        {
          id: 'amount',
          title: 'Amount',
          numeric: true,
          sortBy: ({ amountMicro }) => amountMicro,
          cell: ({ amountMicro }) => credits(amountMicro),
        },
      ]}
    />
  )
}
