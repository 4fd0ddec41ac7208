/**
 * The JSON that a coordinator publishes to a submitter, one form per topic leaf, and the checked parsers of it.
 * Amounts are decimal strings of micro-credits. A reader ignores fields it does not know. Explained in docs/submitting.md.
 */
import { ProtocolError } from '../errors.ts'
import type { JobId, Sha256Hex } from '../ids.ts'
import { jobId, sha256Hex } from '../ids.ts'

/** Where a job stands; the last three are final. */
export type JobState = 'running' | 'aggregating' | 'done' | 'failed' | 'cancelled'

const JOB_STATES: readonly string[] = ['running', 'aggregating', 'done', 'failed', 'cancelled'] satisfies JobState[]

/** Longest `ref` a submitter may attach to a submission, in UTF-16 code units. */
export const JOB_REF_LENGTH_MAX = 64

/** Whether nothing more will happen to a job in this state. */
export function isFinalState(state: JobState): state is 'done' | 'failed' | 'cancelled' {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}

/** On `…/<job>/status`: once on acceptance, at each change of state, and on request. */
export interface StatusReply {
  job: JobId
  /** The submitter's own text, when the submission carried one. */
  ref?: string
  state: JobState
  /** Why it failed or was cancelled; empty otherwise. */
  reason: string
  units: number
  /** Price of one unit, and what was put in escrow. */
  priceMicro: string
  budgetMicro: string
}

/** On `…/<job>/progress`, at most once a second while the job runs. */
export interface ProgressReply {
  job: JobId
  units: number
  /** Units that at least one device has returned. */
  done: number
  /** Units whose result has been decided. */
  verified: number
  /** Units verified a second, lately. */
  ratePerSecond: number
  /** Null while there is no rate to reckon with. */
  etaMs: number | null
  spentMicro: string
}

/** The result itself: UTF-8 text or base64 up to `LIMITS.inlineBytesMax`, above that the address of the blob. */
export type ResultBody = { text: string } | { base64: string } | { url: string }

interface ResultBase {
  job: JobId
  ref?: string
  /** Empty unless the job failed or was cancelled. */
  reason: string
  costMicro: string
  /** Units that were skipped because they failed. */
  failedUnits: number
}

/** The answer of a finished job. `bytes` and `sha256` are of the decoded body. */
export type DoneReply = ResultBase & ResultBody & { state: 'done'; mediaType: string; bytes: number; sha256: Sha256Hex }

/** The last word about a job that ended without an answer. */
export interface EndedReply extends ResultBase {
  state: 'failed' | 'cancelled'
}

/** On `…/<job>/result`, once the job is final, and on request. */
export type ResultReply = DoneReply | EndedReply

/** On `…/refused`: a submission, or a request about a job, that was not accepted. */
export interface RefusedReply {
  ref?: string
  /** The job of a refused `get` or `cancel`, as the topic spelled it. */
  job?: string
  error: {
    code: string
    /** A sentence that says what to do. */
    message: string
    /** The wrong field of the submission, such as `split.size`; empty when it is not about one field. */
    path: string
  }
}

