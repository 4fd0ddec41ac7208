import { describe, expect, test } from 'vitest'
import { checkFuel, type FuelCase } from '../../../support/fuel-case.ts'
import { runMetered, SHAPES } from '../../../support/metered-run.ts'
import { ins, put, repeat, TWO } from '../../../support/wasm-code.ts'
import { command, I32, op } from '../../../support/wasm-module.ts'

const two = { params: [I32], results: [I32] }
/** Writes 1 + `number` to the word `number`, and so tells which way a run went. */
const mark = (number: number) => put(number * 4, [...op.i32(1), ...op.i32(number), ...op.add])
const MARK = 6

/** `br_table` of the value to one of three blocks, and a mark behind each. */
const switchOf = (value: number) => [
  ...ins.block([
    ...ins.block([...ins.block([...op.i32(value), ...ins.brTable([0, 1], 2)]), ...mark(0), ...ins.br(1)]),
    ...mark(1),
    ...TWO,
  ]),
  ...mark(2),
]

const BOUNDARIES: readonly FuelCase[] = [
  { title: '[FUEL-1.1] an empty function', module: command([]), charges: [0] },
  { title: '[FUEL-1.1] a straight line', module: command(mark(0)), charges: [MARK] },
  { title: '[FUEL-1.1] nop', module: command([...ins.nop, ...TWO, ...ins.nop]), charges: [2] },
  {
    title: '[FUEL-1.1] a block, in the segment it stands in, and behind its end',
    module: command([...TWO, ...ins.block([...mark(0), ...TWO]), ...mark(1)]),
    charges: [2 + MARK + 2, MARK],
  },
  {
    title: '[FUEL-1.1] a block without anything behind it',
    module: command(ins.block(mark(0))),
    charges: [MARK, 0],
  },
  {
    title: '[FUEL-1.1] an if that is taken',
    module: command([...op.i32(1), ...ins.if(mark(0)), ...TWO]),
    charges: [2, MARK, 2],
  },
  {
    title: '[FUEL-1.1] an if that is not taken',
    module: command([...op.i32(0), ...ins.if(mark(0)), ...TWO]),
    charges: [2, 2],
  },
  {
    title: '[FUEL-1.1] an else that is not reached',
    module: command([...op.i32(1), ...ins.if(mark(0), [...mark(1), ...TWO]), ...TWO]),
    charges: [2, MARK, 2],
  },
  {
    title: '[FUEL-1.1] an else that is reached',
    module: command([...op.i32(0), ...ins.if(mark(0), [...mark(1), ...TWO]), ...TWO]),
    charges: [2, MARK + 2, 2],
  },
  {
    title: '[FUEL-1.1] an if with a result',
    module: command(put(0, [...op.i32(1), ...ins.if(op.i32(7), [...op.i32(8), ...op.i32(0), ...op.add], I32)])),
    charges: [1 + 1 + 1, 1, 2],
  },
  {
    title: '[FUEL-1.1] an if with parameters and a result',
    module: command(put(0, [...op.i32(5), ...op.i32(0), ...ins.if(op.equalsZero, [...op.i32(2), ...op.add], 1)]), {
      types: [two],
    }),
    charges: [1 + 1 + 1 + 1, 1 + 1, 2],
  },
  {
    title: '[FUEL-1.1] br_if that is not taken',
    module: command([...ins.block([...op.i32(0), ...ins.brIf(0), ...mark(0)]), ...TWO]),
    charges: [1 + 1, MARK, 2],
  },
  {
    title: '[FUEL-1.1] br_if that is taken',
    module: command([...ins.block([...op.i32(1), ...ins.brIf(0), ...mark(0)]), ...TWO]),
    charges: [1 + 1, 2],
  },
  {
    title: '[FUEL-1.1] two br_if, one behind the other, with a value for the block',
    module: command(
      put(
        0,
        ins.block(
          [...op.i32(9), ...op.i32(0), ...ins.brIf(0), ...op.i32(1), ...ins.brIf(0), ...op.drop, ...op.i32(3)],
          I32,
        ),
      ),
    ),
    charges: [1 + 1 + 1 + 1, 1 + 1, 2],
  },
  {
    title: '[FUEL-1.1] a loop, its three rounds, and what follows its end in the segment behind br_if',
    module: command(
      [
        ...[...op.i32(3), ...op.setLocal(0)],
        ...ins.loop([...op.local(0), ...op.i32(1), ...ins.sub, ...ins.tee(0), ...ins.brIf(0), ...TWO]),
        ...mark(0),
      ],
      { locals: [I32] },
    ),
    charges: [2, 5, 5, 5, 2 + MARK],
  },
  {
    title: '[FUEL-1.1] a loop that is passed once: its end begins no segment',
    module: command([...TWO, ...ins.loop(mark(0)), ...mark(1)]),
    charges: [2, MARK + MARK],
  },
  {
    title: '[FUEL-1.1] a loop with a parameter',
    module: command(
      [
        ...op.i32(2),
        ...ins.loop(
          [...op.setLocal(0), ...op.local(0), ...op.i32(1), ...ins.sub, ...ins.tee(0), ...op.local(0), ...ins.brIf(0)],
          1,
        ),
        ...op.drop,
      ],
      { locals: [I32], types: [two] },
    ),
    charges: [1, 7, 7, 1],
  },
  { title: '[FUEL-1.1] br_table to its first label', module: command(switchOf(0)), charges: [5, MARK + 1, MARK] },
  { title: '[FUEL-1.1] br_table to its second label', module: command(switchOf(1)), charges: [5, MARK + 2, MARK] },
  { title: '[FUEL-1.1] br_table to its default', module: command(switchOf(2)), charges: [5, MARK] },
  { title: '[FUEL-1.1] br_table far beyond its labels', module: command(switchOf(-1)), charges: [5, MARK] },
  { title: '[FUEL-1.1] return', module: command([...mark(0), ...ins.return]), charges: [MARK + 1] },
  {
    title: '[FUEL-1.1] return in nested blocks',
    module: command([
      ...ins.block([...TWO, ...ins.loop([...op.i32(1), ...ins.if([...mark(0), ...ins.return]), ...mark(1)])]),
      ...mark(2),
    ]),
    charges: [2, 1 + 1, MARK + 1],
  },
  {
    title: '[FUEL-1.1] unreachable',
    module: command([...mark(0), ...op.unreachable, ...mark(1)]),
    charges: [MARK + 1],
    ending: 'trap',
  },
]

