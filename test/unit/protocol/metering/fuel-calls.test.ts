import { describe, test } from 'vitest'
import { checkFuel, type FuelCase } from '../../../support/fuel-case.ts'
import { ins, put, TWO } from '../../../support/wasm-code.ts'
import { command, F64, I32, I64, op, range, reactor } from '../../../support/wasm-module.ts'

const PLAIN = { code: TWO }
/** Not called as it is, since its fuel depends on a parameter. */
const BRANCHING = { params: [I32], code: [...op.local(0), ...ins.if([...TWO, ...TWO])] }

const DIRECT: readonly FuelCase[] = [
  {
    title: '[FUEL-1.1] a call of a function that always costs the same',
    module: command([...op.call(1), ...TWO, ...op.call(1)], { more: [PLAIN] }),
    charges: [5 + 2 + 5, 2, 2],
  },
  {
    title: '[FUEL-1.1] a call of a function that costs nothing',
    module: command(op.call(1), { more: [{}] }),
    charges: [5, 0],
  },
  {
    title: '[FUEL-1.1] a call of a function that returns in its middle',
    module: command(op.call(1), { more: [{ code: [...TWO, ...ins.return, ...TWO] }] }),
    charges: [5, 2 + 1],
  },
  {
    title: '[FUEL-1.1] calls of a function whose cost depends on its parameter',
    module: command([...op.i32(0), ...op.call(1), ...op.i32(1), ...op.call(1)], { more: [BRANCHING] }),
    charges: [1 + 5 + 1 + 5, 2, 0, 2, 4, 0],
  },
  {
    title: '[FUEL-1.1] a call with parameters and locals of several types, and two results',
    module: command(put(0, [...op.i32(4), ...op.i64(5), ...op.i32(6), ...op.call(1), ...op.add]), {
      more: [
        {
          params: [I32, I64, I32],
          results: [I32, I32],
          locals: [F64, I32],
          code: [...ins.block(TWO), ...op.local(2), ...op.setLocal(4), ...op.local(0), ...op.local(4)],
        },
      ],
    }),
    charges: [1 + 3 + 5 + 1 + 2, 2, 4],
  },
  {
    title: '[FUEL-1.1] a function that traps where it always costs the same',
    module: command([...op.call(1), ...TWO], {
      more: [{ code: [...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop] }],
    }),
    charges: [5 + 2, 1 + 1 + 10 + 1],
    ending: 'trap',
  },
  {
    title: '[FUEL-1.1] recursion',
    module: command([...op.i32(3), ...op.call(1)], {
      more: [
        {
          params: [I32],
          code: [...op.local(0), ...ins.if([...op.local(0), ...op.i32(1), ...ins.sub, ...op.call(1)]), ...TWO],
        },
      ],
    }),
    charges: [1 + 5, 2, 8, 2, 8, 2, 8, 2, 2, 2, 2, 2],
  },
]

const seven = { results: [I32], code: op.i32(7) }
const INDIRECT: readonly FuelCase[] = [
  {
    title: '[FUEL-1.1] an indirect call',
    module: command(put(0, [...op.i32(1), ...op.callIndirect(1)]), { more: [seven], table: 2, elements: [0, 1] }),
    charges: [1 + 1 + 10 + 2, 1],
  },
  {
    title: '[FUEL-1.1] an indirect call by another type of the same form',
    module: command(put(0, [...op.i32(0), ...op.callIndirect(2)]), {
      more: [seven],
      types: [{ results: [I32] }],
      table: 1,
      elements: [1],
    }),
    charges: [1 + 1 + 10 + 2, 1],
  },
  {
    title: '[FUEL-1.1] indirect calls with parameters, of a function that is called directly too',
    module: command(
      [...op.i32(1), ...op.i32(0), ...op.callIndirect(1), ...op.i32(0), ...op.call(1), ...op.i32(1), ...op.call(1)],
      { more: [BRANCHING], table: 1, elements: [1] },
    ),
    charges: [12 + 6 + 6, 2, 4, 0, 2, 0, 2, 4, 0],
  },
  {
    title: '[FUEL-1.1] an indirect call of nothing',
    module: command([...TWO, ...op.i32(1), ...op.callIndirect(0)], { table: 2, elements: [0] }),
    charges: [2 + 11],
    ending: 'trap',
  },
  {
    title: '[FUEL-1.1] an indirect call by a wrong type',
    module: command([...op.i32(0), ...op.callIndirect(1), ...op.drop], { more: [seven], table: 2, elements: [0] }),
    charges: [12],
    ending: 'trap',
  },
  {
    title: '[FUEL-1.1] an indirect call beyond the table',
    module: command([...op.i32(2), ...op.callIndirect(0)], { table: 2, elements: [0] }),
    charges: [11],
    ending: 'trap',
  },
]

const ENTRIES: readonly FuelCase[] = [
  {
    title: '[FUEL-5.1] all that a host calls: start function, `_initialize`, `alloc` and `run`',
    module: reactor([...op.local(0), ...ins.if(TWO), ...put(4, op.global(0)), ...range(0, 4)], {
      more: [
        { exportAs: '_initialize', code: op.call(3) },
        { code: [...op.global(0), ...op.i32(1), ...op.add, ...op.setGlobal(0)] },
        { code: [...op.call(3), ...ins.block([])] },
      ],
      start: 4,
      globals: [0],
    }),
    charges: [5, 6, 0, 5, 6, 1, 2, 2, 5 + 1],
  },
  {
    title: '[FUEL-5.1] a start function that traps, and nothing after it',
    module: command(TWO, { more: [{ code: [...TWO, ...op.unreachable] }], start: 1 }),
    charges: [3],
    ending: 'trap',
  },
]

describe.each([
  ['direct', DIRECT],
  ['indirect', INDIRECT],
  ['by the host', ENTRIES],
])('calls: %s', (_title, cases) => {
  test.each(cases)('$title', checkFuel)
})
