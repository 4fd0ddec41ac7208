/** Small programs whose NaNs a processor, or an engine, is free to choose. */
import { command, F32, F64 } from '../support/wasm-module.ts'

type Bytes = readonly number[]

/** A command that leaves bits in its memory. */
export interface Probe {
  readonly name: string
  readonly module: Uint8Array
}

const f64 = (value: number): number[] => [0x44, ...new Uint8Array(new Float64Array([value]).buffer)]
const f32 = (value: number): number[] => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)]
/** A negative quiet NaN and a positive signalling one, both with a payload. */
const QUIET_64 = [0x44, 0x21, 0x43, 0, 0, 0, 0, 0xf8, 0xff]
const SIGNALLING_64 = [0x44, 0x21, 0x43, 0, 0, 0, 0, 0xf4, 0x7f]
const QUIET_32 = [0x43, 0x21, 0x43, 0xc0, 0xff]
const SIGNALLING_32 = [0x43, 0x21, 0x43, 0xa0, 0x7f]

/** What is computed, in both widths: opcodes are those of f32 and of f64. */
const OPERATIONS: readonly (readonly [name: string, f32: Bytes, f64: Bytes])[] = [
  ['0 / 0', [...f32(0), ...f32(0), 0x95], [...f64(0), ...f64(0), 0xa3]],
  ['infinity - infinity', [...f32(Infinity), ...f32(Infinity), 0x93], [...f64(Infinity), ...f64(Infinity), 0xa1]],
  ['0 * infinity', [...f32(0), ...f32(Infinity), 0x94], [...f64(0), ...f64(Infinity), 0xa2]],
  ['sqrt(-1)', [...f32(-1), 0x91], [...f64(-1), 0x9f]],
  ['-(0 / 0)', [...f32(0), ...f32(0), 0x95, 0x8c], [...f64(0), ...f64(0), 0xa3, 0x9a]],
  ['abs(0 / 0)', [...f32(0), ...f32(0), 0x95, 0x8b], [...f64(0), ...f64(0), 0xa3, 0x99]],
  ['quiet + 1', [...QUIET_32, ...f32(1), 0x92], [...QUIET_64, ...f64(1), 0xa0]],
  ['1 + signalling', [...f32(1), ...SIGNALLING_32, 0x92], [...f64(1), ...SIGNALLING_64, 0xa0]],
  ['quiet + signalling', [...QUIET_32, ...SIGNALLING_32, 0x92], [...QUIET_64, ...SIGNALLING_64, 0xa0]],
  ['signalling + quiet', [...SIGNALLING_32, ...QUIET_32, 0x92], [...SIGNALLING_64, ...QUIET_64, 0xa0]],
  ['min(quiet, 1)', [...QUIET_32, ...f32(1), 0x96], [...QUIET_64, ...f64(1), 0xa4]],
  ['max(1, signalling)', [...f32(1), ...SIGNALLING_32, 0x97], [...f64(1), ...SIGNALLING_64, 0xa5]],
  ['ceil(signalling)', [...SIGNALLING_32, 0x8d], [...SIGNALLING_64, 0x9b]],
  ['nearest(quiet)', [...QUIET_32, 0x90], [...QUIET_64, 0x9e]],
  ['demoted and promoted', [...SIGNALLING_64, 0xb6], [...SIGNALLING_32, 0xbb]],
  [
    '1 with the sign of 0 / 0',
    [...f32(1), ...f32(0), ...f32(0), 0x95, 0x98],
    [...f64(1), ...f64(0), ...f64(0), 0xa3, 0xa6],
  ],
  ['a constant', SIGNALLING_32, SIGNALLING_64],
  ['a constant through a local', [...SIGNALLING_32, 0x22, 0], [...SIGNALLING_64, 0x22, 1]],
]

/** Stores both results as floats, and their bits as integers. */
function probe(single: Bytes, double: Bytes): Uint8Array {
  const code = [
    ...[0x41, 8, ...single, 0x38, 2, 0],
    ...[0x41, 16, ...double, 0x39, 3, 0],
    ...[0x41, 24, ...single, 0xbc, 0x36, 2, 0],
    ...[0x41, 32, ...double, 0xbd, 0x37, 3, 0],
  ]
  return command(code, { locals: [F32, F64] })
}

/** Each leaves its bits in memory, the first also what `copysign` makes of it. */
export const NAN_PROBES: readonly Probe[] = OPERATIONS.map(([name, single, double]) => {
  return { name: `NaN: ${name}`, module: probe(single, double) }
})
