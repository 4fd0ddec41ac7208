import { useSignal } from '@preact/signals'
import { formatCredits, parseCredits } from '../../protocol/amounts.ts'
import { CodeField } from './code-field.tsx'
import { ChoiceField, NumberField, putField, TextField } from './fields.tsx'
import { type FieldProblem, readDraft, valueAt } from './job-draft.ts'
import { SplitFields } from './split-fields.tsx'
import { draft, jobText, refusal } from './state.ts'

const AGGREGATES = [
  ['collect', 'keep every output (CBOR)'],
  ['concat', 'put outputs in a row'],
  ['sum', 'add numbers up'],
  ['mean', 'mean of numbers'],
  ['min', 'the least number'],
  ['max', 'the greatest number'],
  ['merge-map', 'add up counts by key'],
] as const

const CERTAINTIES = [
  ['trust', 'one answer is enough'],
  ['0.9', '90 %'],
  ['0.99', '99 %'],
  ['0.999', '99.9 %'],
  ['0.9999', '99.99 %'],
] as const

/** Everything of a job but its script: as a form, and as the JSON that is sent. */
export function JobForm({ problem }: { problem: FieldProblem | null }) {
  const jsonProblem = useSignal<string | null>(null)
  const aggregate = valueAt(draft.value, 'aggregate.kind') ?? valueAt(draft.value, 'aggregate')
  const verify = valueAt(draft.value, 'verify')
  const theta = verify === 'trust' ? 'trust' : String(valueAt(draft.value, 'verify.theta') ?? 0.999)
  return (
    <div class="form">
      <TextField path="name" label="Name" problem={problem} placeholder="for people; may be left out" />
      <SplitFields problem={problem} />
      <div class="form-row">
        <ChoiceField
          path="aggregate"
          label="Put together by"
          problem={problem}
          value={String(aggregate)}
          choices={AGGREGATES}
          onChoice={kind => putField('aggregate', { kind })}
        />
        <ChoiceField
          path="verify"
          label="Certainty"
          note="More asks more devices."
          problem={problem}
          value={theta}
          choices={CERTAINTIES}
          onChoice={chosen => putField('verify', chosen === 'trust' ? 'trust' : { theta: Number(chosen) })}
        />
      </div>
      <div class="form-row">
        <BudgetField problem={problem} />
        <NumberField
          path="task.unitFuelMax"
          label="Fuel a unit may burn"
          note="Try a unit, then leave some room."
          problem={problem}
          min={1}
        />
      </div>
      <details class="job-json">
        <summary>The job as JSON</summary>
        <p class="field-note">
          This is what is sent, with the script as <code>task.script</code>. The form and the text change each other.
        </p>
        <CodeField
          text={jobText.value}
          language="json"
          label="The job as JSON"
          problem={
            jsonProblem.value === null
              ? null
              : { line: lineOf(jsonProblem.value, jobText.value), column: 1, message: jsonProblem.value }
          }
          onChange={text => {
            jobText.value = text
            const read = readDraft(text)
            jsonProblem.value = read.problem
            if (read.draft === null) return
            draft.value = read.draft
            refusal.value = null
          }}
        />
        {jsonProblem.value === null ? null : (
          <p class="problem" role="alert">
            {jsonProblem.value}
          </p>
        )}
      </details>
    </div>
  )
}

/** The budget in credits, while the job has it in micro-credits. */
function BudgetField({ problem }: { problem: FieldProblem | null }) {
  const micro = valueAt(draft.value, 'budgetMicro')
  const typed = useSignal<string | null>(null)
  const shown = typed.value ?? creditsText(micro)
  const isWrong = problem?.path === 'budgetMicro'
  return (
    <label class={isWrong ? 'field field-wrong' : 'field'}>
      <span>Budget, credits</span>
      <input
        type="text"
        inputmode="decimal"
        autocomplete="off"
        value={shown}
        aria-invalid={isWrong}
        onInput={event => {
          const text = event.currentTarget.value
          typed.value = text
          putField('budgetMicro', text.trim() === '' ? undefined : microText(text.trim()))
        }}
        onBlur={() => {
          typed.value = null
        }}
      />
      {isWrong ? (
        <span class="problem" role="alert">
          {problem.message}
        </span>
      ) : (
        <span class="field-note">Put aside; what is left comes back.</span>
      )}
    </label>
  )
}

/** What is no amount is kept as it is, for the check to refuse. */
function microText(credits: string): string {
  try {
    return `${parseCredits(credits)}`
  } catch {
    return credits
  }
}

function creditsText(micro: unknown): string {
  return /^\d{1,19}$/.test(String(micro ?? '')) ? formatCredits(BigInt(String(micro))) : String(micro ?? '')
}

/** Browsers say at which character JSON is broken; the line is what helps. */
function lineOf(message: string, text: string): number {
  const [, line] = /line (\d+)/.exec(message) ?? []
  if (line !== undefined) return Number(line)
  const [, position] = /position (\d+)/.exec(message) ?? []
  return position === undefined ? 1 : text.slice(0, Number(position)).split('\n').length
}
