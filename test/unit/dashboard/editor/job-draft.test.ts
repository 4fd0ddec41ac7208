import { describe, expect, test } from 'vitest'
import { estimate, replicasOf } from '../../../../dashboard/editor/estimate.ts'
import {
  checkDraft,
  concerns,
  draftText,
  placeOf,
  problemOf,
  readDraft,
  submissionOf,
  valueAt,
  withValue,
} from '../../../../dashboard/editor/job-draft.ts'
import { TaskError } from '../../../../protocol/index.ts'

const DRAFT = {
  name: 'digits',
  task: { unitFuelMax: 1_000 },
  split: { kind: 'range', from: 0, to: 10, chunk: 1 },
  aggregate: { kind: 'sum' },
}
const SCRIPT = 'export default () => 1'

describe('a draft', () => {
  test('is changed at a path, and nothing else of it', () => {
    const changed = withValue(DRAFT, 'split.chunk', 5)
    expect(valueAt(changed, 'split.chunk')).toBe(5)
    expect(DRAFT.split.chunk).toBe(1)
    expect(draftText(changed)).toBe(draftText(DRAFT).replace('"chunk": 1', '"chunk": 5'))
  })

  test('takes new fields and loses those that are taken out', () => {
    expect(valueAt(withValue(DRAFT, 'verify.theta', 0.9), 'verify')).toEqual({ theta: 0.9 })
    expect(withValue(DRAFT, 'name', undefined)).not.toHaveProperty('name')
    expect(withValue({ split: 7 }, 'split.kind', 'range')).toEqual({ split: { kind: 'range' } })
    expect(valueAt(DRAFT, 'name.length.x')).toBeUndefined()
  })

  test('is read from what it was written as', () => {
    expect(readDraft(draftText(DRAFT)).draft).toEqual(DRAFT)
  })

  test.each(['', '{', '[]', 'null', '7', '"x"'])('is not %j', text => {
    expect(readDraft(text).draft).toBeNull()
    expect(readDraft(text).problem).not.toBeNull()
  })

  test('is sent with its script', () => {
    expect(submissionOf(DRAFT, { text: SCRIPT })).toMatchObject({
      task: { unitFuelMax: 1_000, script: { text: SCRIPT } },
    })
  })
})

describe('a problem', () => {
  test.each([
    ['split.chunk', 0, 'split.chunk'],
    ['split.kind', 'nothing', 'split.kind'],
    ['task.unitFuelMax', -1, 'task.unitFuelMax'],
    ['verify', { theta: 2 }, 'verify.theta'],
    ['budgetMicro', 'much', 'budgetMicro'],
    ['nmae', 'x', 'nmae'],
  ])('with %s is found here and at its field', (path, value, at) => {
    const { problem } = checkDraft(withValue(DRAFT, path, value), SCRIPT)
    expect(problem?.path).toBe(at)
    expect(concerns(problem, path)).toBe(true)
    expect(concerns(problem, 'aggregate')).toBe(false)
  })

  test("is none for a good draft, and the region's words name its field", () => {
    expect(checkDraft(DRAFT, SCRIPT).problem).toBeNull()
    expect(problemOf(new Error("The job's 'split.size' must be at least 1, not 0."))).toMatchObject({
      path: 'split.size',
    })
    expect(problemOf(new Error('The job is too large.'))).toMatchObject({ path: '' })
  })

  test('of money is at the budget, one of the script at the script', () => {
    const poor = 'The budget is 5 credits and the account of me holds 1. Set a smaller budgetMicro.'
    expect(problemOf(new Error(poor)).path).toBe('budgetMicro')
    const unsure =
      'Equal answers of all owners here would be right with probability 0.98, and verify.theta asks for 0.999.'
    expect(concerns(problemOf(new Error(unsure)), 'verify')).toBe(true)
    const bad = new TaskError(
      { code: 'bad_script', reason: 'x', line: 3, column: 7 },
      'The script is refused at line 3, column 7: x.',
    )
    expect(problemOf(bad).path).toBe('task.script')
    expect(problemOf(new Error(bad.message)).path).toBe('task.script')
    expect(placeOf(bad.message)).toEqual({ line: 3, column: 7 })
    expect(placeOf('The script is refused: it is empty.')).toBeNull()
  })
})

describe('an estimate', () => {
  test('is the price of the fuel, times what agreement took', () => {
    expect(estimate(1_000_000, 1_000, 10_000n)).toEqual({ onceMicro: 10_000n, likelyMicro: 10_000n })
    expect(estimate(1_000_000, 1_000, 10_000n, 2.5).likelyMicro).toBe(25_000n)
    expect(estimate(0.5, 10_000_000, 1_000_000_000n).onceMicro).toBe(10_000_000n)
  })

  test('of agreement is what a job has cost over what its fuel comes to', () => {
    expect(replicasOf({ fuel: '1000000000', gigafuelPriceMicro: '100', spentMicro: '250' })).toBe(2.5)
    expect(replicasOf({ fuel: '0', gigafuelPriceMicro: '100', spentMicro: '0' })).toBe(1)
  })
})
