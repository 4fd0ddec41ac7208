import { describe, expect, test } from 'vitest'
import { toBase64, utf8 } from '../../../../protocol/bytes.ts'
import { ConfigError } from '../../../../protocol/errors.ts'
import { parseJobSpec } from '../../../../protocol/jobs/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'

const sha256 = 'ab'.repeat(32)
const range = { kind: 'range', from: 0, to: 10, chunk: 3 }
const minimal = { task: { module: { sha256 } }, split: range, aggregate: { kind: 'sum' } }
const withTask = (task: object) => ({ ...minimal, task: { module: { sha256 }, ...task } })
const withSplit = (split: unknown) => ({ ...minimal, split })
const blob = { kind: 'blob', source: { text: 'a\nb\n' }, by: 'lines', size: 1 }

function refusal(job: unknown): { path: string; reason: string; message: string } {
  try {
    parseJobSpec(job)
  } catch (error) {
    if (error instanceof ConfigError && error.info.code === 'bad_job') return { ...error.info, message: error.message }
    throw error
  }
  throw new Error('the job was accepted')
}

describe('a job that leaves everything out', () => {
  test('may name its aggregate alone', () => {
    expect(parseJobSpec({ ...minimal, aggregate: 'merge-map' }).aggregate).toEqual({ kind: 'merge-map' })
    expect(() => parseJobSpec({ ...minimal, aggregate: 'histogram' })).toThrow(/aggregate\.from/)
  })

  test('gets the defaults', () => {
    expect(parseJobSpec(minimal)).toEqual({
      task: { module: { sha256 }, args: [], memoryMiB: 64, unitTimeoutMs: 10_000, unitFuelMax: 1_000_000_000 },
      split: range,
      aggregate: { kind: 'sum' },
      verify: { kind: 'quorum', theta: 0.999 },
      onUnitError: 'fail',
      priority: 5,
    })
  })

  test('gets the default certainty from an empty verify too', () => {
    expect(parseJobSpec({ ...minimal, verify: {} }).verify).toEqual({ kind: 'quorum', theta: 0.999 })
  })
})

describe('a job that says everything', () => {
  test('keeps it', () => {
    const module = utf8('\0asm')
    const bounds = { memoryMiB: 8, unitTimeoutMs: 500, unitFuelMax: 100_000_000_000 }
    const job = {
      name: 'Größen',
      task: { module: { base64: toBase64(module) }, args: ['-n', '', 'ü'], ...bounds },
      split: { kind: 'blob', source: { text: 'a|b' }, by: 'records', size: 2, delimiter: '|' },
      aggregate: { kind: 'histogram', from: -0.5, to: 1e3, bins: 7 },
      verify: { theta: 0.99 },
      onUnitError: 'skip',
      budgetMicro: '9223372036854775807',
      gigafuelPriceMaxMicro: 25,
      leaseUnitsMax: 100,
      deadlineMs: 60_000,
      priority: 9,
    }
    expect(parseJobSpec(job)).toEqual({
      name: 'Größen',
      task: { module: { bytes: module }, args: ['-n', '', 'ü'], ...bounds },
      split: { kind: 'blob', source: { bytes: utf8('a|b') }, by: 'records', size: 2, delimiter: '|' },
      aggregate: { kind: 'histogram', from: -0.5, to: 1_000, bins: 7 },
      verify: { kind: 'quorum', theta: 0.99 },
      onUnitError: 'skip',
      budgetMicro: 9_223_372_036_854_775_807n,
      gigafuelPriceMaxMicro: 25n,
      leaseUnitsMax: 100,
      deadlineMs: 60_000,
      priority: 9,
    })
  })

  test('may trust the first result', () => {
    expect(parseJobSpec({ ...minimal, verify: 'trust' }).verify).toEqual({ kind: 'trust' })
  })

  test('may write a zero as negative', () => {
    const { split } = parseJobSpec(withSplit({ ...range, from: -0 }))
    expect(split.kind === 'range' && Object.is(split.from, 0)).toBe(true)
  })
})

