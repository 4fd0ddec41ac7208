/** Why a lease has no result, in words for people. */
import { TaskError } from '../../protocol/errors.ts'

/** Fits, with the sentence around it, what a result message has room for. */
const REASON_CHARS_MAX = 160
/** A sentence that says what to do is longer. */
const SENTENCE_CHARS_MAX = 512

/** The process ended, or had to be. */
export function died(reason: string, cause?: unknown): TaskError {
  const shown = reason.trim().slice(0, REASON_CHARS_MAX)
  const message = `The sandbox process died (${shown}); the units have no result and can be run again.`
  return new TaskError({ code: 'sandbox_died', reason: shown }, message, cause === undefined ? {} : { cause })
}

/** A unit, or compiling the module, took too long. */
export function timeout(timeoutMs: number): TaskError {
  const message = `The sandbox was killed after ${timeoutMs} ms without progress; give the units less work or a longer timeout.`
  return new TaskError({ code: 'timeout', timeoutMs }, message)
}

/** The module is not one that may be run. */
export function refused(reply: { section: string; offset: number; reason: string; message: string }): TaskError {
  const section = reply.section.slice(0, REASON_CHARS_MAX)
  const reason = reply.reason.slice(0, REASON_CHARS_MAX)
  const info = { code: 'bad_module', section, offset: reply.offset, reason } as const
  return new TaskError(info, reply.message.slice(0, SENTENCE_CHARS_MAX))
}

/** The outputs of a lease passed what one may hold, at this unit. */
export function overflow(unit: number): TaskError {
  const reason = 'the outputs of the lease are too large'
  return new TaskError({ code: 'bad_output', unit, reason }, `At unit ${unit} ${reason}: lease fewer units at a time.`)
}

/** Work that was called off. */
export function cancelled(): TaskError {
  return new TaskError({ code: 'cancelled' }, 'The work was called off before it had a result.')
}
