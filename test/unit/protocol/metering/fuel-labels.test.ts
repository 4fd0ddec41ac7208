import { test } from 'vitest'
import { checkFuel, type FuelCase } from '../../../support/fuel-case.ts'
import { ins, put, TWO } from '../../../support/wasm-code.ts'
import { command, F64, I32, I64, op } from '../../../support/wasm-module.ts'

/** Two values that are equal on every path of the cases below: a sum of 11. */
const pair = [...op.i32(5), ...op.i32(6)]
const taking = (results: readonly number[], code: readonly number[]) => ({ more: [{ results, code }] })
const LEAVING: readonly FuelCase[] = [
  {
    title: '[FUEL-1.1] br to the own label without results',
    module: command([...TWO, ...ins.br(0), ...TWO]),
    charges: [3],
  },
  {
    title: '[FUEL-1.1] br to the own label from a block in a loop',
    module: command([...ins.loop(ins.block([...TWO, ...ins.br(2)])), ...put(0, op.i32(1))]),
    charges: [0, 3],
  },
  {
    title: '[FUEL-1.1] br_if to the own label, taken',
    module: command([...op.i32(1), ...ins.brIf(0), ...put(0, op.i32(1))]),
    charges: [2],
  },
  {
    title: '[FUEL-1.1] br_if to the own label, not taken',
    module: command([...op.i32(0), ...ins.brIf(0), ...put(0, op.i32(1))]),
    charges: [2, 4],
  },
  {
    title: '[FUEL-1.1] br to the own label with a result, and a value below that is left',
    module: command(put(0, op.call(1)), taking([I32], [...op.i32(9), ...op.i32(7), ...ins.br(0)])),
    charges: [1 + 5 + 2, 3],
  },
  {
    title: '[FUEL-1.1] br_if to the own label with a result, taken',
    module: command(
      put(0, op.call(1)),
      taking([I32], [...op.i32(7), ...op.i32(1), ...ins.brIf(0), ...op.drop, ...op.i32(8)]),
    ),
    charges: [8, 3],
  },
  {
    title: '[FUEL-1.1] br_if to the own label with a result, not taken',
    module: command(
      put(0, op.call(1)),
      taking([I32], [...op.i32(7), ...op.i32(0), ...ins.brIf(0), ...op.drop, ...op.i32(8)]),
    ),
    charges: [8, 3, 2],
  },
  {
    title: '[FUEL-1.1] br to the own label with two results, from a block',
    module: command(
      put(0, [...op.call(1), ...op.add]),
      taking([I32, I32], [...ins.block([...op.i32(9), ...pair, ...ins.br(1)]), ...op.i32(1), ...op.i32(1)]),
    ),
    charges: [9, 4],
  },
  {
    title: '[FUEL-1.1] br_if to the own label with two results, not taken',
    module: command(put(0, [...op.call(1), ...op.add]), taking([I32, I32], [...pair, ...op.i32(0), ...ins.brIf(0)])),
    charges: [9, 4, 0],
  },
  {
    title: '[FUEL-1.1] br_table to the own label with two results',
    module: command(
      put(0, [...op.call(1), ...op.add]),
      taking([I32, I32], [...pair, ...op.i32(1), ...ins.brTable([0], 0)]),
    ),
    charges: [9, 2 + 1 + 4],
  },
  {
    title: '[FUEL-1.1] br to the own label in functions with two results of other types',
    module: command([...op.call(1), ...op.drop, ...op.drop, ...op.call(2), ...op.drop, ...op.drop], {
      more: [
        { results: [I64, F64], code: [...op.i64(5), ...[0x44, 0, 0, 0, 0, 0, 0, 0, 0], ...ins.br(0)] },
        { results: [F64, I64], code: [...[0x44, 0, 0, 0, 0, 0, 0, 0, 0], ...op.i64(5), ...ins.br(0)] },
      ],
    }),
    charges: [7 + 7, 3, 3],
  },
  {
    title: '[FUEL-1.1] return with two results from nested blocks, and values below that are left',
    module: command(
      put(0, [...op.call(1), ...op.add]),
      taking(
        [I32, I32],
        [
          ...ins.block([...op.i32(9), ...ins.loop([...op.i32(8), ...pair, ...ins.return]), ...op.drop]),
          ...op.i32(1),
          ...op.i32(1),
        ],
      ),
    ),
    charges: [9, 1, 4],
  },
  {
    title: '[FUEL-1.1] a block with parameters and several results',
    module: command(put(0, [...pair, ...ins.block([...op.add, ...op.i32(1)], 1), ...op.add]), {
      types: [{ params: [I32, I32], results: [I32, I32] }],
    }),
    charges: [1 + 2 + 1 + 1, 1 + 2],
  },
  {
    title: '[FUEL-1.1] a block with parameters and several results that a branch leaves',
    module: command(put(0, [...pair, ...ins.block([...op.i32(1), ...ins.brIf(0), ...ins.br(0)], 1), ...op.add]), {
      types: [{ params: [I32, I32], results: [I32, I32] }],
    }),
    charges: [1 + 2 + 1 + 1, 1 + 2],
  },
]

test.each(LEAVING)('$title', checkFuel)
