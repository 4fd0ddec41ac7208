/** Fork bombs: calls that never return, or return too often. The call-stack limit must be the same everywhere. */
import {
  command,
  F64,
  type FunctionParts,
  I32,
  I64,
  op,
  reactor,
  wasiImport,
  wasmModule,
} from '../support/wasm-module.ts'
import { ins, manyFunctions, print, repeat } from './code.ts'
import { alike, type Hostile, outOfFuel, trap } from './entry.ts'

const exhausted = alike(3, trap('stack_exhausted'))

function deep(name: string, make: () => Uint8Array, more: Partial<Hostile> = {}): Hostile {
  return { name: `recursion: ${name}`, make, expect: exhausted, ...more }
}

/** A command that calls function 1, and what comes after it. */
function calls(...functions: readonly FunctionParts[]): Uint8Array {
  return wasmModule({ functions: [{ exportAs: '_start', code: op.call(1) }, ...functions] })
}

const many = (count: number, type: number) => repeat(count, [type])
/** Loads every parameter and calls function `index`. */
const passOn = (count: number, index: number) => [
  ...Array.from({ length: count }, (_, local) => op.local(local)).flat(),
  ...op.call(index),
]
/** A leaf with the largest frame there may be, all of it used. */
const bigLeaf: FunctionParts = {
  locals: many(4_000, I64),
  code: Array.from({ length: 1_000 }, (_, local) => [...op.i64(local), ...op.setLocal(local * 4)]).flat(),
}

/** Calls itself `calls` times when its argument is not 0, with one less. */
const tree = (self: number, times: number): FunctionParts => ({
  params: [I32],
  code: [...op.local(0), ...ins.if(repeat(times, [...op.local(0), ...op.i32(1), ...ins.sub, ...op.call(self)]))],
})

