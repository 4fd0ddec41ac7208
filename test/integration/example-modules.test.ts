import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { wordCountLines } from '../../examples/word-count/reference.ts'
import { leaseOf, outcomesOf, ROOT, testRunners, textOf } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'

const tempDir = tempDirs()
const runnerOf = testRunners()

const example = (name: string) => join(ROOT, 'examples', name)
const build = (file: string, args: readonly string[]) => {
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
}
const has = (file: string, args: readonly string[], word: string) =>
  spawnSync(file, args, { encoding: 'utf8' }).stdout?.includes(word) ?? false
const hasRust = has('/usr/bin/rustc', ['--print', 'target-libdir', '--target', 'wasm32-wasi'], 'wasm32-wasi')
const hasC = existsSync('/usr/lib/wasm32-wasi/libc.a') && has('clang', ['--version'], 'clang')
if (!hasRust) console.warn('SKIPPED: the Rust example, since rustc has no wasm32-wasi target here.')
if (!hasC) console.warn('SKIPPED: the C example, since there is no clang with wasi-libc here.')

const sumOf = async (path: string, inputs: readonly string[]) => {
  const bytes = new Uint8Array(readFileSync(path))
  const found = await outcomesOf(runnerOf(), leaseOf(bytes, inputs, { memoryPagesMax: 1_024 }))
  return found.map(textOf).reduce((sum, text) => sum + Number(text), 0)
}

test.each([
  ['hello-rust', ['0 500\n', '500 1000\n', '1000 10000\n'], 1_229],
  ['hello-c', ['0 400\n', '400 1000\n'], 13_500],
])('the prebuilt %s runs as it was compiled', async (name, inputs, sum) => {
  expect(await sumOf(join(ROOT, 'examples', 'prebuilt', `${name}.wasm`), inputs)).toBe(sum)
})

test.skipIf(!hasRust)('the example in Rust counts primes', async () => {
  const built = join(tempDir(), 'hello-rust.wasm')
  build('/usr/bin/rustc', [
    '--target',
    'wasm32-wasi',
    '-O',
    '-C',
    'strip=debuginfo',
    '-o',
    built,
    join(example('hello-rust'), 'main.rs'),
  ])
  expect(await sumOf(built, ['0 500\n', '500 1000\n', '1000 10000\n'])).toBe(1_229)
})

test.skipIf(!hasC)('the example in C adds up digits', async () => {
  const built = join(tempDir(), 'hello-c.wasm')
  build('clang', ['--target=wasm32-wasi', '-O2', '-s', '-o', built, join(example('hello-c'), 'main.c')])
  expect(await sumOf(built, ['0 400\n', '400 1000\n'])).toBe(13_500)
})

test('the example in AssemblyScript counts words as the reference does', async () => {
  build(process.execPath, [join(ROOT, 'examples', 'build.ts'), '--quiet'])
  const bytes = new Uint8Array(readFileSync(join(example('word-count'), 'build', 'word-count.wasm')))
  const texts = [
    "The Whale's whale. 'Tis o''clock o'clock' don't DON'T naïve K\u212A café",
    '',
    "'",
    readFileSync(join(example('word-count'), 'README.md'), 'utf8'),
  ]
  const found = await outcomesOf(runnerOf(), leaseOf(bytes, texts, { memoryPagesMax: 1_024 }))
  expect(found.map(textOf)).toEqual(texts.map(wordCountLines))
  expect(textOf(found[0] ?? { kind: 'exit', code: 1, fuel: 0 })).toContain("don't\t2\n")
})

test('the no-op example answers with the first bytes of its input', async () => {
  const bytes = new Uint8Array(readFileSync(join(example('noop'), 'build', 'noop.wasm')))
  const found = await outcomesOf(runnerOf(), leaseOf(bytes, ['7 8\n', 'x'.repeat(40)]))
  expect(found.map(textOf)).toEqual(['7 8\n'.padEnd(32, '\0'), 'x'.repeat(32)])
})

test('each example has a page and a job', () => {
  for (const name of ['hello-c', 'hello-js', 'hello-rust', 'noop', 'word-count']) {
    expect(readdirSync(example(name)), name).toEqual(expect.arrayContaining(['README.md', 'job.yaml']))
  }
})
