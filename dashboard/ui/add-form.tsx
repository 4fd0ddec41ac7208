import { useSignal } from '@preact/signals'
import { messageOf } from '../../protocol/index.ts'
import { classOf } from './button.tsx'
import type { DialogField } from './dialog.tsx'

/** A line of fields that adds something to what is listed above it. It is empty again when that is done. */
export function AddForm({ label, fields, action, onAdd }: AddFormProps) {
  const isBusy = useSignal(false)
  const problem = useSignal<string | null>(null)
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (isBusy.value) return
    const form = event.currentTarget as HTMLFormElement
    const given = new FormData(form)
    isBusy.value = true
    problem.value = null
    try {
      await onAdd(name => String(given.get(name) ?? '').trim())
      form.reset()
    } catch (thrown) {
      problem.value = messageOf(thrown)
    }
    isBusy.value = false
  }
  return (
    <form class="form form-add" aria-label={label} onSubmit={submit}>
      <div class="form-row">
        {fields.map(({ name, label: title, ...input }) => (
          <label key={name} class="field">
            <span>{title}</span>
            <input name={name} required autocomplete="off" autocapitalize="none" spellcheck={false} {...input} />
          </label>
        ))}
        <button type="submit" class={classOf('primary', isBusy.value)} aria-busy={isBusy.value}>
          {action}
        </button>
      </div>
      {problem.value === null ? null : (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
    </form>
  )
}

export interface AddFormProps {
  /** What is added, such as `New owner`. */
  label: string
  fields: readonly DialogField[]
  /** What the button says. */
  action: string
  /** @param given - what was typed into a field; what it throws is shown */
  onAdd(given: (field: string) => string): Promise<void>
}
