import { useRef } from 'preact/hooks'
import { later } from '../platform.ts'
import { choose, query } from '../router.ts'
import { count } from './format.ts'
import { Icon } from './icon.tsx'

const TYPING_MS = 150

/** A field to search in what is shown below; what is typed is kept in the page's address as `name`. */
export function SearchField({ name, label }: { name: string; label: string }) {
  const cancel = useRef(() => {})
  return (
    <label class="search">
      <Icon name="search" size={18} />
      <span class="visually-hidden">{label}</span>
      <input
        type="search"
        placeholder={label}
        defaultValue={query.value.get(name) ?? ''}
        onInput={event => {
          const typed = event.currentTarget.value
          cancel.current()
          cancel.current = later(() => choose(name, typed.trim()), TYPING_MS)
        }}
      />
    </label>
  )
}

/** One of the kinds that rows are of. */
export interface FilterChoice {
  /** Kept in the page's address; empty for all. */
  readonly value: string
  readonly label: string
  readonly rows: number
}

/** Shows rows of one kind only; the choice is kept in the page's address as `name`. */
export function FilterChips({
  name,
  label,
  choices,
}: {
  name: string
  label: string
  choices: readonly FilterChoice[]
}) {
  const chosen = query.value.get(name) ?? ''
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">{label}</legend>
      {choices
        .filter(({ value, rows }) => rows > 0 || value === '' || value === chosen)
        .map(({ value, label: title, rows }) => (
          <button
            key={value}
            type="button"
            class="chip"
            aria-pressed={value === chosen}
            onClick={() => choose(name, value)}
          >
            {title} <span class="chip-count">{count(rows)}</span>
          </button>
        ))}
    </fieldset>
  )
}

/** One of several, in a list that opens; the choice is kept in the page's address as `name`. */
export function FilterSelect({ name, label, all, values }: FilterSelectProps) {
  return (
    <label class="select">
      <span class="visually-hidden">{label}</span>
      <select value={query.value.get(name) ?? ''} onChange={event => choose(name, event.currentTarget.value)}>
        <option value="">{all}</option>
        {values.map(value => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  )
}

export interface FilterSelectProps {
  name: string
  label: string
  /** What it says while nothing is chosen. */
  all: string
  values: readonly string[]
}
