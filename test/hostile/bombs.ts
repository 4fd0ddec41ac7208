/** Modules that are made to be expensive to read, to check or to compile: just within each static limit, and just beyond. */
import { MODULE_LIMITS } from '../../protocol/metering/index.ts'
import { command, END, I32, leb, op, rawModule, section, text, vector, wasmModule } from '../support/wasm-module.ts'
import { assembled, custom, ins, joined, manyFunctions, parts, repeat, sectionOf, VOID } from './code.ts'
import { alike, forbidden, type Hostile, invalid, ok, outOfFuel, trap } from './entry.ts'

type Bytes = readonly number[]
type Expect = Hostile['expect']

const fine = alike(2, ok())
const outOfBounds = alike(2, trap('memory_out_of_bounds'))

function bomb(name: string, make: () => Uint8Array, expect: Expect): Hostile {
  return { name: `bomb: ${name}`, make, expect }
}

/** A command whose one body has exactly so many bytes, of `filler` of one byte. */
const bodyOf = (bytes: number, filler = 0x01) =>
  assembled({ code: codeOf([0, ...new Array<number>(bytes - 2).fill(filler), END]) })
const codeOf = (body: Bytes) => section(10, [1, ...leb(body.length), ...body])
/** A command of which one section is `count` entries of its kind. */
const nested = (depth: number, opening: Bytes, closing: Bytes = [END]) =>
  command([...repeat(depth, opening), ...repeat(depth, closing)])
const open = { block: [0x02, VOID], loop: [0x03, VOID], if: [...op.i32(1), 0x04, VOID] }
const brTable = (targets: number, index = 0) => [
  ...op.i32(index),
  0x0e,
  ...leb(targets),
  ...new Array<number>(targets).fill(0),
  0,
]
const locals = (groups: readonly Bytes[]) => assembled({ code: codeOf([...vector(groups), END]) })
const typesOf = (count: number) => assembled({ type: section(1, [...leb(count), ...repeat(count, [0x60, 0, 0])]) })
const globalsOf = (count: number) =>
  assembled({ global: section(6, [...leb(count), ...repeat(count, [I32, 1, 0x41, 0, END])]) })
const functionsOf = (count: number) => manyFunctions(new Array<Bytes>(count).fill([0, END]))
const dataOf = (count: number) =>
  assembled({
    dataCount: section(12, leb(count)),
    data: section(11, [...leb(count), ...repeat(count, [0, 0x41, 0, END, 1, 1])]),
  })
const elementsOf = (count: number) =>
  assembled({ element: section(9, [...leb(count), ...repeat(count, [0, 0x41, 0, END, 1, 0])]) })
const importsOf = (count: number) =>
  wasmModule({
    imports: new Array(count).fill({ field: 'fd_close', params: [I32], results: [I32] }),
    functions: [{ exportAs: '_start' }],
  })
const exportsOf = (count: number) => {
  const entries = Array.from({ length: count - 2 }, (_, index) => [...text(`e${index}`), 0, 0])
  return assembled({ export: section(7, vector([[...text('_start'), 0, 0], [...text('memory'), 2, 0], ...entries])) })
}
const wordsOf = (values: number, results: number) =>
  assembled({
    type: section(
      1,
      vector([
        [0x60, 0, 0],
        [0x60, ...leb(values), ...repeat(values, [I32]), ...leb(results), ...repeat(results, [I32])],
      ]),
    ),
  })

/** Bytes of a module as large as may be, of one data segment. */
function fullOfData(bytes: number): Uint8Array {
  const head = assembled({ dataCount: null, data: null })
  const room = bytes - head.length - 16
  const segment = Uint8Array.from([1, 0, 0x41, 0, END, ...leb(room)])
  const contents = segment.length + room
  const headOfSection = Uint8Array.from([11, ...leb(contents)])
  const module = new Uint8Array(head.length + headOfSection.length + contents).fill(0x77)
  module.set(head)
  module.set(headOfSection, head.length)
  module.set(segment, head.length + headOfSection.length)
  return module
}

/** A module of exactly so many bytes, most of them in a custom section. */
function padded(bytes: number): Uint8Array {
  const head = assembled()
  const module = new Uint8Array(bytes)
  const rest = bytes - head.length
  const length = leb(rest - 1 - 4)
  module.set(head)
  module.set([0, ...length, 1, 0x78], head.length)
  return module
}

/** One body after the other, each as long as a body may be, of instructions that all do something. */
function longBodies(count: number): Uint8Array {
  const unit = [...op.local(0), ...op.i32(7), ...op.add, ...op.setLocal(0)]
  const code = repeat(Math.floor((MODULE_LIMITS.bodyBytesMax - 8) / unit.length), unit)
  const body = [1, 1, I32, ...code, END]
  return manyFunctions(Array.from({ length: count }, (_, index) => (index === 0 ? [0, ...op.call(1), END] : body)))
}

