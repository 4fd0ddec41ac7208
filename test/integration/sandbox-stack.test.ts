/** The call stack ends where the protocol says, before the engine's own does, whichever compiler made the code. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { leaseOf, outcomesOf, testRunners } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { type FunctionParts, I32, I64, op, wasmModule } from '../support/wasm-module.ts'

const tempDir = tempDirs()
const runnerOf = testRunners()

const many = (times: number, code: (index: number) => readonly number[]) =>
  Array.from({ length: times }, (_, index) => code(index)).flat()
const types = (count: number, type: number) => new Array<number>(count).fill(type)

/** A command that calls function 1, which is the first of these. */
const calling = (start: readonly number[], ...functions: FunctionParts[]) =>
  wasmModule({ functions: [{ exportAs: '_start', code: start }, ...functions] })

/** Takes a number to as many locals, calls another function, and adds all of them to what it answers. */
const roomy = (locals: number, callee: number): FunctionParts => ({
  params: [I32],
  results: [I32],
  locals: types(locals, I32),
  code: [
    ...many(locals, index => [...op.local(0), ...op.i32(index), ...op.add, ...op.setLocal(index + 1)]),
    ...[...op.local(0), ...op.call(callee), ...many(locals, index => [...op.local(index + 1), ...op.add])],
  ],
})

const RECURSIONS: readonly (readonly [title: string, module: Uint8Array])[] = [
  ['a function that does nothing else', calling(op.call(1), { code: op.call(1) })],
  [
    'a function of 32 parameters',
    calling([...many(32, index => op.i32(index)), ...op.call(1)], {
      params: types(32, I32),
      code: [...many(32, index => [...op.local(index), ...op.i32(1), ...op.add]), ...op.call(1)],
    }),
  ],
  [
    'a function of 200 parameters',
    calling([...many(200, index => op.i64(index)), ...op.call(1)], {
      params: types(200, I64),
      code: [...many(200, index => op.local(index)), ...op.call(1)],
    }),
  ],
  [
    'a function of 200 results',
    calling([...op.call(1), ...many(200, () => op.drop)], { results: types(200, I64), code: op.call(1) }),
  ],
  [
    'two functions with hundreds of locals that call each other',
    calling([...op.i32(1), ...op.call(1), ...op.drop], roomy(500, 2), roomy(300, 1)),
  ],
]

/** A Node that compiles in one way only. */
function nodeWith(flags: string): string {
  const path = join(tempDir(), 'node')
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' ${flags} "$@"\n`, { mode: 0o755 })
  return path
}

const BASELINE = '--liftoff-only'
const OPTIMISING = '--no-liftoff --no-wasm-tier-up'

describe.each([BASELINE, OPTIMISING])('code compiled with %s', flags => {
  test.each(RECURSIONS)('ends the recursion of %s as every machine does', async (_title, module) => {
    const here = await outcomesOf(runnerOf({ nodePath: nodeWith(flags) }), leaseOf(module, ['', '']))
    const [outcome] = here
    expect(outcome).toMatchObject({ kind: 'trap', trap: 'stack_exhausted' })
    expect(here).toEqual([outcome, outcome])
    expect(await outcomesOf(runnerOf(), leaseOf(module, new Array<string>(50).fill('')))).toEqual(
      new Array(50).fill(outcome),
    )
  })
})

test('code whose frames are far larger than they count has no result, and harms nothing', async () => {
  // The quotients are wanted again after the call, so an optimising compiler keeps a thousand of them over it.
  const quotients = (then: readonly number[]) =>
    many(1_000, index => [...op.local(0), ...op.i64(index * 77 + 1), 0x80, ...then])
  const hoard = calling([...op.i64(5), ...op.call(1), ...op.drop], {
    params: [I64],
    results: [I64],
    locals: [I64],
    code: [
      ...quotients([...op.local(1), 0x85, ...op.setLocal(1)]),
      ...[...op.local(1), ...op.call(1), ...quotients([0x7c])],
    ],
  })
  const runner = runnerOf({ nodePath: nodeWith(OPTIMISING) })
  await expect(runner.run(leaseOf(hoard))).rejects.toThrow(/could not run the unit: Maximum call stack size exceeded/)
  const [, module] = RECURSIONS[0] ?? []
  expect(await outcomesOf(runner, leaseOf(module ?? hoard))).toMatchObject([{ trap: 'stack_exhausted' }])
})
