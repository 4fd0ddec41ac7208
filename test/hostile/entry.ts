/** What the hostile corpus is made of: a module, the lease it comes with, and what must become of it. */
import type { RunRequest } from '../../device/work/index.ts'
import type { TaskFailure } from '../../protocol/errors.ts'
import type { TrapKind } from '../../protocol/messages/index.ts'

/** What one unit must give, fuel apart. */
export type UnitExpectation =
  | { readonly kind: 'ok'; readonly bytes: Uint8Array }
  | { readonly kind: 'trap'; readonly trap: TrapKind }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'out_of_fuel' }

export type Expectation =
  | {
      readonly kind: 'refused'
      /** Section that the refusal names. */
      readonly section: string
      /** Found in the refusal's reason. */
      readonly reason: RegExp
      /** Whether any engine must refuse it too; otherwise it is sound WebAssembly that a task may not be. */
      readonly invalid: boolean
    }
  | {
      readonly kind: 'units'
      readonly units: readonly UnitExpectation[]
      /** Whether all units must also have burnt the same fuel. */
      readonly alike: boolean
    }
  | { readonly kind: 'no result'; readonly code: TaskFailure['code']; readonly reason?: RegExp }

/** One hostile module. */
export interface Hostile {
  /** What it tries; unique. */
  readonly name: string
  /** Assembles it, the same bytes every time. */
  readonly make: () => Uint8Array
  readonly expect: Expectation
  /** Default `wasi`. */
  readonly abi?: RunRequest['abi']
  /** One a unit. Default: as many empty ones as there are units expected, or one. */
  readonly inputs?: readonly Uint8Array[]
  /** Default {@link MEMORY_PAGES}. */
  readonly memoryPagesMax?: number
  /** Default {@link UNIT_FUEL}. */
  readonly unitFuelMax?: number
  /** Default {@link UNIT_TIMEOUT_MS}. */
  readonly unitTimeoutMs?: number
}

/** Pages of 64 KiB that the corpus' leases allow. */
export const MEMORY_PAGES = 32
/** Some milliseconds of work, and more than anything here needs that is to end by itself. */
export const UNIT_FUEL = 5_000_000
/** No unit of {@link UNIT_FUEL} comes near it, however busy the machine. */
export const UNIT_TIMEOUT_MS = 60_000

/** A module that no engine may take. */
export function invalid(section: string, reason: RegExp): Expectation {
  return { kind: 'refused', section, reason, invalid: true }
}

/** Sound WebAssembly that the profile leaves out. */
export function forbidden(section: string, reason: RegExp): Expectation {
  return { kind: 'refused', section, reason, invalid: false }
}

export function units(...expected: readonly UnitExpectation[]): Expectation {
  return { kind: 'units', units: expected, alike: false }
}

/** `count` units that end in the same way and cost the same. */
export function alike(count: number, expected: UnitExpectation): Expectation {
  return { kind: 'units', units: new Array<UnitExpectation>(count).fill(expected), alike: true }
}

/** The lease ends without a result, which costs the submitter nothing. */
export function noResult(code: TaskFailure['code'], reason?: RegExp): Expectation {
  return { kind: 'no result', code, ...(reason && { reason }) }
}

export const outOfFuel: UnitExpectation = { kind: 'out_of_fuel' }

export const trap = (kind: TrapKind): UnitExpectation => ({ kind: 'trap', trap: kind })

export const exit = (code: number): UnitExpectation => ({ kind: 'exit', code })

/** An output of these bytes, or of this text. */
export function ok(output: string | ArrayLike<number> = ''): UnitExpectation {
  return { kind: 'ok', bytes: typeof output === 'string' ? new TextEncoder().encode(output) : Uint8Array.from(output) }
}

/** An output of 32-bit little-endian words. */
export function okWords(...words: readonly number[]): UnitExpectation {
  return ok(words.flatMap(word => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]))
}
