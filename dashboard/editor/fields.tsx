import type { ComponentChildren } from 'preact'
import { concerns, type FieldProblem, valueAt, withValue } from './job-draft.ts'
import { draft, setDraft } from './state.ts'

/** What every field of the form is given. */
interface FieldInit {
  path: string
  label: string
  note?: ComponentChildren
  problem: FieldProblem | null
}

/** A label, a control, and below it what is wrong with its value, in the region's words. */
function Field({ path, label, note, problem, children }: FieldInit & { children: ComponentChildren }) {
  const isWrong = concerns(problem, path)
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is given as its child
    <label class={isWrong ? 'field field-wrong' : 'field'}>
      <span>{label}</span>
      {children}
      {isWrong && problem !== null ? (
        <span class="problem" role="alert">
          {problem.message}
        </span>
      ) : note === undefined ? null : (
        <span class="field-note">{note}</span>
      )}
    </label>
  )
}

const put = (path: string, value: unknown): void => setDraft(withValue(draft.value, path, value))

/** A whole number. */
export function NumberField(init: FieldInit & { min?: number; max?: number; step?: number }) {
  const { path, problem, min, max, step } = init
  const value = valueAt(draft.value, path)
  return (
    <Field {...init}>
      <input
        type="number"
        inputmode="numeric"
        min={min}
        max={max}
        step={step}
        value={typeof value === 'number' ? value : ''}
        aria-invalid={concerns(problem, path)}
        onInput={event => {
          const { value: typed } = event.currentTarget
          put(path, typed === '' ? undefined : Number(typed))
        }}
      />
    </Field>
  )
}

/** A line of text; empty leaves the field out. */
export function TextField(init: FieldInit & { placeholder?: string }) {
  const { path, problem, placeholder } = init
  const value = valueAt(draft.value, path)
  return (
    <Field {...init}>
      <input
        type="text"
        autocomplete="off"
        placeholder={placeholder}
        value={typeof value === 'string' ? value : ''}
        aria-invalid={concerns(problem, path)}
        onInput={event => put(path, event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
    </Field>
  )
}

/** A longer text, read and written by the field itself. */
export function AreaField({
  value,
  onText,
  rows = 6,
  ...init
}: FieldInit & { value: string; rows?: number; onText(text: string): void }) {
  return (
    <Field {...init}>
      <textarea
        rows={rows}
        spellcheck={false}
        value={value}
        aria-invalid={concerns(init.problem, init.path)}
        onInput={event => onText(event.currentTarget.value)}
      />
    </Field>
  )
}

/** One of a few. */
export function ChoiceField({
  value,
  choices,
  onChoice,
  ...init
}: FieldInit & {
  value: string
  choices: readonly (readonly [value: string, title: string])[]
  onChoice(value: string): void
}) {
  const isKnown = choices.some(([known]) => known === value)
  return (
    <Field {...init}>
      <select
        value={value}
        aria-invalid={concerns(init.problem, init.path)}
        onChange={event => onChoice(event.currentTarget.value)}
      >
        {isKnown ? null : <option value={value}>as the JSON says</option>}
        {choices.map(([known, title]) => (
          <option key={known} value={known}>
            {title}
          </option>
        ))}
      </select>
    </Field>
  )
}

/** Puts a value into the job that is being written. */
export { put as putField }
