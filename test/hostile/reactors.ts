/** Reactors that hand their host wild pointers, and programs that end in odd places. */
import {
  command,
  type FunctionParts,
  I32,
  I64,
  type ImportParts,
  op,
  range,
  reactor,
  wasiImport,
  wasmModule,
} from '../support/wasm-module.ts'
import { ins, print } from './code.ts'
import { alike, type Expectation, exit, type Hostile, ok, okWords, trap } from './entry.ts'

type Bytes = readonly number[]

const PAGE = 65_536
const badOutput = trap('bad_output')
const tooLarge = trap('output_too_large')
const INPUT = new TextEncoder().encode('an input of some length')

/** A 64-bit constant of two words. */
const words = (high: number, low: number) => [
  ...op.i32(high),
  ...ins.extend,
  ...op.i64(32),
  ...ins.i64Shl,
  ...op.i32(low),
  ...ins.extend,
  ...ins.i64Or,
]

function returns(name: string, code: Bytes, expect: Expectation, memory: Bytes = [1, 0, 1]): Hostile {
  return { name: `reactor: run returns ${name}`, make: () => reactor(code, { memory }), abi: 'reactor', expect }
}

/** A reactor whose alloc is `code`; its answer is four bytes at 8. */
function allocates(
  name: string,
  code: Bytes,
  expect: Expectation,
  more: { input?: Uint8Array; memory?: Bytes } = {},
): Hostile {
  return {
    name: `reactor: alloc returns ${name}`,
    make: () =>
      wasmModule({
        functions: [
          { exportAs: 'alloc', params: [I32], results: [I32], code },
          {
            exportAs: 'run',
            params: [I32, I32],
            results: [I64],
            code: [...op.i32(8), ...op.local(0), ...op.store(), ...range(8, 4)],
          },
        ],
        memory: more.memory ?? [1, 0, 1],
      }),
    abi: 'reactor',
    inputs: [more.input ?? INPUT, more.input ?? INPUT],
    expect,
  }
}

const reactors: readonly Hostile[] = [
  returns('a pointer of 2^32 - 1', words(-1, 1), alike(3, badOutput)),
  returns('a length of 2^32 - 1', words(0, -1), alike(3, badOutput)),
  returns('2^32 - 1 twice', op.i64(-1), alike(3, badOutput)),
  returns('the smallest number', words(0x8000_0000 | 0, 0), alike(3, badOutput)),
  returns('a range that wraps around', words(-16, 32), alike(3, badOutput)),
  returns('a range one byte beyond the end', range(PAGE - 3, 4), alike(3, badOutput)),
  returns('a range up to the end', range(PAGE - 4, 4), alike(3, okWords(0))),
  returns('nothing at the end', range(PAGE, 0), alike(3, ok())),
  returns('nothing beyond the end', range(PAGE + 1, 0), alike(3, badOutput)),
  returns('nothing at 2^32 - 1', words(-1, 0), alike(3, badOutput)),
  returns('one byte more than an output may have', range(0, 16 * PAGE + 1), alike(3, tooLarge), [1, 0, 17]),
  returns('everything of 2 MiB', range(0, 32 * PAGE), alike(3, tooLarge), [1, 0, 32]),
  returns(
    'a page that it has just grown',
    [...op.i32(1), ...op.memoryGrow, ...op.drop, ...range(PAGE, 4)],
    alike(3, okWords(0)),
  ),
  returns(
    'a page that did not grow',
    [...op.i32(1), ...op.memoryGrow, ...op.drop, ...range(PAGE, 4)],
    alike(3, badOutput),
    [1, 1, 1, 1],
  ),
  allocates('2^32 - 1', op.i32(-1), alike(2, badOutput)),
  allocates('the end of the memory', op.i32(PAGE), alike(2, badOutput)),
  allocates('a place that is one byte too short', op.i32(PAGE - INPUT.length + 1), alike(2, badOutput)),
  allocates('the last place that fits', op.i32(PAGE - INPUT.length), alike(2, okWords(PAGE - INPUT.length))),
  allocates('the end, for no input', op.i32(PAGE), alike(2, okWords(PAGE)), { input: new Uint8Array(0) }),
  allocates('beyond the end, for no input', op.i32(PAGE + 1), alike(2, badOutput), { input: new Uint8Array(0) }),
  allocates(
    'a page that it has just grown',
    [...op.i32(1), ...op.memoryGrow, ...op.drop, ...op.i32(PAGE)],
    alike(2, okWords(PAGE)),
  ),
  allocates('nothing that fits the input', op.i32(0), alike(2, badOutput), { input: new Uint8Array(2 * PAGE) }),
  allocates('a trap', op.unreachable, alike(2, trap('unreachable'))),
  allocates('a length that it was not asked for', [...op.local(0), ...op.i32(-1), 0x6c], alike(2, badOutput)),
]

const exits = wasiImport('proc_exit', 'i:')
const written = wasiImport('fd_write', 'iiii:i')
const leave = (code: number) => [...op.i32(code), ...op.call(0)]

