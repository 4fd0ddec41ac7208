/** Too much of everything that goes between a task and its host, and pointers to where nothing is. */
import { command, I32, type ImportParts, op, range, reactor, wasiImport } from '../support/wasm-module.ts'
import { ins, print, repeat } from './code.ts'
import { alike, exit, type Hostile, noResult, ok, okWords, outOfFuel, trap } from './entry.ts'

type Bytes = readonly number[]

const PAGE = 65_536
const ERRNO = { success: 0, badFile: 8, fault: 21, invalid: 28 }
const write = wasiImport('fd_write', 'iiii:i')
const read = wasiImport('fd_read', 'iiii:i')
const random = wasiImport('random_get', 'ii:i')
const tooLarge = alike(2, trap('output_too_large'))

/** Writes this many vectors of (`pointer`, `length`) from address 16 on. */
const vectors = (count: number, pointer: number, length: number) => [
  ...[...op.i32(16), ...op.setLocal(0)],
  ...ins.loop([
    ...[...op.local(0), ...op.i32(pointer), ...op.store(), ...op.local(0), ...op.i32(length), ...op.store(4)],
    ...[...op.local(0), ...op.i32(8), ...op.add, ...ins.tee(0), ...op.i32(16 + count * 8), ...ins.ne, ...ins.brIf(0)],
  ]),
]
const call4 = (index: number, values: readonly number[]) => [...values.flatMap(op.i32), ...op.call(index)]

function flood(name: string, code: Bytes, expect: Hostile['expect'], more: Partial<Hostile> = {}): Hostile {
  const make = () => command(code, { imports: [write], memory: [1, 0, 16], locals: [I32] })
  return { name: `flood: ${name}`, make, expect, ...more }
}

const floods: readonly Hostile[] = [
  flood('standard output, a byte at a time', op.forever(print(0, 0, 1)), tooLarge, { unitFuelMax: 1_000_000_000 }),
  flood('standard output, a byte at a time, without fuel for all', op.forever(print(0, 0, 1)), alike(2, outOfFuel)),
  flood('standard output, 60 000 bytes at a time', op.forever(print(0, 0, 60_000)), tooLarge),
  flood('standard output, more than the memory holds', print(0, 0, 16 * PAGE + 1), alike(2, ok())),
  flood('standard output, as much as there may be', print(0, 0, 16 * PAGE), alike(2, ok(zerosAfterVector(16 * PAGE)))),
  flood('standard output, one byte too many', [...print(0, 0, 16 * PAGE), ...print(0, 0, 1)], tooLarge),
  flood('standard error', op.forever(print(0, 0, 60_000, 2)), alike(2, outOfFuel)),
  flood(
    'standard error, then an answer',
    [...repeat(20, print(0, 0, 60_000, 2)), ...print(0, 100, 1)],
    alike(2, ok([0])),
  ),
  flood(
    '1 024 vectors of 1 MiB less one page',
    [...vectors(1_024, PAGE, 15 * PAGE), ...call4(0, [1, 16, 1_024, 8]), ...op.drop],
    tooLarge,
    { unitFuelMax: 500_000_000 },
  ),
  flood(
    '1 024 vectors of 1 MiB less one page, without fuel for them',
    [...vectors(1_024, PAGE, 15 * PAGE), ...call4(0, [1, 16, 1_024, 8]), ...op.drop],
    alike(2, outOfFuel),
    { unitFuelMax: 100_000 },
  ),
  flood(
    '1 024 vectors of nothing, for ever',
    [...vectors(1_024, 0, 0), ...op.forever([...call4(0, [1, 16, 1_024, 8]), ...op.drop])],
    alike(2, outOfFuel),
  ),
  flood(
    '1 024 vectors of one byte',
    [...vectors(1_024, PAGE, 1), ...call4(0, [1, 16, 1_024, 8]), ...op.drop],
    alike(2, ok(new Uint8Array(1_024))),
  ),
  {
    name: 'flood: the outputs of a lease',
    make: () => reactor(range(0, 16 * PAGE), { memory: [1, 0, 16] }),
    abi: 'reactor',
    inputs: new Array<Uint8Array>(18).fill(new Uint8Array(0)),
    expect: noResult('bad_output', /too large/),
  },
  {
    name: 'flood: two thousand units that trap',
    make: () => command(op.unreachable),
    expect: alike(2_000, trap('unreachable')),
  },
  {
    name: 'flood: random bytes without fuel for them',
    make: () => command([...call2(0, 0, 16 * PAGE), ...op.drop], { imports: [random], memory: [1, 0, 16] }),
    expect: alike(2, outOfFuel),
  },
  {
    name: 'flood: random bytes for ever',
    make: () => command(op.forever([...call2(0, 0, 64), ...op.drop]), { imports: [random] }),
    expect: alike(2, outOfFuel),
  },
  {
    name: 'flood: the arguments for ever',
    make: () => command(op.forever([...call2(0, 0, 64), ...op.drop]), { imports: [wasiImport('args_get', 'ii:i')] }),
    expect: alike(2, outOfFuel),
  },
]