const DEAD: readonly FuelCase[] = [
  {
    title: '[FUEL-1.3] code behind br',
    module: command([...ins.block([...TWO, ...ins.br(0), ...mark(0)]), ...mark(1)]),
    charges: [2 + 1, MARK],
  },
  {
    title: '[FUEL-1.3] code behind return, with blocks of its own and values that never were',
    module: command([
      ...[...TWO, ...ins.return],
      ...ins.block([...op.i32(1), ...ins.if(mark(0), mark(1)), ...ins.loop([...ins.br(0), ...op.add, ...op.drop])]),
      ...[...op.add, ...op.store()],
    ]),
    charges: [2 + 1],
  },
  {
    title: '[FUEL-1.3] the rest of an if, and the else behind it',
    module: command([
      ...ins.block([...op.i32(1), ...ins.if([...TWO, ...ins.br(1), ...mark(0)], mark(1)), ...mark(2)]),
      ...TWO,
    ]),
    charges: [2, 2 + 1, 2],
  },
  {
    title: '[FUEL-1.3] the rest of an if that is left, when its else is taken',
    module: command([...op.i32(0), ...ins.if([...ins.br(0), ...mark(0)], mark(1)), ...mark(2)]),
    charges: [2, MARK, MARK],
  },
  {
    title: '[FUEL-1.3] the rest of an else',
    module: command([...op.i32(0), ...ins.if(mark(0), [...mark(1), ...ins.br(0), ...TWO]), ...mark(2)]),
    charges: [2, MARK + 1, MARK],
  },
  {
    title: '[FUEL-1.3] an else in dead code, which belongs to the code it is in',
    module: command([...ins.block([...ins.br(0), ...op.i32(1), ...ins.if(mark(0), mark(1)), ...TWO]), ...mark(2)]),
    charges: [1, MARK],
  },
  {
    title: '[FUEL-1.3] what follows a loop that never reaches its end',
    module: command([...ins.block([...TWO, ...ins.loop([...mark(0), ...ins.br(1), ...TWO]), ...mark(1)]), ...mark(2)]),
    charges: [2, MARK + 1, MARK],
  },
  {
    title: '[FUEL-1.3] what follows a loop in a loop, neither of which reaches its end',
    module: command([...ins.block(ins.loop([...TWO, ...ins.loop([...ins.br(2), ...TWO]), ...TWO])), ...mark(2)]),
    charges: [0, 2, 1, MARK],
  },
  {
    title: '[FUEL-1.3] a function that ends in a loop without an end',
    module: command(put(0, op.call(1)), {
      more: [{ results: [I32], code: ins.loop([...op.i32(5), ...ins.return], I32) }],
    }),
    charges: [1 + 5 + 2, 0, 1 + 1],
  },
  {
    title: '[FUEL-1.3] a block that only a branch ends, with a result',
    module: command(put(0, ins.block([...op.i32(4), ...ins.br(0)], I32))),
    charges: [1 + 1 + 1, 2],
  },
]

