/** Greed for memory: growing, filling and copying as fast and as much as there is. */
import { command, I32, type ModuleShape, op, range, reactor } from '../support/wasm-module.ts'
import { choose, ins, repeat } from './code.ts'
import { alike, forbidden, type Hostile, invalid, MEMORY_PAGES, okWords, outOfFuel, trap, units } from './entry.ts'

type Bytes = readonly number[]
type Shape = Omit<ModuleShape, 'functions'> & { locals?: Bytes }

const PAGE = 65_536
const outOfBounds = trap('memory_out_of_bounds')
/** One page, which may grow as far as the job allows. */
const growable = { memory: [1, 0, 1] }
/** 16 pages, 1 MiB. */
const wide = { memory: [1, 0, 16] }

function storm(name: string, body: Bytes, shape: Shape = wide): Hostile {
  return { name: `memory: ${name}`, make: () => command(op.forever(body), shape), expect: alike(2, outOfFuel) }
}

/** A reactor whose `run` leaves words at address 0. */
function answers(name: string, code: Bytes, words: readonly number[], shape: Shape = growable): Hostile {
  const make = () => reactor([...code, ...range(0, words.length * 4)], shape)
  return { name: `memory: ${name}`, make, abi: 'reactor', expect: alike(3, okWords(...words)) }
}

function traps(name: string, code: Bytes, shape: Shape = growable): Hostile {
  return { name: `memory: ${name}`, make: () => command(code, shape), expect: alike(3, outOfBounds) }
}

function sizes(name: string, memory: Bytes, expect: Hostile['expect']): Hostile {
  return { name: `memory: ${name}`, make: () => command([], { memory }), expect }
}

const grow = (pages: number) => [...op.i32(pages), ...op.memoryGrow]
const fill = (at: number, value: number, length: number) => [
  ...op.i32(at),
  ...op.i32(value),
  ...op.i32(length),
  ...ins.memoryFill,
]
const copy = (to: number, from: number, length: number) => [
  ...op.i32(to),
  ...op.i32(from),
  ...op.i32(length),
  ...ins.memoryCopy,
]
const init = (to: number, from: number, length: number) => [
  ...op.i32(to),
  ...op.i32(from),
  ...op.i32(length),
  ...ins.memoryInit(),
]
const put = (at: number, code: Bytes) => [...op.i32(at), ...code, ...op.store()]
/** Grows by single pages until that fails, and writes to each page before. */
const growAll = ins.loop([
  ...[...op.memorySize, ...op.i32(16), ...ins.shiftLeft, ...op.i32(4), ...ins.sub, ...op.i32(1), ...op.store()],
  ...[...grow(1), ...op.i32(-1), ...ins.ne, ...ins.brIf(0)],
])
const segment = { dataSection: [1, 1, 8, ...repeat(8, [0x5a])], dataCount: 1 }

