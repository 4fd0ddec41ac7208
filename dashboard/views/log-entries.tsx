import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { messageOf } from '../../protocol/errors.ts'
import { role } from '../api/session.ts'
import { choose, linkWith, query } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { ActionButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { bytes, count } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { Ago } from '../ui/time.tsx'
import { askWorker } from '../verify/ask-worker.ts'
import { entryWords } from '../verify/entry-words.ts'
import type { InclusionCheck, ListedEntry } from '../verify/messages.ts'
import { transferId } from '../verify/transfer-id.ts'

const PAGE_ENTRIES = 25

/** The entries in words, the newest first, each with a proof that it is in the signed tree. */
export function LogEntries({ size }: { size: number }) {
  const listed = useSignal<readonly ListedEntry[]>([])
  const problem = useSignal<string | null>(null)
  const chosen = placeIn(size, query.value.get('entry'))
  const end = chosen ?? size
  const from = Math.max(0, end - PAGE_ENTRIES)
  useEffect(() => {
    let isGone = false
    askWorker({ kind: 'entries', from, to: end }).then(
      ({ entries }) => {
        if (isGone) return
        listed.value = entries.toReversed()
        problem.value = null
      },
      thrown => {
        if (!isGone) problem.value = messageOf(thrown)
      },
    )
    return () => {
      isGone = true
    }
  }, [from, end])
  const show = (last: number) => choose('entry', last >= size ? '' : String(last - 1))
  const jump = (event: SubmitEvent) => {
    event.preventDefault()
    const typed = Number(new FormData(event.currentTarget as HTMLFormElement).get('index'))
    show(Math.min(size, Math.max(1, Math.floor(typed) + 1)))
  }
  return (
    <Card
      title="Entries"
      aside={<span class="card-note">{chosen === null ? 'the newest, as they come' : `up to ${count(end - 1)}`}</span>}
    >
      {problem.value === null ? null : <Notice kind="problem">{problem.value}</Notice>}
      <ol class="entries" reversed start={Math.max(0, end - 1)}>
        {listed.value.map(entry => (
          <Entry key={entry.index} listed={entry} />
        ))}
      </ol>
      <nav class="entries-nav" aria-label="Pages of entries">
        <button
          type="button"
          class="button button-plain button-small"
          disabled={end >= size}
          onClick={() => show(end + PAGE_ENTRIES)}
        >
          <Icon name="back" size={16} /> Newer
        </button>
        <button type="button" class="button button-plain button-small" disabled={from === 0} onClick={() => show(from)}>
          Older <Icon name="next" size={16} />
        </button>
        <form onSubmit={jump}>
          <label>
            <span class="visually-hidden">Number of an entry</span>
            <input name="index" type="number" min="0" max={size - 1} placeholder="entry number" required />
          </label>
          <button type="submit" class="button button-plain button-small">
            Go
          </button>
        </form>
      </nav>
    </Card>
  )
}

/** The entry after the last one shown; null for the newest. */
function placeIn(size: number, asked: string | null): number | null {
  if (asked === null || !/^\d{1,15}$/.test(asked)) return null
  const place = Number(asked) + 1
  return place < size ? place : null
}

function Entry({ listed: { index, entry, problem, bytes: length } }: { listed: ListedEntry }) {
  const check = useSignal<InclusionCheck | null>(null)
  const prove = async () => {
    check.value = (await askWorker({ kind: 'inclusion', index })).check
  }
  const words = entry === null ? { title: 'Unreadable', text: problem } : entryWords(entry)
  return (
    <li class="entry">
      <span class="entry-index">{count(index)}</span>
      <div class="entry-words">
        <span class="entry-title">{words.title}</span> <span class="entry-text">{words.text}</span>
        <span class="entry-when">
          {entry === null ? null : <Ago at={entry.atMs} />} · {bytes(length)}
          {entry?.type === 'transfer' && role.value === 'operator' ? (
            <>
              {' '}
              · <a href={linkWith(['ledger'], { payment: transferId(entry.purpose) })}>explain</a>
            </>
          ) : null}
        </span>
        {check.value === null ? null : <Inclusion check={check.value} />}
      </div>
      {check.value === null ? (
        <ActionButton kind="bare" onAction={prove}>
          Prove<span class="visually-hidden"> entry {index}</span>
        </ActionButton>
      ) : (
        <Badge tone={check.value.valid ? 'good' : 'bad'}>{check.value.valid ? 'included' : 'not included'}</Badge>
      )}
    </li>
  )
}

function Inclusion({ check: { valid, reason, size, leafHex, pathHex } }: { check: InclusionCheck }) {
  return (
    <div class="inclusion">
      <p>
        {valid
          ? `Hashed here, this entry and ${count(pathHex.length)} hashes beside it lead to the signed root over ${count(size)} entries.`
          : reason}
      </p>
      <details>
        <summary>The path</summary>
        <ol class="hashes">
          <li>
            <code>{leafHex}</code> this entry
          </li>
          {pathHex.map(hash => (
            <li key={hash}>
              <code>{hash}</code>
            </li>
          ))}
        </ol>
      </details>
    </div>
  )
}
