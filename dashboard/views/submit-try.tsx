import { useSignal } from '@preact/signals'
import type { Prices } from '../../coordinator/http/price-api.ts'
import { live } from '../api/live.ts'
import { askTaskWorker, stopTaskWorker } from '../editor/ask-task-worker.ts'
import { estimate } from '../editor/estimate.ts'
import { draft, refusal, script, tried } from '../editor/state.ts'
import type { TriedUnit } from '../editor/try-unit.ts'
import { Badge } from '../ui/badge.tsx'
import { bytes, count, counted, credits, fuel } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'

/** Runs one unit in this browser, in the sandbox that devices have: the same answer, the same fuel. */
export function TryUnit({ canTry }: { canTry: boolean }) {
  const unit = useSignal(0)
  const isBusy = useSignal(false)
  const problem = useSignal<string | null>(null)
  const run = async () => {
    isBusy.value = true
    problem.value = null
    const answer = await askTaskWorker({ kind: 'try', script: script.value, draft: draft.value, unit: unit.value })
    isBusy.value = false
    if (answer.kind === 'tried') tried.value = answer.tried
    if (answer.kind === 'refused') refusal.value = { path: answer.path, message: answer.message }
    if (answer.kind === 'unable') problem.value = answer.message
  }
  return (
    <div class="try">
      <div class="try-bar">
        <button
          type="button"
          class={`button button-plain${isBusy.value ? ' is-busy' : ''}`}
          aria-busy={isBusy.value}
          disabled={!canTry || isBusy.value}
          onClick={run}
        >
          <Icon name="submit" size={18} /> Run one unit here
        </button>
        <label class="try-unit">
          <span>Unit</span>
          <input
            type="number"
            min={0}
            value={unit.value}
            onInput={event => {
              unit.value = Math.max(0, Math.floor(Number(event.currentTarget.value)))
            }}
          />
        </label>
        {isBusy.value ? (
          <button type="button" class="button button-bare" onClick={stopTaskWorker}>
            Stop
          </button>
        ) : (
          <span class="field-note">It costs nothing: it runs in this browser.</span>
        )}
      </div>
      {problem.value === null ? null : <Notice kind="problem">{problem.value}</Notice>}
      {tried.value === null ? null : <Tried tried={tried.value} prices={live.prices.value} />}
    </div>
  )
}

function Tried({
  tried: { unit, units, outcome, reason, fuel: burned, output, outputBytes, console: said, input, inputBytes },
  prices,
}: {
  tried: TriedUnit
  prices: Prices | null
}) {
  const priceMicro = prices?.prices.find(({ what }) => what === 'gigafuel')?.priceMicro
  return (
    <div class="tried" role="status">
      <p class="tried-head">
        <Badge tone={outcome === 'ok' ? 'good' : 'bad'}>{outcome === 'ok' ? 'it works' : reason}</Badge>
        <span>
          Unit {count(unit)} of {count(units)} burned <strong>{fuel(burned)}</strong>, on every device the same.
        </span>
      </p>
      {priceMicro === undefined ? null : (
        <p class="field-note">
          All {counted(units, 'unit')} would come to about{' '}
          {credits(estimate(burned, units, BigInt(priceMicro)).onceMicro)} for each device that is asked, at{' '}
          {credits(priceMicro)} a gigafuel.
        </p>
      )}
      <Sample title="Input" text={input} size={inputBytes} />
      {outcome === 'ok' ? <Sample title="Output" text={output} size={outputBytes} /> : null}
      {said === '' ? null : <Sample title="Console" text={said} size={null} />}
    </div>
  )
}

function Sample({ title, text, size }: { title: string; text: string; size: number | null }) {
  return (
    <div class="sample">
      <h3>
        {title} {size === null ? null : <span class="card-note">{bytes(size)}</span>}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached with the keyboard */}
      <pre tabIndex={0}>{text === '' ? '(empty)' : text}</pre>
    </div>
  )
}
