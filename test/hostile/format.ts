/** Files that lie about their own structure: lengths, counts, numbers, order, and ends in the wrong place. */
import { command, END, I32, leb, op, rawModule, section } from '../support/wasm-module.ts'
import { ascii, assembled, custom, ins, paddedLeb, parts, repeat } from './code.ts'
import { alike, type Expectation, type Hostile, invalid, ok, trap } from './entry.ts'

type Bytes = readonly number[]
type Part = keyof ReturnType<typeof parts>

const fine = alike(2, ok())
const MANY = leb(2 ** 32 - 1)
/** Numbers that a reader may take in five bytes at most. */
const SIX_BYTES = paddedLeb(1, 6)
const UNENDING = repeat(12, [0x80])

function file(name: string, make: () => Uint8Array, expect: Expectation): Hostile {
  return { name: `format: ${name}`, make, expect }
}

const bytes =
  (...contents: readonly number[]) =>
  () =>
    Uint8Array.from(contents)
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const notWasm = invalid('header', /not a WebAssembly file/)
const notVersion1 = invalid('header', /version 1/)

const headers: readonly Hostile[] = [
  file('nothing', bytes(), notWasm),
  file('four bytes', bytes(0, 0x61, 0x73, 0x6d), notVersion1),
  file('seven bytes', bytes(...HEADER.slice(0, 7)), notVersion1),
  file('a header alone', bytes(...HEADER), {
    kind: 'refused',
    section: 'memory section',
    reason: /no memory/,
    invalid: false,
  }),
  file('text', () => new TextEncoder().encode('(module (memory 1) (func (export "_start")))'), notWasm),
  file('zeros', () => new Uint8Array(1_000_000), notWasm),
  file('a component', bytes(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), notVersion1),
  file('version 2', bytes(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), notVersion1),
  file('a header twice', () => Uint8Array.from([...HEADER, ...assembled()]), invalid('section list', /./)),
]

/** A module whose section `part` says that it is `by` bytes longer than it is. */
function lyingLength(part: Part, by: number): () => Uint8Array {
  const [id = 0, ...rest] = parts()[part]
  const contents = rest.slice(1)
  return () => assembled({ [part]: [id, ...leb(contents.length + by), ...contents] })
}

const PARTS = Object.keys(parts()) as Part[]
const lengths: readonly Hostile[] = [
  ...PARTS.map(part => file(`a ${part} section one byte longer than it is`, lyingLength(part, 1), invalid('', /./))),
  ...PARTS.map(part => file(`a ${part} section one byte shorter than it is`, lyingLength(part, -1), invalid('', /./))),
  ...PARTS.map(part =>
    file(
      `a ${part} section of 2^32 - 1 bytes`,
      lyingLength(part, 2 ** 32 - 1 - parts()[part].length + 2),
      invalid('section list', /early/),
    ),
  ),
  ...PARTS.map(part =>
    file(`an empty ${part} section`, () => assembled({ [part]: [parts()[part][0] ?? 0, 0] }), invalid('', /./)),
  ),
  file(
    'a custom section without a name',
    () => rawModule(...Object.values(parts()), [0, 0]),
    invalid('module', /length/),
  ),
  file(
    'a custom section whose name is longer than it',
    () => rawModule(...Object.values(parts()), [0, 2, 5, 0x78]),
    invalid('module', /end/),
  ),
  file(
    'a custom section that ends behind the file',
    () => rawModule(...Object.values(parts()), [0, 9, 1, 0x78]),
    invalid('section list', /early/),
  ),
]

/** The vector of a section with another count in front. */
const counted = (part: Part, count: Bytes) => () => {
  const [id = 0, ...rest] = parts()[part]
  return assembled({ [part]: section(id, [...count, ...rest.slice(2)]) })
}

const VECTORS: readonly Part[] = ['type', 'function', 'table', 'memory', 'global', 'export', 'element', 'code', 'data']

