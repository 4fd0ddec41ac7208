import { expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import { inspectModule, MODULE_LIMITS, meterModule } from '../../../../protocol/metering/index.ts'
import { SHAPES } from '../../../support/metered-run.ts'
import { ins, repeat } from '../../../support/wasm-code.ts'
import { END, I32, leb, op, rawModule, section, text, vector } from '../../../support/wasm-module.ts'

type Bytes = readonly number[]

/** Section ids in the order they come in. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11]
const NO_TYPE = [0x60, 0, 0]
const START = [...text('_start'), 0, 0]
const MEMORY = [...text('memory'), 2, 0]

const body = (code: Bytes, locals: Bytes = [0]) => {
  const bytes = [...locals, ...code, END]
  return [...leb(bytes.length), ...bytes]
}

/** A small command, with some of its sections by their ids replaced or added. */
function moduleOf(sections: Readonly<Record<number, Bytes>>, ...custom: readonly Bytes[]): Uint8Array {
  const all: Record<number, Bytes> = {
    1: vector([NO_TYPE]),
    3: vector([[0]]),
    5: [1, 0, 1],
    7: vector([START, MEMORY]),
    10: vector([body([])]),
    ...sections,
  }
  return rawModule(...ORDER.flatMap(id => (all[id] === undefined ? [] : [section(id, all[id])])), ...custom)
}

const many = <T>(count: number, item: (index: number) => T) => Array.from({ length: count }, (_, index) => item(index))
const withCode = (code: Bytes, locals?: Bytes) => moduleOf({ 10: vector([body(code, locals)]) })
const yieldImport = [...text('wasi_snapshot_preview1'), ...text('sched_yield'), 0, 0]

/** A module that is as large as it says. */
function padded(bytes: number): Uint8Array {
  const small = moduleOf({})
  const contents = bytes - small.length - 1 - leb(bytes).length
  const large = new Uint8Array(bytes)
  large.set(small)
  large.set([0, ...leb(contents)], small.length)
  return large
}

/** Slots of the frames of functions that are to be large, and the locals of a function that has so many with an empty operand stack. */
const SLOTS = 2_048
const LOCALS = SLOTS - 16
/** How often something has to be there that many slots are to make at least `product`. */
const timesFor = (product: number) => Math.ceil(product / SLOTS)

interface Limit {
  /** A module that has `count` of what is limited. */
  readonly build: (count: number) => Uint8Array
  /** What a refusal says behind the number. */
  readonly words: RegExp
}

const LIMITED: Readonly<Record<keyof typeof MODULE_LIMITS, Limit>> = {
  bytesMax: { build: padded, words: /8388609 bytes, the limit is 8388608\. Strip debug/ },
  sectionsMax: {
    build: count => moduleOf({}, ...many(count - 5, () => [0, 1, 0])),
    words: /over 256 sections\. Strip its custom sections/,
  },
  typesMax: {
    build: count => moduleOf({ 1: vector(many(count, () => NO_TYPE)) }),
    words: /10001 function types, the limit is 10000/,
  },
  typeValuesMax: {
    build: count => moduleOf({ 1: vector([NO_TYPE, [0x60, ...vector(many(count, () => [I32])), 0]]) }),
    words: /257 values in one function type, the limit is 256/,
  },
  importsMax: {
    build: count =>
      moduleOf({
        1: vector([[0x60, 0, 1, I32], NO_TYPE]),
        2: vector(many(count, () => yieldImport)),
        3: vector([[1]]),
        7: vector([[...text('_start'), 0, ...leb(count)], MEMORY]),
      }),
    words: /129 imports, the limit is 128/,
  },
  functionsMax: {
    build: count => moduleOf({ 3: vector(many(count, () => [0])), 10: vector(many(count, () => body([]))) }),
    words: /65537 functions, the limit is 65536/,
  },
  bodyBytesMax: {
    build: count => withCode(repeat(count - 2, ins.nop)),
    words: /body 0 has 524289 bytes, the limit is 524288\. Inline less/,
  },
  localsMax: {
    build: count => withCode([], [2, 1, I32, ...leb(count - 1), I32]),
    words: /function 0, byte \d+: it has 4097 locals, the limit is 4096\. Split the function/,
  },
  exportsMax: {
    build: count => moduleOf({ 7: vector([START, MEMORY, ...many(count - 2, index => [...text(`x${index}`), 0, 0])]) }),
    words: /10001 exports, the limit is 10000/,
  },
  globalsMax: {
    build: count => moduleOf({ 6: vector(many(count, () => [I32, 1, ...op.i32(0), END])) }),
    words: /10001 globals, the limit is 10000/,
  },
  tablesMax: {
    build: count => moduleOf({ 4: vector(many(count, () => [0x70, 0, 1])) }),
    words: /2 tables, the limit is 1/,
  },
  tableEntriesMax: {
    build: count => moduleOf({ 4: vector([[0x70, 0, ...leb(count)]]) }),
    words: /100001 table entries, the limit is 100000/,
  },
  segmentsMax: {
    build: count => moduleOf({ 4: vector([[0x70, 0, 1]]), 9: vector(many(count, () => [1, 0, 0])) }),
    words: /element section.* 65537 segments, the limit is 65536/,
  },
  elementEntriesMax: {
    build: count =>
      moduleOf({
        4: vector([[0x70, 0, 1]]),
        9: vector([
          [1, 0, 1, 0],
          [1, 0, ...vector(many(count - 1, () => [0]))],
        ]),
      }),
    words: /element segments have more than 262144 entries together/,
  },
  nestingMax: {
    build: count => withCode([...repeat(count, [0x02, 0x40]), ...repeat(count, [END])]),
    words: /function 0, byte \d+: its blocks nest more than 4096 deep\. Split the function/,
  },
  branchTargetsMax: {
    build: count => withCode([...op.i32(0), 0x0e, ...vector(many(count, () => [0])), 0]),
    words: /function 0, byte \d+: it has 16385 targets in one br_table, the limit is 16384/,
  },
  branchValuesMax: {
    // One value on the operand stack, one of the labels is that of every other index.
    build: count =>
      withCode(ins.block([...op.i32(0), 0x0e, ...vector(many(timesFor(count) - 1, () => [0])), 0]), [
        1,
        ...leb(LOCALS - 1),
        I32,
      ]),
    words:
      /function 0, byte \d+: it has 8193 labels in branches and 2048 slots, which makes 16779264, the limit is 16777216\. Split/,
  },
  controlValuesMax: {
    build: count =>
      withCode(
        [...repeat(2_000, [0x02, 0x40, END]), ...repeat(timesFor(count) - 4_001, ins.return)],
        [1, ...leb(LOCALS), I32],
      ),
    words:
      /function 0, byte \d+: it has 4097 control instructions and 2048 slots, which makes 8390656, the limit is 8388608\. Split/,
  },
  operandsMax: {
    build: count => withCode([...repeat(count, op.i32(0)), ...repeat(count, op.drop)]),
    words: /function 0, byte \d+: its operand stack grows to 4097 values, the limit is 4096\. Split the function/,
  },
  growthsMax: {
    build: count =>
      moduleOf({
        3: vector([[0], [0]]),
        10: vector([
          body([...op.i32(0), ...op.memoryGrow, ...op.drop]),
          body([...op.i32(0), ...repeat(count - 1, op.memoryGrow), ...op.drop]),
        ]),
      }),
    words: /function 1, byte \d+: up to here more than 1024 instructions grow a memory or table\. Grow them in one/,
  },
  nameBytesMax: {
    build: count => moduleOf({ 7: vector([START, MEMORY, [...text('x'.repeat(count)), 0, 0]]) }),
    words: /a name has 257 bytes, the limit is 256\. Shorten it/,
  },
}

test.each(Object.entries(LIMITED))(
  '[PROFILE-1.5] %s: up to it is accepted, and metered by what an engine takes, one more refused',
  (key, limit) => {
    const count = MODULE_LIMITS[key as keyof typeof MODULE_LIMITS]
    const bytes = limit.build(count)
    expect(() => inspectModule(bytes)).not.toThrow()
    expect(() => inspectModule(limit.build(count + 1))).toThrow(limit.words)
    for (const shape of SHAPES) {
      expect(() => new engine.Module(meterModule(bytes, { memoryPagesMax: 1, shape }).bytes), shape).not.toThrow()
    }
  },
)

test.each([
  ['br', [...repeat(8_193, ins.br(0))]],
  ['br_if', [...op.i32(0), ...repeat(8_192, [...ins.tee(0), ...ins.brIf(0), ...op.local(0)]), ...ins.brIf(0)]],
])('[PROFILE-1.7] counts labels of %s, in dead code too', (_name, code) => {
  const locals = [1, ...leb(LOCALS - 1), I32]
  expect(() => inspectModule(withCode([...op.i32(0), ...op.drop, ...ins.block(code)], locals))).toThrow(
    /8193 labels in branches and 2048 slots/,
  )
})

test('[PROFILE-1.7] counts every instruction that opens, ends or leaves a block, and no other', () => {
  const each = [
    ...ins.block([]),
    ...ins.loop([]),
    ...[...op.i32(0), ...ins.if([], [])],
    ...ins.block([...op.i32(0), ...ins.brIf(0)]),
    ...ins.block(ins.br(0)),
    ...ins.block([...op.i32(0), ...ins.brTable([0], 0)]),
    ...ins.nop,
  ]
  const controls = 2 + 2 + 3 + 3 + 3 + 3
  // Frames of 4 016 slots: 2 088 instructions keep to the limit, 2 089 do not.
  const locals = [1, ...leb(4_016 - 17), I32]
  const code = (more: number) => [...repeat(130, each), ...repeat(2_088 - 130 * controls - 1 + more, ins.return)]
  expect(() => inspectModule(withCode(code(0), locals))).not.toThrow()
  expect(() => inspectModule(withCode([...code(0), ...op.unreachable], locals))).not.toThrow()
  expect(() => inspectModule(withCode(code(1), locals))).toThrow(/2089 control instructions and 4016 slots/)
})

test('[PROFILE-1.5] counts segments of data and those that are announced', () => {
  const segments = (count: number) => moduleOf({ 11: vector(many(count, () => [1, 0])) })
  expect(() => inspectModule(segments(65_536))).not.toThrow()
  expect(() => inspectModule(segments(65_537))).toThrow(/data section.*65537 segments, the limit is 65536/)
  expect(() => inspectModule(moduleOf({ 12: leb(65_537) }))).toThrow(/data count section.*65537 segments/)
})

test('[PROFILE-1.5] counts blocks and groups of locals that never come to anything', () => {
  const dead = [...op.unreachable, ...repeat(4_097, [0x02, 0x40]), ...repeat(4_097, [END])]
  expect(() => inspectModule(withCode(dead))).toThrow(/nest more than 4096 deep/)
  const groups = [...leb(4_097), ...repeat(4_097, [0, I32])]
  expect(() => inspectModule(withCode([], groups))).toThrow(/function 0.*4097 groups of locals, the limit is 4096/)
})