/** A module whose functions may call proc_exit (0) and fd_write (1). */
function ends(
  name: string,
  functions: readonly FunctionParts[],
  expect: Expectation,
  more: { abi?: 'reactor'; start?: number } = {},
): Hostile {
  const imports: ImportParts[] = [exits, written]
  const { abi, start } = more
  const make = () =>
    wasmModule({
      imports,
      functions,
      ...(start !== undefined && { start }),
      data: { at: 100, bytes: [...new TextEncoder().encode('text')] },
    })
  return { name: `exit: ${name}`, make, expect, ...(abi && { abi }) }
}

const alloc = (code: Bytes = []): FunctionParts => ({
  exportAs: 'alloc',
  params: [I32],
  results: [I32],
  code: [...code, ...op.i32(64)],
})
const run = (code: Bytes = []): FunctionParts => ({
  exportAs: 'run',
  params: [I32, I32],
  results: [I64],
  code: [...code, ...range(100, 4)],
})
const text = print(1, 100, 4)
const reactorAbi = { abi: 'reactor' } as const

const endings: readonly Hostile[] = [
  ends('with 0', [{ exportAs: '_start', code: [...text, ...leave(0)] }], alike(3, ok('text'))),
  ends(
    'with 0, and then a trap',
    [{ exportAs: '_start', code: [...text, ...leave(0), ...op.unreachable] }],
    alike(3, ok('text')),
  ),
  ends('with 0, and then a loop', [{ exportAs: '_start', code: [...leave(0), ...op.forever()] }], alike(3, ok())),
  ends('with 255', [{ exportAs: '_start', code: [...text, ...leave(255)] }], alike(3, exit(255))),
  ends('with -1', [{ exportAs: '_start', code: leave(-1) }], alike(3, exit(2 ** 32 - 1))),
  ends('with the smallest number', [{ exportAs: '_start', code: leave(-(2 ** 31)) }], alike(3, exit(2 ** 31))),
  ends('again and again', [{ exportAs: '_start', code: op.forever(leave(3)) }], alike(3, exit(3))),
  ends(
    'in a loop whose fuel runs out first',
    [{ exportAs: '_start', code: [...op.forever(), ...leave(3)] }],
    alike(2, { kind: 'out_of_fuel' }),
  ),
  ends(
    'from the start function',
    [{ exportAs: '_start', code: op.unreachable }, { code: leave(4) }],
    alike(3, exit(4)),
    { start: 3 },
  ),
  ends(
    'with 0 from the start function',
    [{ exportAs: '_start', code: op.unreachable }, { code: [...text, ...leave(0)] }],
    alike(3, ok('text')),
    { start: 3 },
  ),
  ends(
    'deep inside',
    [{ exportAs: '_start', code: [...op.i32(2_000), ...op.call(3)] }, countdown(3)],
    alike(3, exit(5)),
  ),
  ends('from alloc of a reactor', [alloc(leave(6)), run()], alike(3, exit(6)), reactorAbi),
  ends('from run of a reactor', [alloc(), run(leave(7))], alike(3, exit(7)), reactorAbi),
  ends(
    'from _initialize of a reactor',
    [alloc(), run(), { exportAs: '_initialize', code: leave(8) }],
    alike(3, exit(8)),
    reactorAbi,
  ),
  ends('from the start function of a reactor', [alloc(), run(), { code: leave(9) }], alike(3, exit(9)), {
    ...reactorAbi,
    start: 4,
  }),
  ends('with 0 from run of a reactor, which has written nothing', [alloc(), run(leave(0))], alike(3, ok()), reactorAbi),
  ends(
    'with 0 from run of a reactor, which has written',
    [alloc(), run([...text, ...leave(0)])],
    alike(3, ok('text')),
    reactorAbi,
  ),
  {
    name: 'exit: through a table',
    make: () =>
      wasmModule({
        imports: [exits],
        functions: [{ exportAs: '_start', code: [...op.i32(11), ...op.i32(0), ...op.callIndirect(0)] }],
        table: 1,
        elements: [0],
      }),
    expect: alike(3, exit(11)),
  },
  {
    name: 'exit: a failed assertion of AssemblyScript',
    make: () =>
      command([...op.i32(-1), ...op.i32(-1), ...op.i32(-1), ...op.i32(-1), ...op.call(0), ...op.forever()], {
        imports: [{ module: 'env', field: 'abort', params: [I32, I32, I32, I32] }],
      }),
    expect: alike(3, trap('unreachable')),
  },
]

/** Calls itself as often as its argument says, and then leaves. */
function countdown(self: number): FunctionParts {
  return {
    params: [I32],
    code: [...op.local(0), ...ins.if([...op.local(0), ...op.i32(1), ...ins.sub, ...op.call(self)]), ...leave(5)],
  }
}

export const REACTORS: readonly Hostile[] = [...reactors, ...endings]
