/** What TinyGo's programs have in common, in a module made by hand: the functions they import, how they are linked, and how they sleep. */
import { expect, test } from 'vitest'
import { runUnit, taskOf } from '../../../support/run-task.ts'
import { ins, put } from '../../../support/wasm-code.ts'
import { END, I32, I64, op, sleb, wasiImport, wasmModule } from '../../../support/wasm-module.ts'

/** What TinyGo 0.28 to 0.39 link into a `wasip1` program, by what it uses. */
const IMPORTS = [
  ['fd_write', 'iiii:i'],
  ['proc_exit', 'i:'],
  ['clock_time_get', 'iIi:i'],
  ['args_sizes_get', 'ii:i'],
  ['args_get', 'ii:i'],
  ['environ_get', 'ii:i'],
  ['environ_sizes_get', 'ii:i'],
  ['fd_close', 'i:i'],
  ['fd_fdstat_get', 'ii:i'],
  ['fd_filestat_get', 'ii:i'],
  ['fd_prestat_get', 'ii:i'],
  ['fd_prestat_dir_name', 'iii:i'],
  ['fd_read', 'iiii:i'],
  ['fd_readdir', 'iiiIi:i'],
  ['fd_seek', 'iIii:i'],
  ['path_filestat_get', 'iiiii:i'],
  ['path_open', 'iiiiiIIii:i'],
  ['poll_oneoff', 'iiii:i'],
  ['random_get', 'ii:i'],
] as const

/** The linker leaves room for any index: five bytes each. */
const padded = (index: number) => [(index & 127) | 128, 128, 128, 128, 0]
const padCall = (index: number) => [0x10, ...padded(index)]
const host = (name: (typeof IMPORTS)[number][0]) => padCall(IMPORTS.findIndex(([field]) => field === name))
const load64 = (at: number) => [...op.i32(at), 0x29, 3, 0]
const store64 = (at: number, value: readonly number[]) => [...op.i32(at), ...value, 0x37, 3, 0]

const [VECTOR, COUNT, NOW, EVENTS, SUBSCRIPTION, EVENT, BUFFER] = [0, 8, 16, 24, 64, 128, 256] as const
const SECOND = [0x42, ...sleb(1_000_000_000)]
/** Indices of functions: `_start` comes right behind the imports. */
const WRITE = IMPORTS.length + 1
const UNWIND = IMPORTS.length + 2
const REWIND_END = IMPORTS.length + 3

/** `time.Sleep(time.Second)`: waits for what is left until the clock says that it is over. */
const SLEEP = ins.block(
  ins.loop([
    ...[...op.i32(0), ...op.i64(1_000), ...op.i32(NOW), ...host('clock_time_get'), ...op.drop],
    ...[...load64(NOW), ...SECOND, 0x5a, ...ins.brIf(1)], // i64.ge_u
    ...store64(SUBSCRIPTION + 24, [...SECOND, ...load64(NOW), 0x7d]), // i64.sub
    ...[...op.i32(SUBSCRIPTION), ...op.i32(EVENT), ...op.i32(1), ...op.i32(EVENTS), ...host('poll_oneoff'), ...op.drop],
    ...ins.br(0),
  ]),
)

/** Seeds its maps, looks at its standard input, sleeps, and copies it to its standard output through a function pointer. */
const program = wasmModule({
  imports: IMPORTS.map(([field, type]) => wasiImport(field, type)),
  table: { entries: 2, maximum: 2 },
  elementSection: [1, 0, 0x41, 1, END, 1, WRITE],
  globals: [0, 0],
  functions: [
    {
      exportAs: '_start',
      code: [
        ...[...op.i32(BUFFER), ...op.i32(4), ...host('random_get'), ...op.drop],
        ...[...op.i32(0), ...op.i32(BUFFER), ...host('fd_filestat_get'), ...ins.if(op.unreachable)],
        ...padCall(UNWIND),
        ...SLEEP,
        ...padCall(REWIND_END),
        ...[...put(VECTOR, op.i32(BUFFER)), ...put(VECTOR + 4, op.i32(1_000))],
        ...[...op.i32(0), ...op.i32(VECTOR), ...op.i32(1), ...op.i32(COUNT), ...host('fd_read'), ...op.drop],
        ...put(VECTOR + 4, [...op.i32(COUNT), ...op.load()]),
        ...[...op.i32(1), 0x11, ...padded(WRITE), ...padded(0)],
        ...[...op.i32(0), ...host('proc_exit'), ...op.unreachable],
      ],
    },
    { code: [...op.i32(1), ...op.i32(VECTOR), ...op.i32(1), ...op.i32(COUNT), ...host('fd_write'), ...op.drop] },
    { exportAs: 'asyncify_start_unwind', code: [...op.i32(1), 0x24, ...padded(0)] },
    { exportAs: 'asyncify_stop_rewind', code: [...op.i32(0), 0x24, ...padded(0)] },
    { exportAs: 'malloc', params: [I32], results: [I32], code: op.i32(BUFFER) },
    { exportAs: 'ticks', results: [I64], code: load64(NOW) },
  ],
})

test('a program as TinyGo links it reads, sleeps and writes', () => {
  const outcome = runUnit(taskOf(program), new TextEncoder().encode('from a goroutine'))
  expect(outcome.kind === 'ok' ? new TextDecoder().decode(outcome.bytes) : outcome).toBe('from a goroutine')
  // One round of the scheduler for the sleep, and one to see that it is over.
  expect(outcome.fuel).toBeLessThan(4_000)
})
