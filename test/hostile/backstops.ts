/** Units that a device must stop by the clock, because they were given more fuel than time: killed, and no result. */
import { MODULE_LIMITS } from '../../protocol/metering/index.ts'
import { command, I32, op, reactor, wasiImport, wasmModule } from '../support/wasm-module.ts'
import { ins, print } from './code.ts'
import { type Hostile, noResult } from './entry.ts'

/** Hundreds of seconds of work. */
const FUEL = 100_000_000_000
const TIMEOUT_MS = 400
const NONE = new Uint8Array(0)
const ONE = Uint8Array.of(1)

function overdue(name: string, make: () => Uint8Array, more: Partial<Hostile> = {}): Hostile {
  return {
    name: `overdue: ${name}`,
    make,
    unitFuelMax: FUEL,
    unitTimeoutMs: TIMEOUT_MS,
    inputs: [NONE],
    expect: noResult('timeout', /500 ms without progress/),
    ...more,
  }
}

const MEMORY_PAGES = 512
const everything = [...op.i32(0), ...op.i32(7), ...op.i32(MEMORY_PAGES * 65_536), ...ins.memoryFill]

export const BACKSTOPS: readonly Hostile[] = [
  overdue('a loop', () => command(op.forever())),
  overdue('a loop in the third unit', () => reactor([...op.local(1), ...ins.if(op.forever()), ...op.i64(0)]), {
    abi: 'reactor',
    inputs: [NONE, NONE, ONE, NONE],
  }),
  overdue('a loop in the start function', () =>
    wasmModule({ functions: [{ exportAs: '_start' }, { code: op.forever() }], start: 1 }),
  ),
  overdue('calls of the host', () =>
    command(op.forever(print(0, 0, 0)), { imports: [wasiImport('fd_write', 'iiii:i')] }),
  ),
  overdue('random bytes', () =>
    command(op.forever([...op.i32(0), ...op.i32(65_536), ...op.call(0), ...op.drop]), {
      imports: [wasiImport('random_get', 'ii:i')],
    }),
  ),
  overdue(
    'a memory that is filled again and again',
    () => command(op.forever(everything), { memory: [1, 0, 0x80, 4] }),
    {
      memoryPagesMax: MEMORY_PAGES,
    },
  ),
  overdue('a table that is filled again and again', () =>
    command(
      op.forever([...op.i32(0), ...ins.refNull(0x70), ...op.i32(MODULE_LIMITS.tableEntriesMax), ...ins.tableFill()]),
      {
        table: MODULE_LIMITS.tableEntriesMax,
      },
    ),
  ),
  overdue('a tree of calls', () =>
    wasmModule({
      functions: [
        { exportAs: '_start', code: [...op.i32(60), ...op.call(1)] },
        {
          params: [I32],
          code: [
            ...op.local(0),
            ...ins.if([0, 1].flatMap(() => [...op.local(0), ...op.i32(1), ...ins.sub, ...op.call(1)])),
          ],
        },
      ],
    }),
  ),
]