const WHOLE: readonly FuelCase[] = [
  {
    title: '[FUEL-1.2] a segment that a trap cuts short',
    module: command([...mark(0), ...op.i32(1), ...op.i32(0), ...op.divide, ...op.drop, ...mark(1)]),
    charges: [MARK + 1 + 1 + 10 + 1 + MARK],
    ending: 'trap',
  },
  {
    title: '[FUEL-1.2] a segment that is entered twice',
    module: command(
      [
        ...[...op.i32(2), ...op.setLocal(0)],
        ...ins.loop([...ins.block(TWO), ...op.local(0), ...op.i32(1), ...ins.sub, ...ins.tee(0), ...ins.brIf(0)]),
      ],
      { locals: [I32] },
    ),
    charges: [2, 2, 5, 2, 5, 0],
  },
  {
    title: '[FUEL-5.3] a trap in a segment behind others',
    module: command([...ins.block(mark(0)), ...op.i32(-1), ...op.load(), ...op.drop, ...TWO]),
    charges: [MARK, 1 + 2 + 1 + 2],
    ending: 'trap',
  },
  {
    title: '[FUEL-5.3] a trap by unreachable in a branch',
    module: command([...op.i32(1), ...ins.if([...mark(0), ...op.unreachable]), ...mark(1)]),
    charges: [2, MARK + 1],
    ending: 'trap',
  },
]

describe('segments', () => {
  test.each(BOUNDARIES)('$title', checkFuel)
})

describe('dead code', () => {
  test.each(DEAD)('$title', checkFuel)
})

describe('a segment as a whole', () => {
  test.each(WHOLE)('$title', checkFuel)
})

describe.each(SHAPES)('out of fuel, shape %s', shape => {
  test('[FUEL-5.2] ends what has no end, with the fuel of the limit', () => {
    const endless = [
      command(op.forever()),
      command(ins.loop([...ins.block(ins.br(0)), ...ins.br(0)])),
      command(op.call(1), { more: [{ code: op.forever(TWO) }] }),
    ]
    for (const module of endless) {
      expect(runMetered(module, shape, 10_000)).toMatchObject({ ending: 'out of fuel', fuel: 10_000 })
    }
  })

  test('[FUEL-5.2] is what a unit comes to that would trap or go on without an end afterwards', () => {
    const module = command([...repeat(100, TWO), ...op.unreachable])
    expect(runMetered(module, shape, 200).ending).toBe('out of fuel')
    expect(runMetered(module, shape, 201).ending).toBe('trap')
  })

  test('[FUEL-5.2] a long function that neither loops nor calls does not begin without fuel', () => {
    const long = { code: [...op.i32(1), ...op.setGlobal(0), ...repeat(2_048, TWO)] }
    const module = command([...op.call(1), ...op.call(1)], { more: [long], globals: [0] })
    expect(runMetered(module, shape, 4_000)).toMatchObject({ ending: 'out of fuel', globals: { 0: 0 } })
    expect(runMetered(module, shape)).toMatchObject({ ending: 'ok', fuel: 10 + 2 * 4_099, globals: { 0: 1 } })
  })
})
