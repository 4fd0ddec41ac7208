import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Facts } from '../ui/explanation.tsx'
import { count, counted, credits } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Progress } from '../ui/progress.tsx'
import type { Books } from '../verify/messages.ts'
import { books, replayNow, replayProblem, replayProgress } from '../verify/state.ts'

/** Reads every entry of the log here and computes every balance again. */
export function LogReplay() {
  const progress = replayProgress.value
  return (
    <Card title="Replay the whole log">
      <p class="replay-text">
        Your browser fetches every entry, hashes all of them into the tree, compares the root with the signed one, and
        books every transfer again by the auditor’s rules: nobody is paid twice, nothing comes from nowhere, and all
        balances sum to zero.
      </p>
      <ActionButton kind="primary" onAction={replayNow} disabled={progress !== null}>
        {books.value === null ? 'Replay it here' : 'Replay what is new'}
      </ActionButton>
      {progress === null ? null : (
        <div class="replay-progress" role="status">
          <Progress label="Entries replayed" value={progress.entries} max={progress.size} />
          <span>
            {count(progress.entries)} of {counted(progress.size, 'entry', 'entries')}
          </span>
        </div>
      )}
      {replayProblem.value === null ? null : <Notice kind="problem">{replayProblem.value}</Notice>}
      {books.value === null ? null : <Outcome books={books.value} />}
    </Card>
  )
}

function Outcome({ books: found }: { books: Books }) {
  const { figures, problems, problemCount, sumMicro, size, rootMatches, startsFromBalances } = found
  const isGood = problemCount === 0 && rootMatches
  return (
    <div class="replay-outcome">
      <Notice kind={isGood ? 'good' : 'problem'}>
        {isGood
          ? `All ${count(size)} entries keep every rule. They hash to the signed root, and all balances sum to ${credits(sumMicro)}.`
          : `${counted(problemCount, 'rule')} broken. The first are below.`}
      </Notice>
      {problems.length === 0 ? null : (
        <ol class="problems">
          {problems.slice(0, 20).map(({ rule, message, entry }) => (
            <li key={`${rule} ${entry} ${message}`}>
              <code>{rule}</code> {message}
            </li>
          ))}
        </ol>
      )}
      <Facts
        facts={[
          ['Transfers', count(figures.transfers)],
          ['Payments', count(figures.payments)],
          ['Accounts', count(figures.accounts)],
          ['Devices', count(figures.devices)],
          ['Jobs', `${count(figures.jobs)}, ${count(figures.jobsOpen)} open`],
          ['Campaigns', `${count(figures.campaigns)}, ${count(figures.campaignsOpen)} open`],
          ['Receipts', count(figures.receipts)],
          ['Given out', credits(figures.issuedMicro)],
          ['Earned', credits(figures.earnedMicro)],
          ['Held back', credits(figures.heldMicro)],
          ['Paid out', credits(figures.paidOutMicro)],
        ]}
      />
      {startsFromBalances ? (
        <p class="card-note">What accounts held before the log began is taken as it is told.</p>
      ) : null}
    </div>
  )
}
