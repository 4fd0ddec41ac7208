/**
 * The JSON that a coordinator publishes to a submitter, one form per topic leaf, and the checked parsers of it.
 * Amounts are decimal strings of micro-credits, and so is the fuel of a whole job, which may pass 2^53. A reader ignores fields it does not know. Explained in docs/submitting.md.
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
  /** Price of 10^9 fuel, and what was put in escrow. */
  gigafuelPriceMicro: string
  budgetMicro: string
  /** Units that rest on the word of a device that has been caught, such as `3-17, 40`; of jobs that are done or trust single answers. Absent where there are none. */
  suspect?: string
  /** Units that a second look found to be wrong, after the job was done. Absent where there are none. */
  wrong?: string
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
  /** Fuel of the verified units, each counted once. */
  fuel: string
  spentMicro: string
}

/** The result itself: UTF-8 text or base64 up to `LIMITS.inlineBytesMax`, above that the address of the blob. */
export type ResultBody = { text: string } | { base64: string } | { url: string }

interface ResultBase {
  job: JobId
  ref?: string
  /** Empty unless the job failed or was cancelled. */
  reason: string
  /** Fuel of the verified units, each counted once. Replicas burned as much again and are in the cost. */
  fuel: string
  costMicro: string
  /** Units that were skipped because they failed. */
  failedUnits: number
  /** How many of the verified units are wrong on average, by what is known of the devices that answered them. Absent from coordinators of before. */
  expectedWrongUnits?: number
}

/** Where the bill of a job is: a CSV blob with the header `unit,outcome,fuel` and a line for each unit, in their order. */
export interface BillRef {
  url: string
  sha256: Sha256Hex
  bytes: number
}

/** The answer of a finished job. `bytes` and `sha256` are of the decoded body. */
export type DoneReply = ResultBase &
  ResultBody & {
    state: 'done'
    mediaType: string
    bytes: number
    sha256: Sha256Hex
    /** Fuel of the cheapest and of the dearest unit. */
    unitFuelLeast: number
    unitFuelGreatest: number
    /** Absent for a job that was done before work was metered. */
    bill?: BillRef
  }

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
    gigafuelPriceMicro: micro(form, fields, 'gigafuelPriceMicro'),
    budgetMicro: micro(form, fields, 'budgetMicro'),
    ...optionalText(form, fields, 'suspect'),
    ...optionalText(form, fields, 'wrong'),
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
    fuel: decimal(form, fields, 'fuel', 'fuel'),
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
    fuel: decimal(form, fields, 'fuel', 'fuel'),
    costMicro: micro(form, fields, 'costMicro'),
    failedUnits: count(form, fields, 'failedUnits'),
    ...(fields.expectedWrongUnits === undefined
      ? {}
      : { expectedWrongUnits: number(form, fields, 'expectedWrongUnits') }),
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
    unitFuelLeast: count(form, fields, 'unitFuelLeast'),
    unitFuelGreatest: count(form, fields, 'unitFuelGreatest'),
    ...bill(form, fields),
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
  return decimal(form, fields, field, 'micro-credits')
}

function decimal(form: string, fields: Fields, field: string, what: string): string {
  const value = fields[field]
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,29})$/.test(value)) {
    throw bad(form, field, `must be a decimal text of ${what}`)
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

function bill(form: string, fields: Fields): { bill?: BillRef } {
  if (fields.bill === undefined || fields.bill === null) return {}
  const ref = object(form, 'bill', fields.bill)
  return { bill: { url: text(form, ref, 'url'), sha256: digest(form, ref), bytes: count(form, ref, 'bytes') } }
}

function body(form: string, fields: Fields): ResultBody {
  const present = (['text', 'base64', 'url'] as const).filter(field => fields[field] !== undefined)
  if (present.length !== 1) throw bad(form, '', 'must have exactly one of text, base64 and url')
  if (present[0] === 'text') return { text: text(form, fields, 'text') }
  if (present[0] === 'base64') return { base64: text(form, fields, 'base64') }
  return { url: text(form, fields, 'url') }
}
