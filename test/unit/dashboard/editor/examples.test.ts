import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXAMPLES, scriptPath } from '../../../../dashboard/editor/examples.ts'
import { checkDraft, valueAt } from '../../../../dashboard/editor/job-draft.ts'
import { tryUnit } from '../../../../dashboard/editor/try-unit.ts'
import { JAVASCRIPT_ENGINE, runScript } from '../../../support/javascript.ts'

const folder = join(import.meta.dirname, '../../../../dashboard/public/examples')
const scriptOf = (id: string) => readFileSync(join(folder, `${id}.js`), 'utf8')

function tried(id: string, unit = 0) {
  const example = EXAMPLES.find(known => known.id === id)
  if (example === undefined) throw new Error(`there is no example ${id}`)
  const { spec, problem } = checkDraft(example.draft, scriptOf(id))
  if (problem !== null) throw new Error(problem.message)
  return tryUnit(JAVASCRIPT_ENGINE, scriptOf(id), spec, unit)
}

test('every script of the folder is an example, and the other way round', () => {
  expect(EXAMPLES.map(({ id }) => scriptPath(id).split('/').at(-1)).sort()).toEqual(readdirSync(folder).sort())
})

/** What each answers for its last unit. */
const LAST: Readonly<Record<string, RegExp>> = {
  digits: /^\d+$/,
  words: /^off\t1\n|\nsea\t1\n/,
  pi: /^3\.\d+$/,
  collatz: /^\d{2,3}$/,
  sweep: /^3\.9,0\.5,0\.\d{6}\n$/,
}

test.each(EXAMPLES)('the example $id runs its last unit well below its limit of fuel', ({ id, draft }) => {
  const { outcome, fuel, units, unit, output } = tried(id, Number.MAX_SAFE_INTEGER)
  expect({ outcome, unit }).toEqual({ outcome: 'ok', unit: units - 1 })
  expect(fuel).toBeLessThan(Number(valueAt(draft, 'task.unitFuelMax')) / 2)
  expect(output).toMatch(LAST[id] as RegExp)
})

test('a unit that is tried burns what it burns in a sandbox', () => {
  const { fuel, output } = tried('digits')
  const { outcome, text } = runScript(scriptOf('digits'), { input: '0 500\n' })
  expect({ fuel, output }).toEqual({ fuel: outcome.fuel, output: text })
  const digits = Array.from({ length: 500 }, (_, number) => [...String(number)]).flat()
  expect(output).toBe(`${digits.reduce((sum, digit) => sum + Number(digit), 0)}`)
})

describe('a script that goes wrong', () => {
  const spec = (script: string, task: object = {}) => {
    const { spec: found, problem } = checkDraft(
      { task, split: { kind: 'items', items: ['a', 'bc'] }, aggregate: 'collect' },
      script,
    )
    if (problem !== null) throw new Error(problem.message)
    return found
  }
  const run = (script: string, task: object = {}) => tryUnit(JAVASCRIPT_ENGINE, script, spec(script, task), 1)

  test('says so, with what it wrote to its console', () => {
    const script = "export default input => { console.log('got', input.text); throw new Error('no') }"
    const found = run(script)
    expect(found).toMatchObject({ outcome: 'exit', reason: 'exit code 1', input: 'bc', inputBytes: 2 })
    expect(found.console).toContain('got bc')
    expect(found.console).toContain('no')
  })

  test('runs out of fuel at the limit of the job', () => {
    const { outcome, fuel, reason } = run('export default () => { for (;;); }', { unitFuelMax: 5_000_000 })
    expect({ outcome, fuel, reason }).toEqual({ outcome: 'out_of_fuel', fuel: 5_000_000, reason: 'out of fuel' })
  })

  test('gets its arguments, and at most the memory of the job', () => {
    expect(run('export default (_, context) => context.args.join()', { args: ['x', 'y'] }).output).toBe('x,y')
    const greedy = 'export default () => new Uint8Array(100_000_000).length'
    expect(run(greedy, { memoryMiB: 8 }).outcome).not.toBe('ok')
  })

  test('is refused with its place', () => {
    expect(() => run('export default () => {\n  let = \n}')).toThrow(/at line \d+, column \d+/)
    expect(() => run('1 + 1')).toThrow('no default export')
  })
})

test('a blob that only the region has cannot be tried here', () => {
  const draft = {
    task: {},
    split: { kind: 'blob', source: { sha256: 'ab'.repeat(32) }, by: 'lines', size: 1 },
    aggregate: 'collect',
  }
  const { spec } = checkDraft(draft, 'export default () => 1')
  if (spec === null) throw new Error('the job is a good one')
  expect(() => tryUnit(JAVASCRIPT_ENGINE, 'export default () => 1', spec, 0)).toThrow("The job's 'split.source'")
})