type Fields = Record<string, unknown>

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseStatusReply(value: unknown): StatusReply {
  const form = 'job status'
  const fields = object(form, '', value)
  return {
    job: id(form, fields),
    ...optionalText(form, fields, 'ref'),
    state: state(form, fields),
    reason: text(form, fields, 'reason'),
    units: count(form, fields, 'units'),
    priceMicro: micro(form, fields, 'priceMicro'),
    budgetMicro: micro(form, fields, 'budgetMicro'),
  }
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseProgressReply(value: unknown): ProgressReply {
  const form = 'job progress'
  const fields = object(form, '', value)
  return {
    job: id(form, fields),
    units: count(form, fields, 'units'),
    done: count(form, fields, 'done'),
    verified: count(form, fields, 'verified'),
    ratePerSecond: number(form, fields, 'ratePerSecond'),
    etaMs: fields.etaMs === null ? null : number(form, fields, 'etaMs'),
    spentMicro: micro(form, fields, 'spentMicro'),
  }
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseResultReply(value: unknown): ResultReply {
  const form = 'job result'
  const fields = object(form, '', value)
  const base: ResultBase = {
    job: id(form, fields),
    ...optionalText(form, fields, 'ref'),
    reason: text(form, fields, 'reason'),
    costMicro: micro(form, fields, 'costMicro'),
    failedUnits: count(form, fields, 'failedUnits'),
  }
  const ended = state(form, fields)
  if (!isFinalState(ended)) throw bad(form, 'state', 'must be done, failed or cancelled')
  if (ended !== 'done') return { ...base, state: ended }
  return {
    ...base,
    ...body(form, fields),
    state: ended,
    mediaType: text(form, fields, 'mediaType'),
    bytes: count(form, fields, 'bytes'),
    sha256: digest(form, fields),
  }
}

/** @throws {ProtocolError} `bad_message` naming the field */
export function parseRefusedReply(value: unknown): RefusedReply {
  const form = 'job refused'
  const fields = object(form, '', value)
  const error = object(form, 'error', fields.error)
  return {
    ...optionalText(form, fields, 'ref'),
    ...optionalText(form, fields, 'job'),
    error: {
      code: text(form, error, 'code'),
      message: text(form, error, 'message'),
      path: text(form, error, 'path'),
    },
  }
}

function bad(message: string, field: string, reason: string): ProtocolError {
  const where = field === '' ? `The ${message} reply` : `The field ${field} of the ${message} reply`
  return new ProtocolError({ code: 'bad_message', message, field, reason }, `${where} ${reason}.`)
}

function object(form: string, field: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(form, field, 'must be an object')
  return value as Fields
}

function text(form: string, fields: Fields, field: string): string {
  const value = fields[field]
  if (typeof value !== 'string') throw bad(form, field, 'must be a text')
  return value
}

function optionalText<Name extends string>(form: string, fields: Fields, field: Name): Partial<Record<Name, string>> {
  const value = fields[field]
  if (value === undefined || value === null) return {}
  if (typeof value !== 'string') throw bad(form, field, 'must be a text')
  return { [field]: value } as Partial<Record<Name, string>>
}

function number(form: string, fields: Fields, field: string): number {
  const value = fields[field]
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw bad(form, field, 'must be a number of zero or more')
  }
  return value
}

function count(form: string, fields: Fields, field: string): number {
  const value = fields[field]
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw bad(form, field, 'must be a whole number of zero or more')
  return value as number
}

function micro(form: string, fields: Fields, field: string): string {
  const value = fields[field]
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,29})$/.test(value)) {
    throw bad(form, field, 'must be a decimal text of micro-credits')
  }
  return value
}

function state(form: string, fields: Fields): JobState {
  const value = fields.state
  if (typeof value !== 'string' || !JOB_STATES.includes(value)) throw bad(form, 'state', 'must be a known state')
  return value as JobState
}

function id(form: string, fields: Fields): JobId {
  try {
    return jobId(text(form, fields, 'job'))
  } catch {
    throw bad(form, 'job', 'must be a job id')
  }
}

function digest(form: string, fields: Fields): Sha256Hex {
  try {
    return sha256Hex(text(form, fields, 'sha256'))
  } catch {
    throw bad(form, 'sha256', 'must be a SHA-256 in hexadecimal')
  }
}

function body(form: string, fields: Fields): ResultBody {
  const present = (['text', 'base64', 'url'] as const).filter(field => fields[field] !== undefined)
  if (present.length !== 1) throw bad(form, '', 'must have exactly one of text, base64 and url')
  if (present[0] === 'text') return { text: text(form, fields, 'text') }
  if (present[0] === 'base64') return { base64: text(form, fields, 'base64') }
  return { url: text(form, fields, 'url') }
}
