import { useEffect, useRef } from 'preact/hooks'
import type { Explanation } from '../../coordinator/http/admin-api.ts'
import { useResource } from '../api/resource.ts'
import { choose, query } from '../router.ts'
import { Card } from '../ui/card.tsx'
import { ExplanationText } from '../ui/explanation.tsx'
import { Notice } from '../ui/notice.tsx'

/** What one transfer paid for, and why so much. */
export function LedgerPayment() {
  const id = query.value.get('payment') ?? ''
  const { value, problem } = useResource<Explanation>(id === '' ? null : `/api/payments/${encodeURIComponent(id)}`)
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (id !== '' && value !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [id, value])
  const look = (event: SubmitEvent) => {
    event.preventDefault()
    choose('payment', String(new FormData(event.currentTarget as HTMLFormElement).get('payment')).trim())
  }
  return (
    <div ref={place}>
      <Card title="Explain a payment">
        <form class="compare" onSubmit={look}>
          <label>
            <span class="visually-hidden">Id of a transfer</span>
            <input
              key={id}
              name="payment"
              defaultValue={id}
              autocomplete="off"
              spellcheck={false}
              required
              placeholder="id of a transfer; the public log links to it"
            />
          </label>
          <button type="submit" class="button button-plain">
            Explain
          </button>
        </form>
        {id === '' ? null : problem !== null ? <Notice kind="problem">{problem}</Notice> : null}
        {id === '' || value === null ? null : <ExplanationText explanation={value} />}
      </Card>
    </div>
  )
}
