/** What the page and the worker that tries tasks say to each other. */
import type { JobDraft } from './job-draft.ts'
import type { TriedUnit } from './try-unit.ts'

/** The page's wish. */
export type TryWish =
  /** Does the script compile? */
  | { readonly kind: 'check'; readonly script: string }
  /** Run one unit of the job. */
  | { readonly kind: 'try'; readonly script: string; readonly draft: JobDraft; readonly unit: number }

/** The worker's answer to the wish of the same number. */
export type TryAnswer =
  | { readonly id: number; readonly kind: 'checked' }
  | { readonly id: number; readonly kind: 'tried'; readonly tried: TriedUnit }
  /** `path` is the wrong field, `task.script` for the script itself. */
  | { readonly id: number; readonly kind: 'refused'; readonly path: string; readonly message: string }
  /** This page cannot do it: the region decides. */
  | { readonly id: number; readonly kind: 'unable'; readonly message: string }
