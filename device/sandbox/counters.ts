import { assert } from '../../protocol/errors.ts'
import { FAULT, FAULT_EXPORT, FUEL_EXPORT } from '../../protocol/metering/index.ts'
import { engine, type WasmGlobal, type WasmInstance } from './engine.ts'

/** The two globals through which a metered instance and its host speak of what the present unit may still cost. */
export class Counters {
  readonly #fuel: WasmGlobal
  readonly #fault: WasmGlobal

  /**
   * @param fuel - the instance's `hedgerow.fuel`, an i64
   * @param fault - its `hedgerow.fault`, an i32
   */
  constructor(fuel: WasmGlobal, fault: WasmGlobal) {
    this.#fuel = fuel
    this.#fault = fault
  }

  /** The counters of a metered module's instance. */
  static of({ exports }: WasmInstance): Counters {
    const fuel = exports[FUEL_EXPORT]
    const fault = exports[FAULT_EXPORT]
    assert(fuel instanceof engine.Global && fault instanceof engine.Global, 'a metered module exports its counters')
    return new Counters(fuel, fault)
  }

  /** Fuel that is left; negative once the unit has asked for more than it was given. */
  get fuelLeft(): bigint {
    return this.#fuel.value as bigint
  }

  /** Why the module stopped itself, a {@link FAULT}. */
  get fault(): number {
    return this.#fault.value as number
  }

  /** Makes ready for a unit. */
  begin(fuelMax: bigint): void {
    this.#fuel.value = fuelMax
    this.#fault.value = FAULT.none
  }

  /**
   * Takes fuel off for what a host function is about to do.
   * @param fuel - a whole number, 0 or more
   * @returns false when the unit is out of fuel, which it may have been before
   */
  spend(fuel: number): boolean {
    const left = this.fuelLeft - BigInt(fuel)
    this.#fuel.value = left
    return left >= 0n
  }
}
