/**
 * The three kinds of things that go wrong: a bug ({@link assert}), a failure (an error of a family below, with its data),
 * and an expected outcome (a returned status, never thrown). Messages are sentences for people; programs read `info`.
 */

/** Base of every failure: `info` carries a `code` and that code's data. */
export class HedgerowError<T extends { code: string }> extends Error {
  readonly info: T

  constructor(info: T, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.info = info
  }

  get code(): T['code'] {
    return this.info.code
  }
}

export type ProtocolFailure =
  | { code: 'bad_cbor'; reason: string; offset: number }
  | { code: 'bad_message'; message: string; field: string; reason: string }
  | { code: 'bad_id'; kind: string; value: string }
  | { code: 'bad_frame'; reason: string }
  | { code: 'bad_algorithm' }
  | { code: 'bad_signature' }
  | { code: 'bad_key'; reason: 'length' | 'non_canonical' | 'small_order' | 'torsion' }
  | { code: 'bad_topic'; reason: string }
  | { code: 'bad_claim'; reason: string }
  | { code: 'bad_text'; reason: string }
  | { code: 'bad_proof'; reason: string }
  | { code: 'bad_note'; reason: string }

/** A peer sent bytes that break the protocol; the bytes are refused and counted. */
export class ProtocolError extends HedgerowError<ProtocolFailure> {}

export type TransportFailure =
  | { code: 'unreachable'; address: string }
  | { code: 'refused'; address: string; reason: string }
  | { code: 'untrusted'; address: string; reason: string }
  | { code: 'closed'; address: string }
  | { code: 'timeout'; address: string; timeoutMs: number }
  | { code: 'port_taken'; address: string }
  | { code: 'bad_response'; address: string; status: number }

/** A link, broker or HTTP peer could not be reached or went away. */
export class TransportError extends HedgerowError<TransportFailure> {}

export type TaskFailure =
  | { code: 'bad_module'; section: string; offset: number; reason: string }
  | { code: 'bad_script'; reason: string; line: number | null; column: number | null }
  | { code: 'bad_input'; reason: string }
  | { code: 'timeout'; timeoutMs: number }
  | { code: 'sandbox_died'; reason: string }
  | { code: 'cancelled' }
  | { code: 'bad_output'; unit: number; reason: string }
  | { code: 'no_blob'; sha256: string; reason: string }

/** A task, its module, its input or its output cannot be used. */
export class TaskError extends HedgerowError<TaskFailure> {}

export type LedgerFailure =
  | { code: 'insufficient'; account: string; neededMicro: bigint; availableMicro: bigint }
  | { code: 'bad_amount'; value: string }
  | { code: 'unknown_account'; account: string }

/** A transfer that must not happen. */
export class LedgerError extends HedgerowError<LedgerFailure> {}

export type HardwareFailure =
  | { code: 'unreadable'; path: string }
  | { code: 'bad_value'; path: string; value: string }
  | { code: 'unplugged'; path: string }
  | { code: 'no_answer'; path: string; timeoutMs: number }
  | { code: 'not_installed'; path: string }

/** A pin, port or kernel file did not give what it should. */
export class HardwareError extends HedgerowError<HardwareFailure> {}

export type ConfigFailure =
  | { code: 'bad_job'; path: string; reason: string }
  | { code: 'bad_campaign'; path: string; reason: string }
  | { code: 'bad_option'; path: string; reason: string }
  | { code: 'in_use'; path: string }
  | { code: 'no_space'; path: string }
  | { code: 'not_found'; path: string }
  | { code: 'newer_data'; path: string; found: number; known: number }
  | { code: 'damaged'; path: string; reason: string }

/** What a person configured, typed or left on disk cannot be used. */
export class ConfigError extends HedgerowError<ConfigFailure> {}

/** A condition that only a bug can break. It stays on in production and stops the process. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * States what must hold.
 * @throws {AssertionError} when it does not
 */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionError(what)
}

/** The message of anything thrown, for a log line or a reply. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
