/** Small tasks, assembled by hand, for jobs whose right answer is plain. */
import { LIMITS } from '../../protocol/index.ts'
import { command, op, REACTOR_INPUT, range, reactor, wasiImport } from './wasm-module.ts'

const LOAD_BYTE = [0x2d, 0, 0]
const EQUAL = [0x46]
const IF = [0x04, 0x40]
const END = [0x0b]
/** The i64 that says that the output is the input. */
const inputAsOutput = [...op.local(0), 0xad, ...op.i64(32), 0x86, ...op.local(1), 0xad, 0x84]

/** Answers with its input, of up to 60 000 bytes. */
export const ECHO = reactor(inputAsOutput)

/** Answers with its input, but traps when that begins with `x`. */
export const TRAPS_ON_X = reactor([
  ...op.local(0),
  ...LOAD_BYTE,
  ...op.i32(0x78),
  ...EQUAL,
  ...IF,
  ...op.unreachable,
  ...END,
  ...inputAsOutput,
])

export const VERBOSE_BYTES = 60_000

/** Answers with 60 000 bytes: its input, then zeros. */
export const VERBOSE = reactor(range(REACTOR_INPUT, VERBOSE_BYTES))

/** A command that ends with code 7. */
export const EXITS_WITH_7 = command([...op.i32(7), ...op.call(0)], { imports: [wasiImport('proc_exit', 'i:')] })

/** Never ends by itself. With all the fuel a unit may have it runs for a minute or more. */
export const ENDLESS = reactor([...op.forever(), ...range(0, 0)])
export const FOR_LONG = { unitTimeoutMs: LIMITS.unitTimeoutMsMax, unitFuelMax: LIMITS.unitFuelMax }
