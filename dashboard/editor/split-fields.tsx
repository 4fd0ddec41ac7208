import { useSignal } from '@preact/signals'
import { messageOf } from '../../protocol/errors.ts'
import { AreaField, ChoiceField, NumberField, putField, TextField } from './fields.tsx'
import { type FieldProblem, valueAt } from './job-draft.ts'
import { draft } from './state.ts'

const KINDS = [
  ['range', 'a range of numbers'],
  ['items', 'lines, each a unit'],
  ['grid', 'every combination of settings'],
  ['blob', 'a text in pieces'],
] as const

/** What a split begins with when its kind is chosen. */
const BEGINNINGS: Readonly<Record<string, unknown>> = {
  range: { kind: 'range', from: 0, to: 1_000, chunk: 100 },
  items: { kind: 'items', items: ['one', 'two', 'three'] },
  grid: { kind: 'grid', parameters: { size: [1, 2], mode: ['x', 'y'] } },
  blob: { kind: 'blob', source: { text: 'A text.\nOf lines.\n' }, by: 'lines', size: 1 },
}

const CUTS = [
  ['lines', 'lines'],
  ['bytes', 'bytes'],
  ['records', 'records'],
] as const

/** How the input becomes units. */
export function SplitFields({ problem }: { problem: FieldProblem | null }) {
  const kind = String(valueAt(draft.value, 'split.kind'))
  return (
    <>
      <ChoiceField
        path="split.kind"
        label="The input is"
        problem={problem}
        value={kind}
        choices={KINDS}
        onChoice={chosen => putField('split', BEGINNINGS[chosen])}
      />
      {kind === 'range' ? <RangeFields problem={problem} /> : null}
      {kind === 'items' ? <ItemsField problem={problem} /> : null}
      {kind === 'grid' ? <GridField key="grid" problem={problem} /> : null}
      {kind === 'blob' ? <BlobFields problem={problem} /> : null}
    </>
  )
}

function RangeFields({ problem }: { problem: FieldProblem | null }) {
  return (
    <div class="form-row">
      <NumberField path="split.from" label="From" problem={problem} />
      <NumberField path="split.to" label="Up to below" problem={problem} />
      <NumberField path="split.chunk" label="Numbers a unit" problem={problem} min={1} />
    </div>
  )
}

function ItemsField({ problem }: { problem: FieldProblem | null }) {
  const items = valueAt(draft.value, 'split.items')
  const text = Array.isArray(items) ? items.join('\n') : ''
  return (
    <AreaField
      path="split.items"
      label="Items, one a line"
      problem={problem}
      value={text}
      onText={typed => putField('split.items', typed.split('\n'))}
    />
  )
}

/** The parameters as JSON: the one part of a job that has no fixed fields. */
function GridField({ problem }: { problem: FieldProblem | null }) {
  const parameters = valueAt(draft.value, 'split.parameters')
  const typed = useSignal(JSON.stringify(parameters, null, 1))
  const wrong = useSignal<string | null>(null)
  const own = wrong.value === null ? problem : { path: 'split.parameters', message: wrong.value }
  return (
    <AreaField
      path="split.parameters"
      label="Settings and their values, as JSON"
      note="The last one changes fastest."
      problem={own}
      value={typed.value}
      onText={text => {
        typed.value = text
        try {
          putField('split.parameters', JSON.parse(text))
          wrong.value = null
        } catch (thrown) {
          wrong.value = `This is not JSON: ${messageOf(thrown)}.`
        }
      }}
    />
  )
}

function BlobFields({ problem }: { problem: FieldProblem | null }) {
  const text = valueAt(draft.value, 'split.source.text')
  const by = String(valueAt(draft.value, 'split.by'))
  return (
    <>
      {typeof text === 'string' ? (
        <AreaField
          path="split.source"
          label="Text"
          problem={problem}
          value={text}
          onText={typed => putField('split.source', { text: typed })}
        />
      ) : (
        <TextField path="split.source.sha256" label="SHA-256 of a blob" problem={problem} />
      )}
      <div class="form-row">
        <ChoiceField
          path="split.by"
          label="Cut by"
          problem={problem}
          value={by}
          choices={CUTS}
          onChoice={chosen => putField('split.by', chosen)}
        />
        <NumberField path="split.size" label="So many a unit" problem={problem} min={1} />
      </div>
    </>
  )
}