function call2(index: number, first: number, second: number): number[] {
  return [...op.i32(first), ...op.i32(second), ...op.call(index)]
}

/** What {@link print} of the whole memory writes: its own vector, then zeros. */
function zerosAfterVector(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(4, length, true)
  return bytes
}

/** A reactor that answers with the error numbers of calls, each made as the list says: the import's index and what it is given. */
function errnos(
  name: string,
  imports: readonly ImportParts[],
  calls: readonly (readonly [index: number, ...values: number[]])[],
  answers: readonly number[],
  before: Bytes = [],
): Hostile {
  const at = 32_768
  const code = calls.flatMap(([index, ...values], place) => [
    ...op.i32(at + place * 4),
    ...call4(index, values),
    ...op.store(),
  ])
  const make = () => reactor([...before, ...code, ...range(at, calls.length * 4)], { imports, locals: [I32] })
  return { name: `pointers: ${name}`, make, abi: 'reactor', expect: alike(3, okWords(...answers)) }
}

const { success, badFile, fault, invalid } = ERRNO
const store = (at: number, value: number) => [...op.i32(at), ...op.i32(value), ...op.store()]
/** One vector at 64. */
const vector = (pointer: number, length: number) => [...store(64, pointer), ...store(68, length)]

const pointers: readonly Hostile[] = [
  errnos(
    'vectors at and beyond the end',
    [write],
    [
      [0, 1, PAGE - 8, 1, 0],
      [0, 1, PAGE - 7, 1, 0],
      [0, 1, PAGE, 1, 0],
      [0, 1, -1, 1, 0],
      [0, 1, -8, 2, 0],
      [0, 1, 0, 1_025, 0],
      [0, 1, 0, -1, 0],
      [0, 1, PAGE - 8_191, 1_024, 0],
    ],
    [success, fault, fault, fault, fault, invalid, invalid, fault],
  ),
  errnos(
    'no vectors at no address',
    [write],
    [
      [0, 1, -1, 0, 0],
      [0, 2, -1, 0, 0],
      [0, 1, 0, 0, -1],
    ],
    [success, success, fault],
  ),
  errnos(
    'the count of what was written, at and beyond the end',
    [write],
    [
      [0, 1, 64, 1, PAGE - 4],
      [0, 1, 64, 1, PAGE - 3],
      [0, 1, 64, 1, -1],
      [0, 2, 64, 1, PAGE],
    ],
    [success, fault, fault, fault],
    vector(0, 1),
  ),
  errnos('a vector of everything, of more, and from the end', [write], [[0, 2, 64, 1, 0]], [success], vector(0, PAGE)),
  errnos(
    'a vector of one byte more than everything',
    [write],
    [
      [0, 1, 64, 1, 0],
      [0, 2, 64, 1, 0],
    ],
    [fault, fault],
    vector(0, PAGE + 1),
  ),
  errnos('a vector of nothing at the end', [write], [[0, 1, 64, 1, 0]], [success], vector(PAGE, 0)),
  errnos('a vector of nothing beyond the end', [write], [[0, 1, 64, 1, 0]], [fault], vector(PAGE + 1, 0)),
  errnos(
    'a vector of 2^32 - 1 bytes',
    [write],
    [
      [0, 1, 64, 1, 0],
      [0, 2, 64, 1, 0],
    ],
    [fault, fault],
    vector(1, -1),
  ),
  errnos('a vector whose end wraps around to its beginning', [write], [[0, 1, 64, 1, 0]], [fault], vector(-16, 32)),
  errnos(
    'files that are not open',
    [write, read],
    [
      [0, 0, 64, 1, 0],
      [0, 3, 64, 1, 0],
      [0, -1, 64, 1, 0],
      [1, 1, 64, 1, 0],
      [1, 3, 64, 1, 0],
    ],
    repeat(5, [badFile]),
    vector(0, 1),
  ),
  errnos(
    'random bytes at and beyond the end',
    [random],
    [
      [0, PAGE - 4, 4],
      [0, PAGE - 3, 4],
      [0, PAGE, 0],
      [0, PAGE + 1, 0],
      [0, -1, 1],
    ],
    [success, fault, success, fault, fault],
  ),
  errnos(
    'arguments at and beyond the end',
    [wasiImport('args_get', 'ii:i'), wasiImport('args_sizes_get', 'ii:i')],
    [
      [0, PAGE - 4, 0],
      [0, PAGE - 3, 0],
      [0, 0, PAGE - 5],
      [0, 0, PAGE - 4],
      [0, -1, -1],
      [1, PAGE - 4, PAGE - 4],
      [1, PAGE - 4, PAGE - 3],
      [1, -1, 0],
    ],
    [success, fault, success, fault, fault, success, fault, fault],
  ),
  errnos(
    'an empty environment nowhere',
    [wasiImport('environ_get', 'ii:i'), wasiImport('environ_sizes_get', 'ii:i')],
    [
      [0, -1, -1],
      [1, -1, -1],
      [1, 0, PAGE],
    ],
    [success, fault, fault],
  ),
  errnos(
    'what is known of a file, at and beyond the end',
    [wasiImport('fd_fdstat_get', 'ii:i')],
    [
      [0, 1, PAGE - 24],
      [0, 1, PAGE - 23],
      [0, 0, -1],
      [0, 9, 0],
    ],
    [success, fault, fault, badFile],
  ),
  {
    name: 'pointers: 2^32 - 1 random bytes',
    make: () => command([...call2(0, 0, -1), ...op.call(1)], { imports: [random, wasiImport('proc_exit', 'i:')] }),
    expect: alike(2, exit(fault)),
  },
  {
    name: 'pointers: an access to a memory of no pages',
    make: () =>
      command([...call4(0, [1, 0, 1, 0]), ...op.call(1)], {
        imports: [write, wasiImport('proc_exit', 'i:')],
        memory: [1, 1, 0, 0],
      }),
    expect: alike(2, exit(fault)),
  },
  {
    name: 'pointers: input read over the list of vectors that is being read',
    make: () =>
      reading([...store(0, 0), ...store(4, 8), ...store(8, 200), ...store(12, 8), ...call4(0, [0, 0, 2, 100])], 200, 8),
    inputs: [new TextEncoder().encode('0123456789abcdef')],
    expect: { kind: 'units', units: [ok('89abcdef')], alike: false },
  },
  {
    name: 'pointers: input read into two vectors that overlap',
    make: () =>
      reading(
        [...store(0, 200), ...store(4, 8), ...store(8, 204), ...store(12, 8), ...call4(0, [0, 0, 2, 100])],
        200,
        12,
      ),
    inputs: [new TextEncoder().encode('0123456789abcdef')],
    expect: { kind: 'units', units: [ok('012389abcdef')], alike: false },
  },
  {
    name: 'pointers: input whose count is written over it',
    make: () => reading([...store(0, 200), ...store(4, 8), ...call4(0, [0, 0, 1, 202])], 200, 8),
    inputs: [new TextEncoder().encode('01234567')],
    expect: { kind: 'units', units: [ok([0x30, 0x31, 8, 0, 0, 0, 0x36, 0x37])], alike: false },
  },
  {
    name: 'pointers: output of vectors that overlap, and of the list itself',
    make: () =>
      command(
        [...store(16, 16), ...store(20, 16), ...store(24, 20), ...store(28, 8), ...call4(0, [1, 16, 2, 8]), ...op.drop],
        { imports: [write] },
      ),
    expect: alike(2, okWords(16, 16, 20, 8, 16, 20)),
  },
]

/** A command that runs `code`, which ends in a call of fd_read, and writes what is then at `pointer`. */
function reading(code: Bytes, pointer: number, length: number): Uint8Array {
  return command([...code, ...op.drop, ...print(1, pointer, length)], { imports: [read, write] })
}

export const FLOODS: readonly Hostile[] = [...floods, ...pointers]
