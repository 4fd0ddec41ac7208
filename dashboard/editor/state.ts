/** What is being written on the page for trying tasks; it stays while one looks at other pages. */
import { batch, signal } from '@preact/signals'
import { ask } from '../api/client.ts'
import { EXAMPLES, type Example, scriptPath } from './examples.ts'
import { draftText, type FieldProblem, type JobDraft } from './job-draft.ts'
import type { TriedUnit } from './try-unit.ts'

const FIRST = EXAMPLES[0] as Example

/** The script. */
export const script = signal('')
/** The job without its script. */
export const draft = signal<JobDraft>(FIRST.draft)
/** The same as text, which may be no JSON for a moment. */
export const jobText = signal(draftText(FIRST.draft))
/** Which example it began with; null before the first was loaded. */
export const exampleId = signal<string | null>(null)
/** What the compiler, or the region, said was wrong the last time; cleared by each change. */
export const refusal = signal<FieldProblem | null>(null)
/** The unit that was tried last. */
export const tried = signal<TriedUnit | null>(null)
/** The job that was submitted last. */
export const submittedId = signal<string | null>(null)

/**
 * Begins with an example.
 * @throws {ApiFailure} when its script cannot be loaded
 */
export async function pickExample(example: Example): Promise<void> {
  const text = await (await ask(scriptPath(example.id), { token: null })).text()
  batch(() => {
    exampleId.value = example.id
    setScript(text)
    setDraft(example.draft)
    tried.value = null
  })
}

/** Another script. */
export function setScript(text: string): void {
  script.value = text
  refusal.value = null
}

/** Another job, from the form. */
export function setDraft(next: JobDraft): void {
  draft.value = next
  jobText.value = draftText(next)
  refusal.value = null
}