const counts: readonly Hostile[] = [
  ...VECTORS.map(part => file(`a ${part} section of 2^32 - 1 entries`, counted(part, MANY), invalid('', /./))),
  ...VECTORS.map(part =>
    file(
      `a ${part} section of one more than it has`,
      counted(part, [parts()[part][2] === 2 ? 3 : 2]),
      invalid('', /./),
    ),
  ),
  ...VECTORS.map(part => file(`a ${part} section of fewer than it has`, counted(part, [0]), invalid('', /./))),
  file('a data count of 2^32 - 1', () => assembled({ dataCount: section(12, MANY) }), invalid('', /./)),
  file(
    'a data count of two for one segment',
    () => assembled({ dataCount: section(12, [2]) }),
    invalid('module', /mismatch/),
  ),
  file('a data count of one for no data section', () => assembled({ data: null }), invalid('module', /mismatch/)),
  file(
    'a body longer than its section',
    () => assembled({ code: section(10, [1, 40, 0, END]) }),
    invalid('code section', /early/),
  ),
  file(
    'a body one byte shorter than it is',
    () => assembled({ code: section(10, [1, 1, 0, END]) }),
    invalid('code section', /./),
  ),
  file('a body of nothing', () => assembled({ code: section(10, [1, 0]) }), invalid('code section', /./)),
  file('a body without end', () => assembled({ code: section(10, [1, 2, 0, 1]) }), invalid('code section', /end/)),
  file(
    'a body that goes on behind its end',
    () => assembled({ code: section(10, [1, 4, 0, END, 1, END]) }),
    invalid('code section', /./),
  ),
  file(
    'a body with bytes left behind its end',
    () => assembled({ code: section(10, [1, 3, 0, END, 1]) }),
    invalid('code section', /./),
  ),
  file(
    'a body whose locals reach behind it',
    () => assembled({ code: section(10, [1, 2, 5, END]) }),
    invalid('code section', /./),
  ),
  file(
    'a name longer than the section',
    () => assembled({ export: section(7, [1, 100, 0x5f]) }),
    invalid('export section', /early/),
  ),
  file(
    'a name of 2^32 - 1 bytes',
    () => assembled({ export: section(7, [1, ...MANY, 0x5f]) }),
    invalid('export section', /./),
  ),
  file(
    'a data segment of 2^32 - 1 bytes',
    () => assembled({ data: section(11, [1, 0, 0x41, 0, END, ...MANY, 7]) }),
    invalid('data section', /early/),
  ),
  file(
    'an element segment of 2^32 - 1 entries',
    () => assembled({ element: section(9, [1, 0, 0x41, 0, END, ...MANY, 0]) }),
    invalid('element section', /./),
  ),
]

/** A command whose first instruction is this, with room behind it to read on into. */
const withCode =
  (...code: readonly number[]) =>
  () =>
    command([...code, ...op.drop])

const numbers: readonly Hostile[] = [
  file('a section length in five bytes', () => assembled({ type: [1, ...paddedLeb(4, 5), 1, 0x60, 0, 0] }), fine),
  file(
    'a section length in six bytes',
    () => assembled({ type: [1, ...paddedLeb(4, 6), 1, 0x60, 0, 0] }),
    invalid('section list', /32 bits/),
  ),
  file('a section length that never ends', () => rawModule([1, ...UNENDING]), invalid('section list', /./)),
  file(
    'a section length of 33 bits',
    () => rawModule([1, 0xff, 0xff, 0xff, 0xff, 0x1f]),
    invalid('section list', /32 bits/),
  ),
  file('a count in five bytes', counted('type', paddedLeb(1, 5)), fine),
  file('a count in six bytes', counted('type', SIX_BYTES), invalid('type section', /32 bits/)),
  file('a count of 33 bits', counted('type', [0x81, 0x80, 0x80, 0x80, 0x10]), invalid('type section', /32 bits/)),
  file('a count with a sign', counted('type', [0x81, 0x80, 0x80, 0x80, 0x70]), invalid('type section', /32 bits/)),
  file('a constant in five bytes', withCode(0x41, ...paddedLeb(5, 5)), fine),
  file('a negative constant in five bytes', withCode(0x41, 0xff, 0xff, 0xff, 0xff, 0x7f), fine),
  file('a constant in six bytes', withCode(0x41, ...SIX_BYTES), invalid('code section', /./)),
  file(
    'a constant with wrong sign bits',
    withCode(0x41, 0xff, 0xff, 0xff, 0xff, 0x4f),
    invalid('module', /extra bits/),
  ),
  file(
    'a positive constant with bits too many',
    withCode(0x41, 0xff, 0xff, 0xff, 0xff, 0x17),
    invalid('module', /extra bits/),
  ),
  file('a constant that never ends', withCode(0x41, ...UNENDING), invalid('code section', /./)),
  file('a 64-bit constant in ten bytes', withCode(0x42, ...paddedLeb(5, 10)), fine),
  file('a 64-bit constant in eleven bytes', withCode(0x42, ...paddedLeb(5, 11)), invalid('code section', /./)),
  file(
    'a 64-bit constant with wrong sign bits',
    withCode(0x42, ...repeat(9, [0xff]), 0x5f),
    invalid('module', /extra bits/),
  ),
  file('a local index in five bytes', () => command([0x20, ...paddedLeb(0, 5), ...op.drop], { locals: [I32] }), fine),
  file(
    'a local index in six bytes',
    () => command([0x20, ...paddedLeb(0, 6), ...op.drop], { locals: [I32] }),
    invalid('code section', /32 bits/),
  ),
  file('a branch depth in five bytes', () => command(ins.block([0x0c, ...paddedLeb(0, 5)])), fine),
  file('a call of a padded index', () => command([0x10, ...paddedLeb(0, 4)]), alike(2, trap('stack_exhausted'))),
  file(
    'a jump table with padded labels',
    () => command(ins.block([...op.i32(9), 0x0e, ...paddedLeb(1, 5), ...paddedLeb(0, 5), ...paddedLeb(0, 5)])),
    fine,
  ),
  file(
    'a padded number of locals',
    () => assembled({ code: section(10, [1, 12, ...paddedLeb(1, 5), ...paddedLeb(1, 5), I32, END]) }),
    fine,
  ),
  file(
    'a padded prefix instruction',
    () => command([...op.i32(0), ...op.i32(0), ...op.i32(0), 0xfc, ...paddedLeb(11, 5), 0]),
    fine,
  ),
  file('a prefix instruction of 2^32 - 1', () => command([0xfc, ...MANY]), invalid('code section', /./)),
  file('a memory index in two bytes', () => command([0x3f, 0x80, 0, ...op.drop]), fine),
  file(
    'an offset of an access in five bytes',
    () => command([...op.i32(0), 0x28, ...paddedLeb(2, 5), ...paddedLeb(0, 5), ...op.drop]),
    fine,
  ),
  file('a block type in two bytes', () => command([0x02, 0xc0, 0x7f, END]), {
    kind: 'refused',
    section: 'code section',
    reason: /block type/,
    invalid: false,
  }),
  file('a padded type index of a block', () => command([0x02, ...paddedLeb(0, 5), END]), fine),
  file(
    'a padded initial value',
    () => assembled({ global: section(6, [1, I32, 1, 0x41, ...paddedLeb(5, 5), END]) }),
    fine,
  ),
  file(
    'padded limits of a memory',
    () => assembled({ memory: section(5, [1, 1, ...paddedLeb(1, 5), ...paddedLeb(2, 5)]) }),
    fine,
  ),
]