export const BOMBS: readonly Hostile[] = [
  bomb('a body of as many nops as may be', () => bodyOf(MODULE_LIMITS.bodyBytesMax), fine),
  bomb(
    'a body one byte longer',
    () => bodyOf(MODULE_LIMITS.bodyBytesMax + 1),
    forbidden('code section', /524289 bytes.*limit/),
  ),
  bomb('a body of `end`', () => bodyOf(100_000, END), invalid('code section', /./)),
  bomb('a body of `unreachable`', () => bodyOf(500_000, 0x00), alike(2, trap('unreachable'))),
  bomb('four bodies of half a MiB, one of them run', () => longBodies(5), fine),
  bomb('blocks as deep as may be', () => nested(MODULE_LIMITS.nestingMax - 1, open.block), fine),
  bomb('loops as deep as may be', () => nested(MODULE_LIMITS.nestingMax - 1, open.loop), fine),
  bomb('ifs as deep as may be', () => nested(MODULE_LIMITS.nestingMax - 1, open.if), fine),
  bomb(
    'blocks too deep',
    () => nested(MODULE_LIMITS.nestingMax + 2, open.block),
    forbidden('code section', /deep|nest|block/),
  ),
  bomb(
    'ifs with else too deep',
    () => nested(50_000, open.if, [0x05, END]),
    forbidden('code section', /deep|nest|block/),
  ),
  bomb('blocks that never end', () => command(repeat(170_000, open.block)), invalid('code section', /./)),
  bomb('loops as deep as may be, each the target of a branch', deepBranches, alike(2, outOfFuel)),
  bomb('a jump table as long as may be', () => command(ins.block(brTable(MODULE_LIMITS.branchTargetsMax - 1))), fine),
  bomb(
    'a jump table too long',
    () => command(ins.block(brTable(MODULE_LIMITS.branchTargetsMax + 1))),
    forbidden('code section', /target|label/),
  ),
  bomb(
    'a jump table that claims 2^32 - 1 targets',
    () => command([...op.i32(0), 0x0e, ...leb(2 ** 32 - 1), 0]),
    invalid('code section', /target|label|early/),
  ),
  bomb('30 jump tables of 16 000 targets', () => command(repeat(30, ins.block(brTable(16_000, -1)))), fine),
  bomb('50 000 jump tables', () => command(repeat(50_000, ins.block(brTable(2)))), fine),
  bomb(
    'an operand stack as high as may be',
    () => command([...repeat(4_000, op.i32(1)), ...repeat(4_000, op.drop)]),
    fine,
  ),
  bomb(
    'an operand stack too high',
    () => command([...repeat(100_000, op.i32(1)), ...repeat(100_000, op.drop)]),
    forbidden('code section', /operand|stack|value/),
  ),
  bomb(
    'an operand stack too high in code that never runs',
    () => command([...op.unreachable, ...repeat(100_000, op.i32(1)), ...repeat(100_000, op.drop)]),
    alike(2, trap('unreachable')),
  ),
  bomb('an operand stack too high by results of calls', highByCalls, forbidden('code section', /operand|stack|value/)),
  bomb('65 536 functions', () => functionsOf(MODULE_LIMITS.functionsMax), fine),
  bomb(
    '65 537 functions',
    () => functionsOf(MODULE_LIMITS.functionsMax + 1),
    forbidden('function section', /65537 functions/),
  ),
  bomb(
    'as many locals as may be, in groups of one',
    () => locals(repeat(MODULE_LIMITS.localsMax, [0]).map(() => [1, I32])),
    fine,
  ),
  bomb(
    'one local too many',
    () => locals([[...leb(MODULE_LIMITS.localsMax + 1), I32]]),
    forbidden('code section', /4097 locals/),
  ),
  bomb('2^32 - 1 locals', () => locals([[...leb(2 ** 32 - 1), I32]]), invalid('code section', /4294967295 locals/)),
  bomb(
    '2^32 locals, which 32 bits count as none',
    () =>
      locals([
        [...leb(2 ** 31), I32],
        [...leb(2 ** 31), I32],
      ]),
    invalid('code section', /4294967296 locals/),
  ),
  bomb('groups of no locals', () => locals(new Array<Bytes>(4_000).fill([0, I32])), fine),
  bomb(
    'too many groups of no locals',
    () => locals(new Array<Bytes>(5_000).fill([0, I32])),
    forbidden('code section', /5000 groups/),
  ),
  bomb('10 000 types', () => typesOf(MODULE_LIMITS.typesMax), fine),
  bomb('10 001 types', () => typesOf(MODULE_LIMITS.typesMax + 1), forbidden('type section', /10001 function types/)),
  bomb('a type of 256 parameters and 256 results', () => wordsOf(256, 256), fine),
  bomb('a type of 257 parameters', () => wordsOf(257, 0), forbidden('type section', /257 values/)),
  bomb('a type of 257 results', () => wordsOf(0, 257), forbidden('type section', /257 values/)),
  bomb('10 000 globals', () => globalsOf(MODULE_LIMITS.globalsMax), fine),
  bomb('10 001 globals', () => globalsOf(MODULE_LIMITS.globalsMax + 1), forbidden('global section', /10001 globals/)),
  bomb('10 000 exports', () => exportsOf(MODULE_LIMITS.exportsMax), fine),
  bomb('10 001 exports', () => exportsOf(MODULE_LIMITS.exportsMax + 1), forbidden('export section', /10001 exports/)),
  bomb('128 imports of one function', () => importsOf(MODULE_LIMITS.importsMax), fine),
  bomb(
    '129 imports of one function',
    () => importsOf(MODULE_LIMITS.importsMax + 1),
    forbidden('import section', /129 imports/),
  ),
  bomb('65 536 data segments', () => dataOf(MODULE_LIMITS.segmentsMax), fine),
  bomb(
    '65 537 data segments',
    () => dataOf(MODULE_LIMITS.segmentsMax + 1),
    forbidden('data count section', /65537 segments/),
  ),
  bomb('65 536 element segments', () => elementsOf(MODULE_LIMITS.segmentsMax), fine),
  bomb(
    '65 537 element segments',
    () => elementsOf(MODULE_LIMITS.segmentsMax + 1),
    forbidden('element section', /65537 segments/),
  ),
  bomb('8 MiB of data for 64 KiB of memory', () => fullOfData(MODULE_LIMITS.bytesMax), outOfBounds),
  bomb('8 MiB of a custom section', () => padded(MODULE_LIMITS.bytesMax), fine),
  bomb('a byte more than 8 MiB', () => padded(MODULE_LIMITS.bytesMax + 1), forbidden('header', /8388609 bytes/)),
  bomb('250 custom sections', () => customs(240), fine),
  bomb('a thousand custom sections', () => customs(1_000), forbidden('section list', /256 sections/)),
  bomb(
    'an export name of 257 bytes',
    () => command([], { globals: [{ type: I32, init: op.i32(0), exportAs: 'x'.repeat(257) }] }),
    forbidden('export section', /257 bytes/),
  ),
  bomb('an initial value of 100 000 instructions', longConstant, forbidden('global section', /./)),
  bomb(
    'a select of 100 000 types',
    () => command([...op.unreachable, 0x1c, ...leb(100_000), ...repeat(100_000, [I32])]),
    invalid('module', /Select accepts/),
  ),
  bomb('262 144 entries in element segments', () => elements(262_144), fine),
  bomb(
    '262 145 entries in element segments',
    () => elements(262_145),
    forbidden('element section', /more than 262144 entries/),
  ),
  bomb(
    'eight million entries in element segments',
    () => elements(8_000_000),
    forbidden('element section', /more than 262144 entries/),
  ),
]

