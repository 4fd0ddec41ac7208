/** What submissions of jobs and campaigns have in common: JSON in, a reason out when they are not taken. */
import {
  ConfigError,
  fromUtf8,
  HedgerowError,
  JOB_REF_LENGTH_MAX,
  LIMITS,
  messageOf,
  TaskError,
} from '../../protocol/index.ts'
import { failureReply } from '../http/failure-reply.ts'

/** A submission that the region will not take. */
export class SubmissionRefused extends HedgerowError<{ code: string }> {}

/** The specification of a published submission, and the text that is to come back with every answer. */
export interface Submission {
  specification: unknown
  ref: string | undefined
}

/**
 * @throws {SubmissionRefused} `too_large` or `bad_json` · {@link ConfigError} for a `ref` that is none
 */
export function readSubmission(payload: Uint8Array): Submission {
  if (payload.length > LIMITS.submitBytesMax) {
    throw new SubmissionRefused(
      { code: 'too_large' },
      `A submission has at most ${LIMITS.submitBytesMax} bytes: put larger inputs up as blobs.`,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(payload))
  } catch (cause) {
    throw new SubmissionRefused(
      { code: 'bad_json' },
      `The submission is not JSON: ${messageOf(cause).replace(/\.$/, '')}.`,
      { cause },
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SubmissionRefused({ code: 'bad_json' }, 'The submission must be a JSON object.')
  }
  const { ref, ...specification } = value as Record<string, unknown>
  if (ref !== undefined && (typeof ref !== 'string' || ref.length > JOB_REF_LENGTH_MAX)) {
    const reason = `must be text of at most ${JOB_REF_LENGTH_MAX} characters`
    throw new ConfigError({ code: 'bad_job', path: 'ref', reason }, `The submission's ref ${reason}.`)
  }
  return { specification, ref }
}

/** A refusal as the submitter reads it. */
export interface RefusalReply {
  code: string
  /** A sentence that says what to do. */
  message: string
  /** The wrong field, such as `split.size`; empty when it is not one field. */
  path: string
}

export function describeRefusal(error: unknown): RefusalReply {
  if (error instanceof ConfigError && (error.info.code === 'bad_job' || error.info.code === 'bad_campaign')) {
    return { code: error.code, message: error.message, path: error.info.path }
  }
  if (error instanceof SubmissionRefused) return { code: error.code, message: error.message, path: '' }
  const { code, message } = failureReply(error)
  if (!(error instanceof TaskError)) return { code, message, path: '' }
  return { code, message, path: error.code === 'bad_script' ? 'task.script' : 'task.module' }
}
