/** Writes the instructions that count fuel, in the shape that was asked for. */
import type { ByteWriter } from './byte-writer.ts'
import { OP } from './opcodes.ts'
import { FAULT } from './profile.ts'

/**
 * How fuel is counted. `fast` keeps it in a local and hands it from function to function, `exact` also writes it to its global whenever it
 * changes, so that it can be read after any trap, and `profile` also counts it for each function. All three count the same.
 */
export type MeterShape = 'fast' | 'exact' | 'profile'

/** Indices of the globals that metering adds. */
export interface MeterGlobals {
  readonly fuel: number
  readonly fault: number
  /** Of the first profile counter; the others follow by function. */
  readonly profile: number
}

/** Where one function keeps what it counts. */
export interface CounterLocals {
  readonly fuel: number
  readonly slots: number
}

const VOID = 0x40

/** Emits into one function's body. */
export class Emitter {
  readonly out: ByteWriter
  readonly locals: CounterLocals
  readonly #shape: MeterShape
  readonly #globals: MeterGlobals
  readonly #function: number | null

  /** @param place - of the function among those with a body; null for one that metering added */
  constructor(out: ByteWriter, shape: MeterShape, globals: MeterGlobals, locals: CounterLocals, place: number | null) {
    this.out = out
    this.locals = locals
    this.#shape = shape
    this.#globals = globals
    this.#function = place
  }

  /** Charges a known amount. What it leaves may be negative: {@link chargeChecked} is for places from where code could run on. */
  charge(fuel: number, place = this.#function): void {
    if (fuel === 0) return
    const { out, locals } = this
    out.opIndex(OP.localGet, locals.fuel)
    this.const64(fuel)
    out.op(OP.i64Sub)
    out.opIndex(OP.localSet, locals.fuel)
    this.#charged(place, () => this.const64(fuel))
  }

  /** Charges a known amount, and stops when there is not so much. */
  chargeChecked(fuel: number): void {
    this.chargeAmount(() => this.const64(fuel))
  }

  /** Charges what `amount` leaves on the stack as an i64, and stops when there is not so much. `amount` may be written twice. */
  chargeAmount(amount: () => void): void {
    const { out, locals } = this
    out.opIndex(OP.localGet, locals.fuel)
    amount()
    out.op(OP.i64Sub)
    if (this.#shape === 'fast') {
      out.opIndex(OP.localTee, locals.fuel)
    } else {
      out.opIndex(OP.localSet, locals.fuel)
      this.#charged(this.#function, amount)
      out.opIndex(OP.localGet, locals.fuel)
    }
    this.const64(0)
    out.op(OP.i64LtS)
    this.#stopIf(null)
  }

  /** Takes the function's frame off the slots that are left, and stops when there are not so many. */
  enterFrame(slots: number): void {
    const { out, locals } = this
    out.opIndex(OP.localGet, locals.slots)
    this.const32(slots)
    out.op(OP.i32Sub)
    out.opIndex(OP.localTee, locals.slots)
    this.const32(0)
    out.op(OP.i32LtS)
    this.#stopIf(FAULT.stack)
  }

  /** Stops for trouble of the host when the condition on the stack holds. */
  hostFaultIf(): void {
    this.#stopIf(FAULT.host)
  }

  /** Makes the global tell what the local does, for whoever looks from outside. */
  flush(): void {
    this.out.opIndex(OP.localGet, this.locals.fuel)
    this.out.opIndex(OP.globalSet, this.#globals.fuel)
  }

  /** Takes over what a host function left. */
  reload(): void {
    this.out.opIndex(OP.globalGet, this.#globals.fuel)
    this.out.opIndex(OP.localSet, this.locals.fuel)
  }

  const32(value: number): void {
    this.out.op(OP.i32Const)
    this.out.signed(value)
  }

  const64(value: number): void {
    this.out.op(OP.i64Const)
    this.out.signed(value)
  }

  #charged(place: number | null, amount: () => void): void {
    if (this.#shape === 'fast') return
    this.flush()
    if (this.#shape === 'exact' || place === null) return
    const counter = this.#globals.profile + place
    this.out.opIndex(OP.globalGet, counter)
    amount()
    this.out.op(OP.i64Add)
    this.out.opIndex(OP.globalSet, counter)
  }

  #stopIf(fault: number | null): void {
    const { out } = this
    out.op(OP.if)
    out.byte(VOID)
    if (fault !== null) {
      this.const32(fault)
      out.opIndex(OP.globalSet, this.#globals.fault)
    }
    this.flush()
    out.op(OP.unreachable)
    out.op(OP.end)
  }
}