/** A file cut off in the middle, at a border between sections, and one byte before it. */
const cuts: readonly Hostile[] = PARTS.slice(0, -1).flatMap((part, index) => {
  const end = HEADER.length + PARTS.slice(0, index + 1).reduce((total, name) => total + parts()[name].length, 0)
  const cut = (at: number) => () => assembled().subarray(0, at)
  const early = invalid('section list', /early/)
  return [
    file(`cut off behind the ${part} section`, cut(end), {
      kind: 'refused',
      section: '',
      reason: /./,
      // Types and functions alone are a module; from the function section on it lacks the bodies.
      invalid: part !== 'type',
    }),
    file(`cut off at the last byte of the ${part} section`, cut(end - 1), early),
  ]
})

const order: readonly Hostile[] = [
  ...PARTS.slice(0, -1).map((part, index) => {
    const next = PARTS[index + 1] ?? part
    const swapped = PARTS.map(name => (name === part ? next : name === next ? part : name))
    return file(
      `the ${next} section before the ${part} section`,
      () => rawModule(...swapped.map(name => parts()[name])),
      invalid('section list', /order/),
    )
  }),
  ...PARTS.map(part =>
    file(
      `the ${part} section twice`,
      () => rawModule(...PARTS.flatMap(name => (name === part ? [parts()[name], parts()[name]] : [parts()[name]]))),
      invalid('section list', /repeated/),
    ),
  ),
  file(
    'all sections backwards',
    () => rawModule(...PARTS.toReversed().map(name => parts()[name])),
    invalid('section list', /order/),
  ),
  ...[13, 14, 15, 127, 255].map(id =>
    file(`section ${id}`, () => rawModule(...Object.values(parts()), [id, 1, 0]), {
      kind: 'refused',
      section: 'section list',
      reason: new RegExp(`section ${id} is not supported`),
      invalid: true,
    }),
  ),
  file('no code section', () => assembled({ code: null }), invalid('code section', /bodies/)),
  file('no function section', () => assembled({ function: null }), invalid('export section', /function 0 of 0/)),
  file('no type section', () => assembled({ type: null }), invalid('function section', /type 0 of 0/)),
  file(
    'custom sections between all others',
    () => rawModule(...PARTS.flatMap(name => [custom('between', ascii('x')), parts()[name]]), custom('last', [])),
    fine,
  ),
  file(
    'custom sections named like others',
    () =>
      rawModule(
        custom('code', [1, 2, 0, END]),
        ...Object.values(parts()),
        custom('memory', [1, 0, 9]),
        custom('name', []),
        custom('name', []),
      ),
    fine,
  ),
  file(
    'a custom section that holds a module',
    () => rawModule(custom('inner', [...assembled()]), ...Object.values(parts())),
    fine,
  ),
]

export const FORMAT: readonly Hostile[] = [...headers, ...lengths, ...counts, ...numbers, ...cuts, ...order]