function customs(count: number): Uint8Array {
  return rawModule(...Object.values(parts()), ...Array.from({ length: count }, (_, index) => custom(`c${index}`, [])))
}

/** Every loop goes on with one further out. */
function deepBranches(): Uint8Array {
  const depth = MODULE_LIMITS.nestingMax - 1
  return command([
    ...repeat(depth, open.loop),
    ...Array.from({ length: depth }, (_, index) => [
      ...op.i32(index === depth - 1 ? 1 : 0),
      ...ins.brIf(0),
      END,
    ]).flat(),
  ])
}

function highByCalls(): Uint8Array {
  return wasmModule({
    functions: [
      { exportAs: '_start', code: [...repeat(20, op.call(1)), ...repeat(20 * 250, op.drop)] },
      { results: repeat(250, [I32]), code: repeat(250, op.i32(1)) },
    ],
  })
}

/** Sums of constants, which only a proposal allows in an initial value. */
function longConstant(): Uint8Array {
  const init = [...op.i32(0), ...repeat(33_333, [...op.i32(1), ...op.add])]
  return assembled({ global: section(6, [1, I32, 1, ...init, END]) })
}

/** A passive segment of so many entries. */
function elements(entries: number): Uint8Array {
  const all = parts()
  const segment = [[1, 1, 0], leb(entries), new Uint8Array(entries)]
  return joined([
    rawModule(all.type, all.function, all.table, all.memory, all.export),
    ...sectionOf(9, segment),
    all.code,
  ])
}
