import { useSignal } from '@preact/signals'
import type { Ledger, Submitter } from '../../coordinator/http/admin-api.ts'
import { messageOf } from '../../protocol/errors.ts'
import { jobs } from '../api/live-list.ts'
import { useResource } from '../api/resource.ts'
import { problemOf } from '../editor/job-draft.ts'
import { draft, refusal, script, submittedId } from '../editor/state.ts'
import { submitJob } from '../editor/submit-job.ts'
import { linkTo } from '../router.ts'
import { classOf } from '../ui/button.tsx'
import { creditsRoughly } from '../ui/format.ts'

/** Who pays, what there is to pay with, and the button. */
export function SubmitBar({ isReady, isOperator }: { isReady: boolean; isOperator: boolean }) {
  const submitters = useResource<Submitter[]>(isOperator ? '/api/submitters' : null).value
  const ledger = useResource<Ledger>(isOperator ? null : '/api/ledger').value
  const payer = useSignal<string | null>(null)
  const isBusy = useSignal(false)
  const chosen = submitters?.find(({ name }) => name === payer.value) ?? submitters?.[0]
  const balanceMicro = isOperator
    ? chosen?.balanceMicro
    : ledger?.accounts.find(({ id }) => id.startsWith('submitter:'))?.balanceMicro
  const isStuck = isOperator && submitters !== null && submitters.length === 0
  const submit = async () => {
    isBusy.value = true
    try {
      const job = await submitJob(draft.value, script.value, isOperator ? (chosen?.name ?? '') : null)
      jobs.take(job)
      submittedId.value = job.id
    } catch (thrown) {
      refusal.value = { ...problemOf(thrown), message: messageOf(thrown) }
    }
    isBusy.value = false
  }
  return (
    <div class="submit-bar">
      {isOperator && submitters !== null && submitters.length > 0 ? (
        <label class="select">
          <span class="visually-hidden">Who pays</span>
          <select
            value={chosen?.name}
            onChange={event => {
              payer.value = event.currentTarget.value
            }}
          >
            {submitters.map(({ name }) => (
              <option key={name} value={name}>
                {name} pays
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <span class="field-note">
        {isStuck ? (
          <>
            Nobody can pay yet: <a href={linkTo('people')}>add a submitter</a>.
          </>
        ) : balanceMicro === undefined ? null : (
          `${creditsRoughly(balanceMicro)} cr to spend`
        )}
      </span>
      <button
        type="button"
        class={classOf('primary', isBusy.value)}
        disabled={!isReady || isBusy.value || isStuck}
        aria-busy={isBusy.value}
        onClick={submit}
      >
        Submit to the region
      </button>
      {submittedId.value === null ? null : <a href={linkTo('jobs', submittedId.value)}>The last one’s page</a>}
    </div>
  )
}
