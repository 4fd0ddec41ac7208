import type { Explanation } from '../../coordinator/http/admin-api.ts'
import { count, credits, duration, fuel, percent, words } from './format.ts'

/** Why something is as it is: one sentence, then the reasons, then the numbers behind them. */
export function ExplanationText({ explanation, hide = [] }: { explanation: Explanation; hide?: readonly string[] }) {
  const { summary, reasons, facts } = explanation
  const shown = Object.entries(facts).filter(([name]) => !hide.includes(name))
  return (
    <div class="explanation">
      <p class="explanation-summary">{summary}</p>
      {reasons.length === 0 ? null : (
        <ul class="reasons">
          {reasons.map(reason => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {shown.length === 0 ? null : (
        <details>
          <summary>The numbers behind it</summary>
          <Facts facts={shown.map(([name, value]) => [words(name), factText(name, value)])} />
        </details>
      )}
    </div>
  )
}

/** Names and values, in two columns. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A fact by what its name says of its unit. */
function factText(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (name.endsWith('Micro') && /^-?\d+$/.test(String(value))) return credits(String(value))
  if (/fuel/i.test(name)) return fuel(value)
  if (value === -1) return '–'
  if (name.endsWith('Ms') && typeof value === 'number') return duration(value)
  if (name === 'credibility' && typeof value === 'number') return percent(value)
  if (typeof value === 'number') return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)))
  return value
}