test('the task may be a script instead of a module', () => {
  const task = (script: object) => parseJobSpec({ ...minimal, task: { script } }).task
  expect(task({ text: 'é' })).toEqual({
    script: { bytes: utf8('é') },
    args: [],
    memoryMiB: 64,
    unitTimeoutMs: 10_000,
    unitFuelMax: 1_000_000_000,
  })
  expect(task({ base64: toBase64(utf8('x')) })).toMatchObject({ script: { bytes: utf8('x') } })
  expect(task({ sha256 })).toMatchObject({ script: { sha256 } })
})

test.each([
  // Shape.
  [null, '', 'must be an object'],
  [[], '', 'must be an object'],
  ['sum', '', 'must be an object'],
  [{ ...minimal, splti: range }, 'splti', "did you mean 'split'?"],
  [{ ...minimal, on_unit_error: 'skip' }, 'on_unit_error', "did you mean 'onUnitError'?"],
  [{ ...minimal, colour: 1 }, 'colour', "is not a known field: allowed here are 'name', 'task'"],
  [{ ...minimal, name: '' }, 'name', 'a text of 1 to 64 bytes, not ""'],
  [{ ...minimal, name: 'a\nb' }, 'name', 'control characters'],
  // Task.
  [{ ...minimal, task: undefined }, 'task', 'is missing'],
  [{ ...minimal, task: {} }, 'task.module', 'is missing'],
  [withTask({ modul: 1 }), 'task.modul', "did you mean 'module'?"],
  [withTask({ module: {} }), 'task.module', 'exactly one of sha256, base64'],
  [withTask({ module: { sha256, base64: 'AA==' } }), 'task.module', 'exactly one of'],
  [withTask({ module: { text: 'x' } }), 'task.module.text', 'is not a known field'],
  [withTask({ module: { sha256: 'AB'.repeat(32) } }), 'task.module.sha256', '64 lower-case hexadecimal digits'],
  [withTask({ module: { base64: '*' } }), 'task.module.base64', 'bytes written as base64, not "*"'],
  [withTask({ module: { base64: '' } }), 'task.module.base64', '1 to 8388608 bytes long, not 0'],
  [withTask({ script: { text: 'x' } }), 'task.script', 'stands in place of task.module'],
  [{ ...minimal, task: { script: 'x' } }, 'task.script', 'must be an object'],
  [{ ...minimal, task: { script: { text: '' } } }, 'task.script.text', '1 to 1048576 bytes'],
  [{ ...minimal, task: { script: {} } }, 'task.script', 'exactly one of sha256, base64, text'],
  [withTask({ args: 'x' }), 'task.args', 'must be a list, not "x"'],
  [withTask({ args: Array(33).fill('') }), 'task.args', 'must hold 0 to 32 entries, not 33'],
  [withTask({ args: ['a', 1] }), 'task.args[1]', 'a text of 0 to 1024 bytes, not 1'],
  [withTask({ args: ['ü'.repeat(513)] }), 'task.args[0]', 'a text of 0 to 1024 bytes'],
  [withTask({ args: ['a\0b'] }), 'task.args[0]', 'zero character'],
  [withTask({ args: ['\uFEFFa'] }), 'task.args[0]', 'byte order mark'],
  [withTask({ args: ['\uD800'] }), 'task.args[0]', 'valid Unicode'],
  [withTask({ memoryMiB: 513 }), 'task.memoryMiB', 'a whole number from 1 to 512, not 513'],
  [withTask({ memoryMiB: 1.5 }), 'task.memoryMiB', 'not 1.5'],
  [withTask({ unitTimeoutMs: 0 }), 'task.unitTimeoutMs', 'a whole number from 1 to 600000, not 0'],
  [withTask({ unitFuelMax: 0 }), 'task.unitFuelMax', 'a whole number from 1 to 100000000000, not 0'],
  [withTask({ unitFuelMax: LIMITS.unitFuelMax + 1 }), 'task.unitFuelMax', 'not 100000000001'],
  [withTask({ unitFuelMax: '5' }), 'task.unitFuelMax', 'not "5"'],
  // Split.
  [withSplit(undefined), 'split', 'is missing'],
  [withSplit([]), 'split', 'not a list of 0'],
  [withSplit({ knd: 'range' }), 'split.knd', "did you mean 'kind'?"],
  [withSplit({}), 'split.kind', "is missing: it must be one of 'range', 'items', 'grid', 'blob'"],
  [withSplit({ kind: 'rang' }), 'split.kind', 'not "rang" (did you mean \'range\'?)'],
  [withSplit({ kind: 'range', form: 0, to: 1, chunk: 1 }), 'split.form', "did you mean 'from'?"],
  [withSplit({ ...range, items: [] }), 'split.items', "allowed here are 'kind', 'from', 'to', 'chunk'"],
  [withSplit({ ...range, to: 0 }), 'split.to', "must be above 'split.from' (0), not 0"],
  [withSplit({ ...range, to: '10' }), 'split.to', 'a whole number'],
  [withSplit({ ...range, from: -(2 ** 53) + 1, to: 2 ** 53 - 1 }), 'split.to', 'less than 2^53 above'],
  [withSplit({ ...range, chunk: 0 }), 'split.chunk', 'a whole number from 1'],
  [withSplit({ ...range, to: 10_000_001, chunk: 1 }), 'split.chunk', 'makes 10000001 units of at most 10000000'],
  [withSplit({ kind: 'items', items: [] }), 'split.items', 'must hold 1 to 1000000 entries, not 0'],
  [withSplit({ kind: 'items', items: ['a', null] }), 'split.items[1]', 'not null'],
  [withSplit({ kind: 'items', items: ['x'.repeat(16_382)] }), 'split.items[0]', 'a text of 0 to 16381 bytes'],
  [withSplit({ kind: 'grid', parameters: [] }), 'split.parameters', 'an object of lists'],
  [withSplit({ kind: 'grid', parameters: {} }), 'split.parameters', 'must hold 1 to 32 parameters, not 0'],
  [withSplit({ kind: 'grid', parameters: { a: [] } }), 'split.parameters.a', 'must hold 1 to'],
  [withSplit({ kind: 'grid', parameters: { a: [1, {}] } }), 'split.parameters.a[1]', 'not an object'],
  [withSplit({ kind: 'grid', parameters: { '1': [1] } }), 'split.parameters.1', 'a letter first'],
  [
    withSplit(JSON.parse('{"kind":"grid","parameters":{"__proto__":[1]}}')),
    'split.parameters.__proto__',
    'a letter first',
  ],
  [withSplit({ kind: 'grid', parameters: { a: ['x'.repeat(4_089)] } }), 'split.parameters', 'at most 4096 bytes'],
  [withSplit({ ...blob, source: { text: '' } }), 'split.source.text', 'a text of 1 to'],
  [withSplit({ ...blob, source: 'abc' }), 'split.source', "an object with 'sha256', 'base64', 'text'"],
  [withSplit({ ...blob, by: 'line' }), 'split.by', "did you mean 'lines'?"],
  [withSplit({ ...blob, size: undefined }), 'split.size', 'is missing: it must be a whole number from 1'],
  [withSplit({ ...blob, by: 'bytes', size: 2 ** 26 + 1 }), 'split.size', 'from 1 to 67108864, not 67108865'],
  [withSplit({ ...blob, delimiter: ';' }), 'split.delimiter', 'set \'split.by\' to "records"'],
  [withSplit({ ...blob, by: 'records', delimiter: '' }), 'split.delimiter', 'a text of 1 to 64 bytes'],
  // Aggregate, verification and terms.
  [{ ...minimal, aggregate: 'summ' }, 'aggregate.kind', "did you mean 'sum'?"],
  [
    { ...minimal, aggregate: 7 },
    'aggregate',
    'must be a name such as "sum" or an object such as {"kind": "sum"}, not 7',
  ],
  [{ ...minimal, aggregate: { kind: 'summ' } }, 'aggregate.kind', "did you mean 'sum'?"],
  [{ ...minimal, aggregate: { kind: 'mergeMap' } }, 'aggregate.kind', "did you mean 'merge-map'?"],
  [{ ...minimal, aggregate: { kind: 'sum', bins: 3 } }, 'aggregate.bins', 'is not a known field'],
  [{ ...minimal, aggregate: { kind: 'histogram', from: 0, to: 0, bins: 3 } }, 'aggregate.to', 'must be above'],
  [{ ...minimal, aggregate: { kind: 'histogram', from: Number.NaN, to: 0, bins: 3 } }, 'aggregate.from', 'a number'],
  [{ ...minimal, aggregate: { kind: 'histogram', from: 0, to: 1, bins: 65_537 } }, 'aggregate.bins', '1 to 65536'],
  [{ ...minimal, verify: 'quorum' }, 'verify', '"trust" or an object such as {"theta": 0.999}'],
  [{ ...minimal, verify: null }, 'verify', 'not null'],
  [{ ...minimal, verify: { teta: 1 } }, 'verify.teta', "did you mean 'theta'?"],
  [{ ...minimal, verify: { theta: 1 } }, 'verify.theta', 'a number from 0.5 to 0.999999, not 1'],
  [{ ...minimal, onUnitError: 'ignore' }, 'onUnitError', "one of 'fail', 'skip', not \"ignore\""],
  [{ ...minimal, budgetMicro: -1 }, 'budgetMicro', 'micro-credits from 0'],
  [{ ...minimal, budgetMicro: '1.5' }, 'budgetMicro', 'not "1.5"'],
  [{ ...minimal, budgetMicro: '9223372036854775808' }, 'budgetMicro', 'to 9223372036854775807'],
  [{ ...minimal, budgetMicro: 2 ** 53 }, 'budgetMicro', 'a text of digits, not 9007199254740992'],
  [{ ...minimal, gigafuelPriceMaxMicro: '-1' }, 'gigafuelPriceMaxMicro', 'not "-1"'],
  [{ ...minimal, gigafuelPriceMicro: 1 }, 'gigafuelPriceMicro', "did you mean 'gigafuelPriceMaxMicro'?"],
  [{ ...minimal, priceMicro: 1 }, 'priceMicro', 'is not a known field'],
  [{ ...minimal, leaseUnitsMax: 65_537 }, 'leaseUnitsMax', 'from 1 to 65536'],
  [{ ...minimal, deadlineMs: 0 }, 'deadlineMs', 'a whole number from 1'],
  [{ ...minimal, priority: 10 }, 'priority', 'from 0 to 9, not 10'],
])('refuses %j at %s', (job, path, words) => {
  const found = refusal(job)
  expect(found.path).toBe(path)
  expect(found.reason).toContain(words)
})

test('a refusal is a sentence about the field', () => {
  expect(refusal({ ...minimal, priority: 10 }).message).toBe(
    "The job's 'priority' must be a whole number from 0 to 9, not 10.",
  )
  expect(refusal(7).message).toMatch(/^The job must be an object with .*, not 7\.$/)
})

test('a refusal shows long values only in part', () => {
  expect(refusal({ ...minimal, onUnitError: 'x'.repeat(1_000) }).message.length).toBeLessThan(160)
  expect(refusal({ ...minimal, ['x'.repeat(10_000)]: 1 }).path.length).toBe(64)
})

test('the largest range, item and combination are accepted', () => {
  const big = { kind: 'range', from: -(2 ** 52), to: 2 ** 52 - 1, chunk: 2 ** 50 }
  expect(parseJobSpec(withSplit(big)).split).toEqual(big)
  const items = { kind: 'items', items: ['x'.repeat(16_381), ''] }
  expect(parseJobSpec(withSplit(items)).split).toEqual(items)
  const grid = { kind: 'grid', parameters: { a: ['x'.repeat(LIMITS.gridCombinationBytesMax - 8)] } }
  expect(parseJobSpec(withSplit(grid)).split).toEqual(grid)
})
