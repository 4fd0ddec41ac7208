import { describe, expect, test } from 'vitest'
import { fromUtf8, utf8 } from '../../../../protocol/bytes.ts'
import { sha256Hex } from '../../../../protocol/ids.ts'
import { parseJobSpec, parseStoredJobSpec, specToJson, storeInlineBytes } from '../../../../protocol/jobs/index.ts'

const sha256 = sha256Hex('ab'.repeat(32))
const stored = (job: object) => storeInlineBytes(parseJobSpec(job), () => sha256)
const base = {
  aggregate: { kind: 'sum' },
  split: { kind: 'range', from: 0, to: 1, chunk: 1 },
  task: { module: { sha256 } },
}

test('inline bytes are stored and named by their hash', () => {
  const put: string[] = []
  const job = parseJobSpec({
    ...base,
    task: { module: { base64: 'AGFzbQ==' } },
    split: { kind: 'blob', source: { text: 'a\n' }, by: 'lines', size: 1 },
  })
  const spec = storeInlineBytes(job, bytes => {
    put.push(new TextDecoder().decode(bytes))
    return sha256
  })
  expect(put).toEqual(['\0asm', 'a\n'])
  expect(spec.task.module).toEqual({ sha256 })
  expect(spec.split).toEqual({ kind: 'blob', source: { sha256 }, by: 'lines', size: 1 })
  expect(job.task).toMatchObject({ module: { bytes: utf8('\0asm') } })
})

test('a script is stored as the module it becomes', () => {
  const job = parseJobSpec({ ...base, task: { script: { text: 'export default 1' }, args: ['a'] } })
  const put: string[] = []
  const spec = storeInlineBytes(
    job,
    bytes => {
      put.push(fromUtf8(bytes))
      return sha256
    },
    script => utf8(`a module of ${'bytes' in script && fromUtf8(script.bytes)}`),
  )
  expect(put).toEqual(['a module of export default 1'])
  expect(spec.task).toEqual({ ...stored({ ...base, task: { module: { sha256 }, args: ['a'] } }).task })
  expect(parseStoredJobSpec(specToJson(spec))).toEqual(spec)
  expect(() => storeInlineBytes(job, () => sha256)).toThrow(/made a module before/)
})

test('the stored form is canonical: fields in one order, defaults written out, amounts as text', () => {
  expect(specToJson(stored({ ...base, budgetMicro: 5 }))).toBe(
    `{"task":{"module":{"sha256":"${sha256}"},"args":[],"memoryMiB":64,"unitTimeoutMs":10000,"unitFuelMax":1000000000},` +
      '"split":{"kind":"range","from":0,"to":1,"chunk":1},"aggregate":{"kind":"sum"},"verify":{"theta":0.999},' +
      '"onUnitError":"fail","budgetMicro":"5","priority":5}',
  )
  const shuffled = { split: { chunk: 1, to: 1, from: 0, kind: 'range' }, budgetMicro: '5', priority: 5 }
  expect(specToJson(stored({ ...base, ...shuffled }))).toBe(specToJson(stored({ ...base, budgetMicro: 5 })))
})

describe('reads back what it wrote', () => {
  test.each([
    [base],
    [{ ...base, name: 'n', verify: 'trust', onUnitError: 'skip', leaseUnitsMax: 4, deadlineMs: 7 }],
    [{ ...base, task: { ...base.task, unitFuelMax: 100_000_000_000 }, gigafuelPriceMaxMicro: '0' }],
    [{ ...base, aggregate: { kind: 'histogram', from: 0.1, to: 0.3, bins: 2 } }],
    [{ ...base, split: { kind: 'items', items: ['', 'ü', '{"a":1}'] } }],
    [{ ...base, split: { kind: 'grid', parameters: { z: [1.5, -0, 1e300], a: ['x', true], m: ['"'] } } }],
    [{ ...base, split: { kind: 'blob', source: { sha256 }, by: 'records', size: 2, delimiter: '\r\n' } }],
  ])('%j', job => {
    const spec = stored(job)
    const json = specToJson(spec)
    expect(parseStoredJobSpec(json)).toEqual(spec)
    expect(specToJson(parseStoredJobSpec(json))).toBe(json)
  })
})

test('the order of a grid survives, since it numbers the units', () => {
  const spec = stored({ ...base, split: { kind: 'grid', parameters: { z: [1], a: [2] } } })
  const read = parseStoredJobSpec(specToJson(spec))
  expect(read.split.kind === 'grid' && Object.keys(read.split.parameters)).toEqual(['z', 'a'])
})

test('a stored job with inline bytes is a bug', () => {
  const json = JSON.stringify({ ...base, task: { module: { base64: 'AA==' } } })
  expect(() => parseStoredJobSpec(json)).toThrow('names its bytes by their SHA-256')
})
