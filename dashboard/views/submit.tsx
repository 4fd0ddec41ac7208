import { useEffect, useMemo } from 'preact/hooks'
import { role } from '../api/session.ts'
import { askTaskWorker } from '../editor/ask-task-worker.ts'
import { CodeField } from '../editor/code-field.tsx'
import { EXAMPLES, type Example } from '../editor/examples.ts'
import { checkDraft, placeOf } from '../editor/job-draft.ts'
import { JobForm } from '../editor/job-form.tsx'
import { draft, exampleId, pickExample, refusal, script, setScript, submittedId } from '../editor/state.ts'
import { later } from '../platform.ts'
import { Card } from '../ui/card.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { SubmitBar } from './submit-bar.tsx'
import { SubmittedJob } from './submit-run.tsx'
import { TryUnit } from './submit-try.tsx'

/** A script is compiled so long after the last change. */
const TYPING_MS = 400

/** `#/submit` */
export default function SubmitView() {
  useEffect(() => {
    if (exampleId.value === null) void pickExample(EXAMPLES[0] as Example)
  }, [])
  useCompiler()
  const check = useMemo(
    () => checkDraft(draft.value, script.value === '' ? ' ' : script.value),
    [draft.value, script.value],
  )
  const problem = refusal.value ?? check.problem
  const scriptProblem = problem?.path.startsWith('task.script') ? problem.message : null
  const mark = useMemo(
    () => (scriptProblem === null ? null : { line: 1, column: 1, ...placeOf(scriptProblem), message: scriptProblem }),
    [scriptProblem],
  )
  return (
    <Page
      title="Try a task"
      lead="A JavaScript function that devices call once for each unit. Write it, try a unit here, then let the region run it."
    >
      <fieldset class="examples">
        <legend>Begin with an example</legend>
        {EXAMPLES.map(example => (
          <button
            key={example.id}
            type="button"
            class="example"
            aria-pressed={example.id === exampleId.value}
            onClick={() => pickExample(example)}
          >
            <strong>{example.title}</strong>
            <span>{example.text}</span>
          </button>
        ))}
      </fieldset>
      <div class="submit-layout">
        <div class="submit-code">
          <Card title="Script">
            <CodeField
              text={script.value}
              language="javascript"
              label="The script"
              problem={mark}
              onChange={setScript}
            />
            {scriptProblem === null ? null : (
              <p class="problem" role="alert">
                {scriptProblem}
              </p>
            )}
            <TryUnit canTry={check.problem === null} />
          </Card>
        </div>
        <Card title="Job">
          <JobForm problem={problem} />
          {problem !== null && problem.path === '' ? <Notice kind="problem">{problem.message}</Notice> : null}
          <SubmitBar isReady={check.problem === null} isOperator={role.value === 'operator'} />
        </Card>
      </div>
      {submittedId.value === null ? null : <SubmittedJob key={submittedId.value} id={submittedId.value} />}
    </Page>
  )
}

/** Has the script compiled here, a moment after each change, and keeps what the compiler says. */
function useCompiler(): void {
  const text = script.value
  useEffect(() => {
    if (text === '') return
    return later(async () => {
      const answer = await askTaskWorker({ kind: 'check', script: text })
      if (answer.kind === 'refused' && script.value === text)
        refusal.value = { path: 'task.script', message: answer.message }
    }, TYPING_MS)
  }, [text])
}
