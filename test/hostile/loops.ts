/** Programs that never end: every shape of back edge must be charged for. */
import {
  command,
  F32,
  FUNCREF,
  I32,
  I64,
  type ModuleShape,
  op,
  reactor,
  wasiImport,
  wasmModule,
} from '../support/wasm-module.ts'
import { count, ins, print, repeat } from './code.ts'
import { alike, type Hostile, outOfFuel } from './entry.ts'

type Bytes = readonly number[]

const forever = alike(2, outOfFuel)

function endless(name: string, code: Bytes, shape: Omit<ModuleShape, 'functions'> & { locals?: Bytes } = {}): Hostile {
  return { name: `endless: ${name}`, make: () => command(code, shape), expect: forever }
}

const yields = { imports: [wasiImport('sched_yield', ':i')] }
const writes = { imports: [wasiImport('fd_write', 'iiii:i')] }

/** 200 blocks around a branch to the loop outside all of them. */
const deepBranch = [0x03, 0x40, ...repeat(200, [0x02, 0x40]), ...ins.br(200), ...repeat(201, ins.end)]

/** Goes on in the loop that its counter chooses. */
const wandering = ins.loop(ins.loop(ins.loop([...count(0), ...op.i32(3), ...ins.and, ...ins.brTable([0, 1, 2], 2)])))

