/** Modules whose types, globals, segments and exports break the rules of WebAssembly, each in one way. */
import { END, FUNCREF, I32, section, text, vector } from '../support/wasm-module.ts'
import { assembled, f32Bits, repeat } from './code.ts'
import { forbidden, type Hostile, invalid } from './entry.ts'

type Bytes = readonly number[]

const EXTERNREF = 0x6f
/** The section that is named when the engine refuses the module. */
const ENGINE = 'module'
const f32 = f32Bits(0)

const element = (contents: Bytes) => assembled({ element: section(9, vector([contents])) })
const global = (...contents: readonly number[]) => assembled({ global: section(6, vector([contents])) })
const data = (contents: Bytes) => assembled({ data: section(11, vector([contents])) })

function part(name: string, at: string, make: () => Uint8Array, reason: RegExp): Hostile {
  return { name: `invalid: ${name}`, make, expect: invalid(at, reason) }
}

const unsoundPart = (name: string, reason: RegExp, make: () => Uint8Array): Hostile => part(name, ENGINE, make, reason)

export const DEFINITIONS: readonly Hostile[] = [
  part(
    'a type of form 0x5f',
    'type section',
    () => assembled({ type: section(1, [1, 0x5e, 0, 0]) }),
    /type form 0x5e is not supported/,
  ),
  part(
    'a type of an unknown value',
    'type section',
    () => assembled({ type: section(1, [1, 0x60, 1, 0x41, 0]) }),
    /value type 0x41 is not supported/,
  ),
  part(
    'a global of an unknown type',
    'global section',
    () => global(0x41, 0, 0x41, 0, END),
    /value type 0x41 is not supported/,
  ),
  part(
    'a global that is neither constant nor variable',
    'global section',
    () => global(I32, 2, 0x41, 0, END),
    /global 0 is shared/,
  ),
  unsoundPart('a global with a value of another type', /type error in constant expression/, () =>
    global(I32, 0, 0x42, 0, END),
  ),
  part(
    'a global without a value',
    'global section',
    () => global(I32, 0, END),
    /an initial value is no plain constant \(instruction 0xb\)/,
  ),
  part(
    'a global with two values',
    'global section',
    () => global(I32, 0, 0x41, 0, 0x41, 0, END),
    /an initial value is no plain constant \(instruction 0x41\)/,
  ),
  part(
    'a global computed by a load',
    'global section',
    () => global(I32, 0, 0x41, 0, 0x28, 2, 0, END),
    /an initial value is no plain constant \(instruction 0x28\)/,
  ),
  part(
    'a global computed by a call',
    'global section',
    () => global(I32, 0, 0x10, 0, END),
    /an initial value is no plain constant \(instruction 0x10\)/,
  ),
  part('a global without end', 'global section', () => global(I32, 0, 0x41, 0), /it ends too early/),
  unsoundPart('data at a 64-bit address', /type error in constant expression/, () => data([0, 0x42, 0, END, 1, 7])),
  part(
    'data at an address that changes',
    'data section',
    () => data([0, 0x23, 0, END, 1, 7]),
    /an initial value is no plain constant \(instruction 0x23\)/,
  ),
  part(
    'data at an address without end',
    'data section',
    () => data([0, 0x41, 0, 1, 7]),
    /an initial value is no plain constant \(instruction 0x1\)/,
  ),
  unsoundPart('data for memory 1', /memory index 1/, () => data([2, 1, 0x41, 0, END, 1, 7])),
  part('data of an unknown kind', 'data section', () => data([3, 1, 7]), /a segment has flags 3/),
  part(
    'elements of an unknown kind',
    'element section',
    () => element([8, 0x41, 0, END, 1, 0]),
    /a segment has flags 8/,
  ),
  unsoundPart('elements for table 3', /out of bounds table index/, () => element([2, 3, 0x41, 0, END, 0, 1, 0])),
  unsoundPart('elements of kind 1', /illegal element kind/, () => element([1, 1, 1, 0])),
  unsoundPart('elements at a float address', /type error in constant expression/, () =>
    element([0, ...f32, END, 1, 0]),
  ),
  unsoundPart('elements of a wrong type', /type error in constant expression/, () =>
    element([4, 0x41, 0, END, 1, 0x41, 0, END]),
  ),
  part(
    'elements that call',
    'element section',
    () => element([4, 0x41, 0, END, 1, 0x10, 0, END]),
    /an initial value is no plain constant \(instruction 0x10\)/,
  ),
  unsoundPart('host references among functions', /type error in constant expression/, () =>
    element([5, FUNCREF, 1, 0xd0, EXTERNREF, END]),
  ),
  part(
    'two exports of one name',
    'export section',
    () =>
      assembled({
        export: section(
          7,
          vector([
            [...text('_start'), 0, 0],
            [...text('memory'), 2, 0],
            [...text('_start'), 0, 0],
          ]),
        ),
      }),
    /two exports/,
  ),
  part(
    'an export name that is not UTF-8',
    'export section',
    () =>
      assembled({
        export: section(
          7,
          vector([
            [...text('_start'), 0, 0],
            [...text('memory'), 2, 0],
            [1, 0xff, 0, 0],
          ]),
        ),
      }),
    /UTF-8/,
  ),
  part(
    'an export name with half a surrogate pair',
    'export section',
    () =>
      assembled({
        export: section(
          7,
          vector([
            [...text('_start'), 0, 0],
            [...text('memory'), 2, 0],
            [3, 0xed, 0xa0, 0x80, 0, 0],
          ]),
        ),
      }),
    /UTF-8/,
  ),
  {
    name: 'invalid: a global that is a vector',
    make: () => global(0x7b, 0, 0xfd, 12, ...repeat(16, [0]), END),
    expect: forbidden('global section', /SIMD/),
  },
]
