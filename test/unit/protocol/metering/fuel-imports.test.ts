import { expect, test } from 'vitest'
import { checkFuel, type FuelCase } from '../../../support/fuel-case.ts'
import { Exit, type Host, runMetered, SHAPES } from '../../../support/metered-run.ts'
import { ins, put, TWO } from '../../../support/wasm-code.ts'
import { command, FUNCREF, I32, I64, op, range, wasiImport, wasmModule } from '../../../support/wasm-module.ts'

/** An imported function of (i32) → i32; the host answers with its parameter plus one, for seven fuel. */
const CLOSE = wasiImport('fd_close', 'i:i')
const HOST: Host = {
  fd_close: (host, file) => {
    host.spend(7)
    return file + 1
  },
}
const seven = { results: [I32], code: op.i32(7) }
const declares = (index: number) => [1, 3, 0, 1, index]

const IMPORTED: readonly FuelCase[] = [
  {
    title: '[FUEL-2.2] a direct call of an imported function, which charges for itself',
    module: command(put(0, [...op.i32(4), ...op.call(0)]), { imports: [CLOSE] }),
    host: HOST,
    charges: [1 + 1 + 5 + 200 + 2, 7],
    outside: 7,
  },
  {
    title: '[FUEL-2.2] calls of an imported function in a loop',
    module: command(
      [
        ...[...op.i32(2), ...op.setLocal(0)],
        ...ins.loop([
          ...[...op.i32(4), ...op.call(1), ...op.drop],
          ...[...op.local(0), ...op.i32(1), ...ins.sub, ...ins.tee(0), ...ins.brIf(0)],
        ]),
      ],
      { imports: [wasiImport('sched_yield', ':i'), CLOSE], locals: [I32] },
    ),
    host: HOST,
    charges: [2, 212, 7, 212, 7, 0],
    outside: 14,
  },
  {
    title: '[FUEL-2.2] an indirect call of an imported function in the first table',
    module: command(put(0, [...op.i32(4), ...op.i32(0), ...op.callIndirect(0)]), {
      imports: [CLOSE],
      table: 1,
      elements: [0],
    }),
    host: HOST,
    charges: [1 + 1 + 1 + 10 + 2, 200, 7],
    outside: 207,
  },
  {
    title: '[FUEL-2.2] an indirect call of an imported function that an expression puts into the table',
    module: command(put(0, [...op.i32(4), ...op.i32(0), ...op.callIndirect(1)]), {
      imports: [wasiImport('sched_yield', ':i'), CLOSE],
      table: 1,
      elementSection: [1, 4, ...op.i32(0), 0x0b, 1, ...ins.refFunc(1), 0x0b],
    }),
    host: HOST,
    charges: [15, 200, 7],
    outside: 207,
  },
  {
    title: '[FUEL-2.2] an indirect call of an imported function that code puts into the table',
    module: command(
      [
        ...[...op.i32(0), ...ins.refFunc(0), ...ins.tableSet],
        ...put(0, [...op.i32(4), ...op.i32(0), ...op.callIndirect(0)]),
      ],
      { imports: [CLOSE], table: 1, elementSection: declares(0) },
    ),
    host: HOST,
    charges: [1 + 1 + 4 + 15, 200, 7],
    outside: 207,
  },
  {
    title: '[FUEL-2.2] an indirect call of functions that only exports declare, one of them imported',
    module: command(
      [
        ...[...op.i32(0), ...ins.refFunc(0), ...ins.tableSet, ...op.i32(1), ...ins.refFunc(2), ...ins.tableSet],
        ...put(0, [...op.i32(4), ...op.i32(0), ...op.callIndirect(0)]),
        ...put(4, [...op.i32(1), ...op.callIndirect(2)]),
      ],
      { imports: [{ ...CLOSE, exportAs: 'close' }], more: [{ ...seven, exportAs: 'seven' }], table: 2 },
    ),
    host: HOST,
    charges: [6 + 6 + 15 + 14, 200, 7, 1],
    outside: 207,
  },
  {
    title: '[FUEL-2.2] an imported function that a reference in a global leads to',
    module: command(
      [
        ...[...op.i32(0), ...op.global(0), ...ins.tableSet],
        ...put(0, [...op.i32(4), ...op.i32(0), ...op.callIndirect(0)]),
      ],
      { imports: [CLOSE], table: 1, globals: [{ type: FUNCREF, immutable: true, init: ins.refFunc(0) }] },
    ),
    host: HOST,
    charges: [1 + 2 + 4 + 15, 200, 7],
    outside: 207,
  },
  {
    title: '[FUEL-2.2] imported functions that both a global and the first table refer to',
    module: command(
      [
        ...[...op.i32(1), ...op.global(0), ...ins.tableSet],
        ...put(0, [...op.i32(4), ...op.i32(0), ...op.callIndirect(1)]),
        ...put(4, [...op.i32(1), ...op.callIndirect(0)]),
      ],
      {
        imports: [wasiImport('sched_yield', ':i'), CLOSE],
        table: 2,
        elements: [1],
        globals: [{ type: FUNCREF, immutable: true, init: ins.refFunc(0) }],
      },
    ),
    host: { ...HOST, sched_yield: () => 9 },
    charges: [1 + 2 + 4 + 15 + 14, 200, 7, 200],
    outside: 407,
  },
  {
    title: '[FUEL-2.2] an imported function that the host calls',
    module: wasmModule({
      imports: [{ ...CLOSE, exportAs: 'alloc' }],
      functions: [
        { exportAs: 'run', params: [I32, I32], results: [I64], code: [...put(0, op.local(0)), ...range(0, 4)] },
      ],
    }),
    host: HOST,
    charges: [200, 7, 4 + 1],
    outside: 207,
  },
  {
    title: '[FUEL-5.3] an exit by an imported function',
    module: command([...TWO, ...op.i32(3), ...op.call(0), ...TWO], { imports: [wasiImport('proc_exit', 'i:')] }),
    host: {
      proc_exit: () => {
        throw new Exit()
      },
    },
    charges: [2 + 1 + 5 + 200 + 2],
    ending: 'exit',
  },
]

test.each(IMPORTED)('$title', checkFuel)

test.each(SHAPES)('[FUEL-5.2] a host function may use up the fuel, shape %s', shape => {
  const module = command([...op.i32(4), ...op.call(0), ...op.drop, ...op.forever()], { imports: [CLOSE] })
  const greedy: Host = {
    fd_close: host => {
      host.spend(1_000_000_000)
      return 0
    },
  }
  expect(runMetered(module, shape, 10_000, { host: greedy })).toMatchObject({ ending: 'out of fuel', fuel: 10_000 })
})

test('the profile shape counts what is charged in each function', () => {
  const module = command([...op.i32(1), ...op.call(2), ...op.call(3), ...op.i32(4), ...op.call(0), ...op.drop], {
    imports: [CLOSE],
    more: [{ params: [I32], code: [...op.local(0), ...ins.if([...TWO, ...TWO])] }, { code: TWO }],
  })
  expect(runMetered(module, 'profile', undefined, { host: HOST })).toMatchObject({
    fuel: 6 + 5 + 207 + 2 + 4 + 2 + 7,
    profile: [6 + 5 + 207, 2 + 4, 2],
  })
})
