import { useSignal } from '@preact/signals'
import type { Claim } from '../../coordinator/http/admin-api.ts'
import type { Owner } from '../../coordinator/http/session-api.ts'
import { messageOf } from '../../protocol/index.ts'
import { askJson } from '../api/client.ts'
import { devices, useLiveList } from '../api/live-list.ts'
import { useResource } from '../api/resource.ts'
import { role, session } from '../api/session.ts'
import { printPage } from '../platform.ts'
import { classOf } from '../ui/button.tsx'
import { counted } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { JoinedNow, ReachHint } from './claims-joined.tsx'
import { knownBefore, madeClaims } from './claims-made.ts'
import { ClaimSheets } from './claims-sheets.tsx'

const LIFETIMES: readonly [label: string, ms: number][] = [
  ['an hour', 3_600_000],
  ['a day', 24 * 3_600_000],
  ['a week', 7 * 24 * 3_600_000],
  ['30 days', 30 * 24 * 3_600_000],
]
const A_WEEK = 2
/** Of one batch; an owner may make 20 a day. */
const COUNT_MAX = 20

/** `#/claims`: makes claims, and shows each as a QR code, as text, and as what is typed or put on a card. */
export default function ClaimsView() {
  const made = madeClaims.value
  const print = (
    <button type="button" class={classOf('plain')} onClick={printPage}>
      <Icon name="print" size={18} /> Print
    </button>
  )
  return (
    <Page
      title="Add devices"
      lead="A claim lets one device join, once, on behalf of its owner. It says where the region is and what its key is."
      actions={made.length === 0 ? null : print}
    >
      <ReachHint />
      <section class="card no-print" aria-label="New claims">
        <ClaimForm />
      </section>
      <JoinedNow />
      <ClaimSheets claims={made} />
    </Page>
  )
}

function ClaimForm() {
  const { rows } = useLiveList(devices)
  const isOperator = role.value === 'operator'
  const tokens = useResource<Owner[]>(isOperator ? '/api/owners' : null).value ?? []
  const owners = new Set([...tokens.map(({ name }) => name), ...[...(rows?.values() ?? [])].map(({ owner }) => owner)])
  const made = useSignal<{ readonly done: number; readonly of: number } | null>(null)
  const problem = useSignal<string | null>(null)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (made.value !== null) return
    const fields = new FormData(event.currentTarget as HTMLFormElement)
    const owner = isOperator ? String(fields.get('owner')).trim() : (session.value?.name ?? '')
    const count = Number(fields.get('count'))
    const prefix = String(fields.get('prefix')).trim()
    const lifetimeMs = Number(fields.get('lifetime'))
    problem.value = null
    knownBefore.value ??= new Set(rows?.keys() ?? [])
    try {
      for (let done = 0; done < count; done++) {
        made.value = { done, of: count }
        const claim = await askJson<Claim>('/api/claims', { method: 'POST', body: { owner, lifetimeMs } })
        const hostname = `${prefix}-${madeClaims.value.length + 1}`
        madeClaims.value = [{ ...claim, owner, hostname }, ...madeClaims.value]
      }
    } catch (thrown) {
      problem.value = messageOf(thrown)
    }
    made.value = null
  }
  return (
    <form class="form" onSubmit={submit}>
      <div class="form-row">
        {isOperator ? (
          <label class="field">
            <span>Owner</span>
            <input
              name="owner"
              required
              pattern="[a-z0-9\-]{1,32}"
              title="1 to 32 characters of a-z, 0-9 and -"
              list="owners"
              autocomplete="off"
              autocapitalize="none"
              placeholder="whom the earnings belong to"
            />
            <datalist id="owners">
              {[...owners].sort().map(owner => (
                <option key={owner} value={owner} />
              ))}
            </datalist>
          </label>
        ) : null}
        <label class="field">
          <span>How many</span>
          <input name="count" type="number" required min={1} max={COUNT_MAX} defaultValue="1" />
        </label>
        <label class="field">
          <span>Good for</span>
          <select name="lifetime">
            {LIFETIMES.map(([label, ms], i) => (
              <option key={ms} value={ms} selected={i === A_WEEK}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Names begin with</span>
          <input
            name="prefix"
            required
            pattern="[a-z0-9][a-z0-9\-]{0,24}"
            defaultValue="hedge"
            title="a-z, 0-9 and -"
          />
        </label>
        <button type="submit" class={classOf('primary', made.value !== null)} aria-busy={made.value !== null}>
          {made.value === null ? 'Make claims' : `${made.value.done + 1} of ${counted(made.value.of, 'claim')}`}
        </button>
      </div>
      {problem.value === null ? null : <Notice kind="problem">{problem.value}</Notice>}
    </form>
  )
}