export const LOOPS: readonly Hostile[] = [
  endless('a loop of nothing but its branch', op.forever()),
  endless('a loop of nops', op.forever(repeat(50, ins.nop))),
  endless('a loop of blocks, which cost nothing', ins.loop(ins.block(ins.block(ins.br(2))))),
  endless('a loop at the end of 200 blocks', deepBranch),
  endless('an inner loop that goes on with the outer one', ins.loop(ins.loop(ins.br(1)))),
  endless('a loop inside a loop that ends', ins.loop([...ins.loop([...op.i32(0), ...ins.brIf(0)]), ...ins.br(0)])),
  endless('a conditional branch that is always taken', ins.loop([...op.i32(1), ...ins.brIf(0)])),
  endless(
    'a conditional branch between costly instructions',
    ins.loop([...count(0), ...op.drop, ...op.i32(-1), ...ins.brIf(0)]),
    {
      locals: [I32],
    },
  ),
  endless('a jump table of back edges only', ins.loop([...op.i32(2), ...ins.brTable([0, 0, 0, 0], 0)])),
  endless('a jump table whose default is the back edge', ins.loop([...op.i32(-1), ...ins.brTable([1, 1, 1], 0)])),
  endless('a jump table without labels', ins.loop([...op.i32(0), ...ins.brTable([], 0)])),
  endless('three loops that a jump table wanders between', wandering, { locals: [I32] }),
  endless('the else of an if', ins.loop([...op.i32(0), ...ins.if(ins.nop, ins.br(1))])),
  endless('the then of an if without else', ins.loop([...op.i32(1), ...ins.if(ins.br(1))])),
  endless('dead code behind the branch', ins.loop([...ins.br(0), ...op.drop, ...op.add, ...op.drop, ...ins.br(0)])),
  endless('dead loops behind a return', [...op.forever([...op.i32(0), ...ins.if(ins.return)]), ...op.forever()]),
  endless(
    'a countdown from 2^62',
    [
      ...[...op.i64(2 ** 52), ...op.i64(10), ...ins.i64Shl, ...op.setLocal(0)],
      ...ins.loop([
        ...op.local(0),
        ...op.i64(1),
        ...ins.i64Sub,
        ...ins.tee(0),
        ...ins.i64EqualsZero,
        ...op.equalsZero,
        ...ins.brIf(0),
      ]),
    ],
    { locals: [I64] },
  ),
  endless('a counter in a global', op.forever([...op.global(0), ...op.i32(1), ...op.add, ...op.setGlobal(0)]), {
    globals: [0],
  }),
  endless('the size of the memory, again and again', op.forever([...op.memorySize, ...op.drop])),
  endless('a host call that does nothing', op.forever([...op.call(0), ...op.drop]), yields),
  endless('writing nothing', op.forever(print(0, 0, 0)), writes),
  endless('writing to standard error', op.forever(print(0, 0, 60_000, 2)), writes),
  endless('writing to a file that is not open', op.forever(print(0, 0, 60_000, 3)), writes),
  endless(
    'waiting for the clock to move',
    [
      ...ins.loop([
        ...[...op.i32(0), ...op.i64(1), ...op.i32(16), ...op.call(0), ...op.drop],
        ...[...op.i32(16), ...ins.load64(), ...ins.i64EqualsZero, ...ins.brIf(0)],
      ]),
    ],
    { imports: [wasiImport('clock_time_get', 'iIi:i')] },
  ),
  endless(
    'waiting for input that never comes',
    ins.loop([
      ...[...op.i32(4), ...op.i32(100), ...op.store()],
      ...[...op.i32(0), ...op.i32(0), ...op.i32(1), ...op.i32(8), ...op.call(0), ...op.drop],
      ...[...op.i32(8), ...op.load(), ...op.equalsZero, ...ins.brIf(0)],
    ]),
    { imports: [wasiImport('fd_read', 'iiii:i')] },
  ),
  endless('sleeping', op.forever([...repeat(4, op.i32(64)), ...op.call(0), ...op.drop]), {
    imports: [wasiImport('poll_oneoff', 'iiii:i')],
  }),
  {
    name: 'endless: a loop that carries values',
    make: () =>
      wasmModule({
        functions: [
          {
            exportAs: '_start',
            code: [...op.i32(0), 0x03, 1, ...op.i32(1), ...op.add, ...ins.br(0), ...ins.end, ...op.drop],
          },
          { params: [I32], results: [I32], code: op.local(0) },
        ],
      }),
    expect: forever,
  },
  {
    name: 'endless: calling an empty function',
    make: () => wasmModule({ functions: [{ exportAs: '_start', code: op.forever(op.call(1)) }, {}] }),
    expect: forever,
  },
  {
    name: 'endless: calling an empty function through a table',
    make: () =>
      wasmModule({
        functions: [{ exportAs: '_start', code: op.forever([...op.i32(1), ...op.callIndirect(0)]) }, {}],
        table: 2,
        elements: [0, 1],
      }),
    expect: forever,
  },
  {
    name: 'endless: calling a host function through a table',
    make: () =>
      wasmModule({
        ...yields,
        functions: [{ exportAs: '_start', code: op.forever([...op.i32(0), ...op.callIndirect(0), ...op.drop]) }],
        table: 1,
        elements: [0],
      }),
    expect: forever,
  },
  {
    name: 'endless: a leaf with many values to return',
    make: () =>
      wasmModule({
        functions: [
          { exportAs: '_start', code: op.forever([...op.call(1), ...repeat(200, op.drop)]) },
          { results: repeat(200, [F32]), code: repeat(200, [0x43, 0, 0, 0, 0]) },
        ],
      }),
    expect: forever,
  },
  {
    name: 'endless: references taken and dropped',
    make: () =>
      wasmModule({
        functions: [
          {
            exportAs: '_start',
            code: op.forever([...ins.refFunc(0), ...op.drop, ...ins.refNull(FUNCREF), ...op.drop]),
          },
        ],
      }),
    expect: forever,
  },
  {
    name: 'endless: alloc of a reactor',
    make: () => reactorWith({ alloc: op.forever() }),
    abi: 'reactor',
    expect: forever,
  },
  {
    name: 'endless: run of a reactor',
    make: () => reactorWith({ run: op.forever() }),
    abi: 'reactor',
    expect: forever,
  },
  {
    name: 'endless: _initialize of a reactor',
    make: () => reactorWith({ initialize: op.forever() }),
    abi: 'reactor',
    expect: forever,
  },
  {
    name: 'endless: the start function of a reactor',
    make: () => reactor(op.i64(0), { more: [{ code: op.forever() }], start: 2 }),
    abi: 'reactor',
    expect: forever,
  },
  {
    name: 'endless: the start function of a command',
    make: () => wasmModule({ functions: [{ exportAs: '_start' }, { code: op.forever() }], start: 1 }),
    expect: forever,
  },
]

/** A reactor of which one part may be anything that does not return. */
function reactorWith({ alloc, run, initialize }: { alloc?: Bytes; run?: Bytes; initialize?: Bytes }): Uint8Array {
  return wasmModule({
    functions: [
      { exportAs: 'alloc', params: [I32], results: [I32], code: [...(alloc ?? []), ...op.i32(64)] },
      { exportAs: 'run', params: [I32, I32], results: [I64], code: [...(run ?? []), ...op.i64(0)] },
      { exportAs: '_initialize', code: initialize ?? [] },
    ],
  })
}
