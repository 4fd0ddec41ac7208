/** Host functions and the unit they work on, for tests to call as a task would. */
import { Counters } from '../../../../device/sandbox/counters.ts'
import { engine } from '../../../../device/sandbox/engine.ts'
import { GuestMemory } from '../../../../device/sandbox/guest-memory.ts'
import { UnitContext } from '../../../../device/sandbox/unit-context.ts'
import { type HostFunction, notImplemented, wasiFunctions } from '../../../../device/sandbox/wasi.ts'
import { JOB_BYTES } from '../../../support/run-task.ts'

/** A unit with one page of memory, and the functions it may call. */
export function hostWorld(input = '', args: readonly string[] = [], fuelMax = 1_000_000) {
  const memory = new engine.Memory({ initial: 1, maximum: 2 })
  const encode = (value: string) => new TextEncoder().encode(value)
  const unit = { job: JOB_BYTES, number: 0, args: args.map(arg => encode(`${arg}\0`)), input: encode(input) }
  const context = new UnitContext(new GuestMemory(memory), unit, { keepsStderr: true })
  const counters = new Counters(
    new engine.Global({ value: 'i64', mutable: true }, 0n),
    new engine.Global({ value: 'i32', mutable: true }, 0),
  )
  counters.begin(BigInt(fuelMax))
  context.countWith(counters)
  const functions = wasiFunctions(() => context)
  const view = () => new DataView(memory.buffer)
  return {
    context,
    view,
    call: (name: string, ...values: (number | bigint)[]) => {
      const run = (functions[name] ?? notImplemented) as (...values: (number | bigint)[]) => ReturnType<HostFunction>
      return run(...values)
    },
    /** Writes a list of pointer and length pairs to address 0. */
    vectors: (...pairs: number[]) => {
      for (const [index, value] of pairs.entries()) view().setUint32(index * 4, value, true)
    },
    put: (at: number, value: string) => new Uint8Array(memory.buffer).set(encode(value), at),
    text: (at: number, length: number) => new TextDecoder().decode(new Uint8Array(memory.buffer, at, length)),
    output: () => new TextDecoder().decode(context.output()),
    stderr: () => new TextDecoder().decode(context.stderr?.bytes),
    /** What the host functions have charged so far. */
    charged: () => fuelMax - Number(counters.fuelLeft),
  }
}