export const RECURSION: readonly Hostile[] = [
  deep('a command that calls itself', () => command(op.call(0))),
  deep('a function that calls itself', () => calls({ code: op.call(1) })),
  deep('a function that calls itself, and again', () => calls({ code: [...op.call(1), ...op.call(1)] })),
  deep('two functions that call each other', () => calls({ code: op.call(2) }, { code: op.call(1) })),
  deep('a tail that is not one', () => calls({ code: [...op.call(1), ...ins.return] })),
  deep('a call in the condition of a loop', () =>
    calls(
      { code: [...op.call(2), ...op.drop] },
      { results: [I32], code: [...ins.loop([...op.call(2), ...ins.brIf(0)]), ...op.i32(0)] },
    ),
  ),
  deep('a ring of three through a table', () =>
    wasmModule({
      functions: [1, 2, 0].map((next, index) => ({
        ...(index === 0 && { exportAs: '_start' }),
        code: [...op.i32(next), ...op.callIndirect(0)],
      })),
      table: 3,
      elements: [0, 1, 2],
    }),
  ),
  deep('itself and a host function, in turns through a table', () =>
    wasmModule({
      imports: [wasiImport('sched_yield', ':i')],
      functions: [
        {
          exportAs: '_start',
          code: [...op.i32(0), ...op.callIndirect(0), ...op.drop, ...op.i32(1), ...op.callIndirect(1)],
        },
      ],
      table: 2,
      elements: [0, 1],
    }),
  ),
  deep('30 parameters', () =>
    wasmModule({
      functions: [
        { exportAs: '_start', code: [...repeat(30, op.i64(1)), ...op.call(1)] },
        { params: many(30, I64), code: passOn(30, 1) },
      ],
    }),
  ),
  deep('250 float parameters, which travel on the stack', () =>
    wasmModule({
      functions: [
        { exportAs: '_start', code: [...repeat(250, [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]), ...op.call(1)] },
        { params: many(250, F64), code: passOn(250, 1) },
      ],
    }),
  ),
  deep('250 results, which travel on the stack', () =>
    wasmModule({
      functions: [
        { exportAs: '_start', code: [...op.call(1), ...repeat(250, op.drop)] },
        { results: many(250, I64), code: op.call(1) },
      ],
    }),
  ),
  deep('4 000 locals', () => calls({ ...bigLeaf, code: [...(bigLeaf.code ?? []), ...op.call(1)] })),
  deep('4 000 locals that are kept until the call returns', () =>
    calls({
      ...bigLeaf,
      code: [
        ...(bigLeaf.code ?? []),
        ...op.call(1),
        ...Array.from({ length: 1_000 }, (_, local) => [...op.i32(0), ...op.local(local * 4), ...ins.store64()]).flat(),
      ],
    }),
  ),
  deep('1 000 values on the operand stack across the call', () =>
    calls({ code: [...repeat(1_000, op.i64(1)), ...op.call(1), ...repeat(1_000, op.drop)] }),
  ),
  deep('1 000 computed values on the operand stack across the call', () =>
    calls({
      locals: [I64],
      code: [
        ...repeat(1_000, [...op.local(0), ...op.i64(1), 0x7c, ...ins.tee(0)]),
        ...op.call(1),
        ...repeat(999, ins.i64Or),
        ...op.setLocal(0),
      ],
    }),
  ),
  deep('a leaf with a huge frame at every depth', () => calls({ code: [...op.call(2), ...op.call(1)] }, bigLeaf), {
    unitFuelMax: 100_000_000,
  }),
  deep(
    'a leaf with a huge frame and a host call at every depth',
    () =>
      wasmModule({
        imports: [wasiImport('args_sizes_get', 'ii:i')],
        functions: [
          { exportAs: '_start', code: op.call(2) },
          { code: [...op.call(3), ...op.call(2)] },
          { ...bigLeaf, code: [...(bigLeaf.code ?? []), ...op.i32(0), ...op.i32(4), ...op.call(0), ...op.drop] },
        ],
      }),
    { unitFuelMax: 200_000_000 },
  ),
  deep(
    'random bytes at every depth',
    () =>
      wasmModule({
        imports: [wasiImport('random_get', 'ii:i')],
        functions: [
          { exportAs: '_start', code: [...op.i32(0), ...op.i32(8), ...op.call(0), ...op.drop, ...op.call(1)] },
        ],
      }),
    { unitFuelMax: 200_000_000 },
  ),
  deep(
    'output at every depth',
    () =>
      wasmModule({
        imports: [wasiImport('fd_write', 'iiii:i')],
        functions: [{ exportAs: '_start', code: [...print(0, 0, 1), ...op.call(1)] }],
      }),
    { unitFuelMax: 200_000_000 },
  ),
  deep('a growing memory at every depth', () =>
    calls({ code: [...op.i32(1), ...op.memoryGrow, ...op.drop, ...op.call(1)] }),
  ),
  deep('the start function', () => wasmModule({ functions: [{ exportAs: '_start' }, { code: op.call(1) }], start: 1 })),
  deep('run of a reactor', () => reactor([...op.local(0), ...op.local(1), ...op.call(1)]), { abi: 'reactor' }),
  deep('alloc of a reactor', () => reactorAlloc([...op.local(0), ...op.call(0)]), { abi: 'reactor' }),
  deep('65 000 functions, each calling the next', chain),
  deep('a tree so deep that its first branch is too much', () =>
    wasmModule({ functions: [{ exportAs: '_start', code: [...op.i32(1_000_000), ...op.call(1)] }, tree(1, 2)] }),
  ),
  deep(
    'a tree of 2^60 calls',
    () => wasmModule({ functions: [{ exportAs: '_start', code: [...op.i32(60), ...op.call(1)] }, tree(1, 2)] }),
    { expect: alike(2, outOfFuel) },
  ),
  deep(
    'a tree of 100^20 calls',
    () => wasmModule({ functions: [{ exportAs: '_start', code: [...op.i32(20), ...op.call(1)] }, tree(1, 100)] }),
    { expect: alike(2, outOfFuel) },
  ),
  deep(
    'a loop of recursions that just fit',
    () =>
      wasmModule({
        functions: [{ exportAs: '_start', code: op.forever([...op.i32(200), ...op.call(1)]) }, tree(1, 1)],
      }),
    { expect: alike(2, outOfFuel) },
  ),
]

function reactorAlloc(code: readonly number[]): Uint8Array {
  return wasmModule({
    functions: [
      { exportAs: 'alloc', params: [I32], results: [I32], code },
      { exportAs: 'run', params: [I32, I32], results: [I64], code: op.i64(0) },
    ],
  })
}

/** Every function calls the one after it; the last does nothing. All are of one type, since there may be fewer types than functions. */
function chain(): Uint8Array {
  const functions = 65_000
  const bodies = Array.from({ length: functions }, (_, index) => {
    const code = index + 1 < functions ? op.call(index + 1) : []
    return [0, ...code, ...ins.end]
  })
  return manyFunctions(bodies)
}
