/** A job while it is being written: plain JSON without its script, changed by a form or as text. */
import { ConfigError, messageOf, TaskError } from '../../protocol/errors.ts'
import { type JobSpec, parseJobSpec } from '../../protocol/jobs/spec.ts'

/** What docs/submitting.md has, without `task.script`. Nothing of it is checked. */
export type JobDraft = { readonly [field: string]: unknown }

/** A field that is wrong, and why. `path` is empty where it is about the whole. */
export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** The value at a path such as `split.size`; undefined where there is none. */
export function valueAt(draft: JobDraft, path: string): unknown {
  let value: unknown = draft
  for (const part of path.split('.')) value = isObject(value) ? value[part] : undefined
  return value
}

/** A draft with another value at a path; undefined takes the field out. */
export function withValue(draft: JobDraft, path: string, value: unknown): JobDraft {
  const [first = '', ...rest] = path.split('.')
  const { [first]: known, ...others } = draft
  const next = rest.length === 0 ? value : withValue(isObject(known) ? known : {}, rest.join('.'), value)
  if (next === undefined) return others
  // In its old place, so that the text changes as little as can be.
  return first in draft
    ? Object.fromEntries(Object.entries(draft).map(([name, old]) => [name, name === first ? next : old]))
    : { ...draft, [first]: next }
}

/** The text of a draft. */
export const draftText = (draft: JobDraft): string => JSON.stringify(draft, null, 2)

/** Reads a draft's text. */
export function readDraft(
  text: string,
): { readonly draft: JobDraft; readonly problem: null } | { readonly draft: null; readonly problem: string } {
  try {
    const draft: unknown = JSON.parse(text)
    return isObject(draft) ? { draft, problem: null } : { draft: null, problem: 'A job is an object: { … }.' }
  } catch (thrown) {
    return { draft: null, problem: `This is not JSON: ${messageOf(thrown)}.` }
  }
}

/** The whole submission. */
export function submissionOf(draft: JobDraft, script: unknown): JobDraft {
  return withValue(draft, 'task.script', script)
}

/** Checks a draft with its script as the region will, before anything is sent. */
export function checkDraft(
  draft: JobDraft,
  script: string,
): { readonly spec: JobSpec; readonly problem: null } | { readonly spec: null; readonly problem: FieldProblem } {
  try {
    return { spec: parseJobSpec(submissionOf(draft, { text: script })), problem: null }
  } catch (thrown) {
    return { spec: null, problem: problemOf(thrown) }
  }
}

/** Fields that a region's sentences name as the ones to change when the job as such is a good one. */
const NAMED_FIELDS = ['verify.theta', 'budgetMicro'] as const

/** Which field a failure is about: by its own word, or by the sentence that a region answered with. */
export function problemOf(thrown: unknown): FieldProblem {
  const message = messageOf(thrown)
  if (thrown instanceof ConfigError && thrown.info.code === 'bad_job') return { path: thrown.info.path, message }
  if (thrown instanceof TaskError && thrown.info.code === 'bad_script') return { path: 'task.script', message }
  const [, path] = /^The job's '([^']{1,128})'/.exec(message) ?? []
  if (path !== undefined) return { path, message }
  if (message.startsWith('The script is refused')) return { path: 'task.script', message }
  return { path: NAMED_FIELDS.find(name => message.includes(name)) ?? '', message }
}

/** Where in the script a refusal points: line and column, counted from 1. */
export function placeOf(message: string): { readonly line: number; readonly column: number } | null {
  const [, line, column] = /at line (\d{1,9}), column (\d{1,9})/.exec(message) ?? []
  return line === undefined || column === undefined ? null : { line: Number(line), column: Number(column) }
}

/** Whether a problem belongs to the field at a path, or to one inside it. */
export function concerns(problem: FieldProblem | null, path: string): boolean {
  return (
    problem !== null &&
    (problem.path === path || problem.path.startsWith(`${path}.`) || problem.path.startsWith(`${path}[`))
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