export const MEMORY: readonly Hostile[] = [
  storm('growing by nothing', [...grow(0), ...op.drop]),
  storm('growing by one page', [...grow(1), ...op.drop]),
  storm('growing by more than there is', [...grow(65_536), ...op.drop]),
  storm('growing by 2^32 - 1 pages', [...grow(-1), ...op.drop]),
  storm('filling 1 MiB', fill(0, 1, 16 * PAGE)),
  storm('filling nothing', fill(0, 1, 0)),
  storm('copying 512 KiB', copy(8 * PAGE, 0, 8 * PAGE)),
  storm('copying onto itself, one byte up', copy(1, 0, 16 * PAGE - 1)),
  storm('copying nothing from the end', copy(16 * PAGE, 16 * PAGE, 0)),
  storm('placing a segment', init(0, 0, 8), { ...wide, ...segment }),
  storm('dropping a segment', ins.dataDrop(), { ...wide, ...segment }),
  storm(
    'writing to every page',
    [
      ...[...op.local(0), ...op.i32(1), ...op.store(), ...op.local(0), ...op.i32(4_096), ...op.add],
      ...[...op.i32(16 * PAGE - 1), ...ins.and, ...op.setLocal(0)],
    ],
    { ...wide, locals: [I32] },
  ),
  {
    name: 'memory: filling more at once than there is fuel for',
    make: () => command(fill(0, 1, MEMORY_PAGES * PAGE), { memory: [1, 0, MEMORY_PAGES] }),
    unitFuelMax: 100_000,
    expect: alike(2, outOfFuel),
  },
  {
    name: 'memory: filling 4 GiB with fuel for less',
    make: () => command(fill(0, 1, -1)),
    expect: alike(2, outOfFuel),
  },
  {
    name: 'memory: filling 4 GiB with fuel for it',
    make: () => command(fill(0, 1, -1)),
    unitFuelMax: 2_000_000_000,
    expect: alike(2, outOfBounds),
  },
  {
    name: 'memory: copying 4 GiB with fuel for it',
    make: () => command(copy(0, 4, -1)),
    unitFuelMax: 2_000_000_000,
    expect: alike(2, outOfBounds),
  },
  {
    name: 'memory: placing 4 GiB of a segment of 8 bytes, with fuel for it',
    make: () => command(init(0, 0, -1), segment),
    unitFuelMax: 2_000_000_000,
    expect: alike(2, outOfBounds),
  },
  traps('filling one byte too many', fill(0, 1, PAGE + 1)),
  traps('filling nothing beyond the end', fill(PAGE + 1, 1, 0)),
  traps('copying from beyond the end', copy(0, PAGE - 4, 8)),
  traps('copying to beyond the end', copy(PAGE - 4, 0, 8)),
  traps('placing more than the segment has', init(0, 4, 8), segment),
  traps('placing beyond the end', init(PAGE - 4, 0, 8), segment),
  traps('placing nothing from beyond the segment', init(0, 9, 0), segment),
  traps('placing a dropped segment', [...ins.dataDrop(), ...init(0, 0, 1)], segment),
  traps('a load at the last address, offset 2^32 - 1', [...op.i32(-1), ...op.load(2 ** 32 - 1), ...op.drop]),
  traps('a load whose address and offset wrap around to 0', [...op.i32(4), ...op.load(2 ** 32 - 4), ...op.drop]),
  traps('a load that begins inside and ends outside', [...op.i32(PAGE - 3), ...op.load(), ...op.drop]),
  traps('a store one byte beyond the end', [...op.i32(PAGE), ...op.i32(1), ...ins.store8()]),
  traps('a 64-bit store at the end', [...op.i32(PAGE - 7), ...op.i64(1), ...ins.store64()]),
  traps('a store to where the memory would have grown', [
    ...grow(100),
    ...op.drop,
    ...op.i32(PAGE),
    ...op.i32(1),
    ...op.store(),
  ]),
  traps('an access to no memory at all', [...op.i32(0), ...op.load(), ...op.drop], { memory: [1, 0, 0] }),
  answers('growing to the maximum, each page written', [...growAll, ...put(0, op.memorySize)], [MEMORY_PAGES]),
  answers('growing to the maximum of its own', [...growAll, ...put(0, op.memorySize)], [3], { memory: [1, 1, 1, 3] }),
  answers('growing to a maximum beyond the job', [...growAll, ...put(0, op.memorySize)], [MEMORY_PAGES], {
    memory: [1, 1, 1, 0x80, 0x80, 4],
  }),
  answers('growing by far too much', [...put(0, grow(65_536)), ...put(4, op.memorySize)], [-1, 1]),
  answers('growing by one more than allowed', [...put(0, grow(MEMORY_PAGES)), ...put(4, op.memorySize)], [-1, 1]),
  answers(
    'growing to the maximum at once',
    [...put(0, grow(MEMORY_PAGES - 1)), ...put(4, op.memorySize)],
    [1, MEMORY_PAGES],
  ),
  answers(
    'all the memory from the beginning, all of it written',
    [...fill(0, 7, MEMORY_PAGES * PAGE), ...put(0, grow(1))],
    [-1],
    {
      memory: [1, 0, MEMORY_PAGES],
    },
  ),
  {
    name: 'memory: 60 units that each take everything',
    make: () => reactor([...put(0, grow(MEMORY_PAGES - 1)), ...fill(4, 9, MEMORY_PAGES * PAGE - 4), ...range(0, 8)]),
    abi: 'reactor',
    expect: alike(60, okWords(1, 0x09090909)),
  },
  sizes('a page more than the job allows', [1, 0, MEMORY_PAGES + 1], forbidden('memory section', /33 pages.*32/)),
  sizes('4 GiB', [1, 0, 0x80, 0x80, 4], forbidden('memory section', /65536 pages/)),
  sizes('over 4 GiB', [1, 0, 0x81, 0x80, 4], invalid('memory section', /4 GiB/)),
  sizes('a maximum over 4 GiB', [1, 1, 1, 0x81, 0x80, 4], invalid('memory section', /4 GiB/)),
  sizes('more than its own maximum', [1, 1, 2, 1], invalid('memory section', /larger than its maximum/)),
  sizes('two memories', [2, 0, 1, 0, 1], forbidden('memory section', /2 memories/)),
  sizes('2^32 - 1 memories', [0xff, 0xff, 0xff, 0xff, 0x0f], invalid('memory section', /memories/)),
  sizes('a shared one', [1, 3, 1, 1], forbidden('memory section', /shared/)),
  sizes('a 64-bit one', [1, 4, 1], forbidden('memory section', /64-bit/)),
  sizes('pages of one byte', [1, 8, 1, 0], invalid('memory section', /flags 8/)),
  sizes('flags nobody knows', [1, 0x80, 1], invalid('memory section', /flags 128/)),
  sizes('none in its section', [0], invalid('memory section', /no memory/)),
  {
    name: 'memory: none at all',
    make: () => command([], { memory: null }),
    expect: forbidden('memory section', /no memory/),
  },
  {
    name: 'memory: one that is not exported',
    make: () => command([], { exportMemory: false }),
    expect: forbidden('export section', /does not export its memory/),
  },
  {
    name: 'memory: eight units, each with another fate',
    make: mixed,
    abi: 'reactor',
    inputs: ['', 'a', '', 'ab', '', 'abc', '', 'a'].map(text => new TextEncoder().encode(text)),
    expect: units(
      ...[okWords(1), outOfBounds, okWords(1), outOfFuel],
      ...[okWords(1), trap('unreachable'), okWords(1), outOfBounds],
    ),
  },
]

/** Answers with the size of its memory; but grows it and traps, burns all, or gives up, by the length of its input. */
function mixed(): Uint8Array {
  const grown = [...grow(5), ...op.drop]
  return reactor(
    choose(op.local(1), [
      [...put(0, op.memorySize), ...range(0, 4), ...ins.return],
      [...grown, ...fill(-4, 1, 8), ...op.unreachable],
      [...grown, ...op.forever(), ...op.unreachable],
      [...grown, ...op.unreachable],
    ]),
  )
}
