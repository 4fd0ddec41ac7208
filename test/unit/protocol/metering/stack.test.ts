import { expect, test } from 'vitest'
import { STACK_SLOTS_MAX } from '../../../../protocol/metering/index.ts'
import { checkFuel } from '../../../support/fuel-case.ts'
import { runMetered, SHAPES } from '../../../support/metered-run.ts'
import { ins, repeat, TWO } from '../../../support/wasm-code.ts'
import { command, F64, type FunctionParts, I32, I64, op, wasiImport } from '../../../support/wasm-module.ts'

type Bytes = readonly number[]

/** Slots that every frame takes, [STACK-1.1]. */
const BASE = 16
/** Counts in global 0 that the function was entered. Two operands at its highest, six fuel. */
const COUNT = [...op.global(0), ...op.i32(1), ...op.add, ...op.setGlobal(0)]

/** A command that calls function 1; `body` follows its count and is to call function 1 again. */
const recursive = (
  body: Bytes,
  parts: Omit<FunctionParts, 'code'> = {},
  call: Bytes = op.call(1),
  more: readonly FunctionParts[] = [],
) =>
  command(call, {
    more: [{ ...parts, code: [...COUNT, ...body] }, ...more],
    globals: [0],
    table: 1,
    elements: [1],
  })

/** How often function 1 was entered until the stack was exhausted. */
function depthOf(module: Uint8Array): number {
  const depths = SHAPES.map(shape => {
    const { ending, globals } = runMetered(module, shape)
    expect(ending, shape).toBe('stack exhausted')
    return Number(globals[0])
  })
  expect(new Set(depths).size).toBe(1)
  return depths[0] ?? 0
}

const values = (count: number) => repeat(count, op.i32(0))
const drops = (count: number) => repeat(count, op.drop)

/** `frame` is what the recursive function takes, and `first` what `_start` does besides the base. */
const FRAMES: readonly {
  readonly title: string
  readonly module: Uint8Array
  readonly frame: number
  readonly first?: number
}[] = [
  { title: '[STACK-1.1] operands at their highest', module: recursive(op.call(1)), frame: BASE + 2 },
  {
    title: '[STACK-1.1] more operands, before the call and gone again',
    module: recursive([...values(9), ...drops(9), ...op.call(1)]),
    frame: BASE + 9,
  },
  {
    title: '[STACK-1.1] operands behind the call',
    module: recursive([...op.call(1), ...values(30), ...drops(30)]),
    frame: BASE + 30,
  },
  {
    title: '[STACK-1.1] parameters, one slot each whatever their type',
    module: recursive([...op.local(0), ...op.local(1), ...op.local(2), ...op.call(1)], { params: [I32, I64, I32] }, [
      ...op.i32(1),
      ...op.i64(1),
      ...op.i32(1),
      ...op.call(1),
    ]),
    frame: BASE + 3 + 3,
    first: 3,
  },
  {
    title: '[STACK-1.1] locals, one slot each',
    module: recursive(op.call(1), { locals: [I32, I64, F64, I32] }),
    frame: BASE + 4 + 2,
  },
  {
    title: '[STACK-1.1] results of a call',
    module: recursive(op.call(1), { results: [I32, I32, I32, I32] }, [...op.call(1), ...drops(4)]),
    frame: BASE + 4,
    first: 4,
  },
  {
    title: '[STACK-1.1] an indirect call, whose entry is an operand too',
    module: recursive([...op.i32(0), ...op.callIndirect(1)], {}, [...op.i32(0), ...op.callIndirect(1)]),
    frame: BASE + 2,
    first: 1,
  },
  {
    title: '[STACK-1.1] a function that calls imported functions only, and so takes a frame',
    module: command([...COUNT, ...op.call(0), ...op.drop, ...op.call(1)], {
      imports: [wasiImport('sched_yield', ':i')],
      globals: [0],
    }),
    frame: BASE + 2,
    first: -BASE,
  },
  {
    title: '[STACK-1.1] the two ways of an if, one of which ends in no segment, each by itself',
    module: recursive(
      [
        ...[...op.i32(0), ...ins.if(values(5), values(5), 2), ...drops(5)],
        ...[...op.i32(0), ...ins.if([...values(5), ...ins.br(0)], values(5), 2), ...drops(5), ...op.call(1)],
      ],
      {},
      op.call(1),
      [{ results: repeat(5, [I32]), code: values(5) }],
    ),
    frame: BASE + 5,
  },
  {
    title: '[STACK-1.1] functions that call nothing, and take nothing',
    module: recursive([...op.call(2), ...op.call(1)], {}, op.call(1), [
      { locals: new Array<number>(4_000).fill(I64), code: ins.block(values(50).concat(drops(50))) },
    ]),
    frame: BASE + 2,
  },
  {
    title: '[STACK-1.3] a function whose only call is in no segment',
    module: recursive([...op.call(2), ...op.call(1)], {}, op.call(1), [
      { locals: new Array<number>(4_000).fill(I64), code: [...ins.block(TWO), ...ins.return, ...op.call(1)] },
    ]),
    frame: BASE + 2,
  },
  {
    title: '[STACK-1.3] operands in no segment',
    module: recursive([...op.call(1), ...ins.return, ...values(50), ...drops(50)]),
    frame: BASE + 2,
  },
  {
    title: '[STACK-1.3] what a block leaves, although nothing gets to its end',
    module: recursive(
      [...op.i32(0), ...ins.if([...ins.block(op.unreachable, 2), ...drops(5)]), ...op.call(1)],
      {},
      op.call(1),
      [{ results: new Array<number>(5).fill(I32), code: values(5) }],
    ),
    frame: BASE + 5,
  },
]

test.each(FRAMES)('$title', ({ module, frame, first = 0 }) => {
  expect(depthOf(module)).toBe(Math.floor((STACK_SLOTS_MAX - BASE - first) / frame))
})

test('[STACK-1.2] the first segment is charged before the frame is taken, and out of fuel comes before stack_exhausted', () => {
  const entered = Math.floor((131_072 - BASE) / (BASE + 2))
  checkFuel({
    title: 'recursion without an end',
    module: recursive(op.call(1)),
    // The last call is charged too, and then has no frame.
    charges: [5, ...new Array<number>(entered + 1).fill(6 + 5)],
    ending: 'stack exhausted',
  })
})

/** Calls itself as often as its parameter says: a frame of 19 slots. */
const deep = {
  params: [I32],
  code: [...op.local(0), ...ins.if([...op.local(0), ...op.i32(1), ...ins.sub, ...op.call(2)])],
}

test.each(SHAPES)('[STACK-1.2] each call of the host begins with all slots, shape %s', shape => {
  const near = [...op.i32(6_890), ...op.call(2)]
  const module = command(near, { more: [{ exportAs: '_initialize', code: near }, deep], start: 1 })
  expect(runMetered(module, shape).ending).toBe('ok')
  const past = command([...op.i32(6_900), ...op.call(2)], { more: [{}, deep] })
  expect(runMetered(past, shape).ending).toBe('stack exhausted')
})

test.each(SHAPES)('[STACK-1.2] a function that returns gives its frame back, shape %s', shape => {
  const module = command(
    [
      ...[...op.i32(5), ...op.setLocal(0)],
      ...ins.loop([
        ...[...op.i32(6_000), ...op.call(2)],
        ...[...op.local(0), ...op.i32(1), ...ins.sub, ...ins.tee(0), ...ins.brIf(0)],
      ]),
    ],
    { locals: [I32], more: [{}, deep] },
  )
  expect(runMetered(module, shape).ending).toBe('ok')
})
