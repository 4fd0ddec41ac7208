/** JavaScript tasks on their whole way: from a file or a message to verified answers out of real sandboxes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../cli/exit-codes.ts'
import { readJobFile } from '../../cli/job-file/job-file.ts'
import { run } from '../../cli/run.ts'
import { wordCountLines } from '../../examples/word-count/reference.ts'
import { composeScript, utf8 } from '../../protocol/index.ts'
import { readJavaScriptEngine, systemClock } from '../../protocol/node/index.ts'
import type { BareSubmitter } from '../support/bare-submitter.ts'
import { leaseOf, outcomesOf, ROOT, testRunners } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'
import { TestRegion } from '../support/test-region.ts'
import { fakeIo } from '../unit/cli/fake-io.ts'

const EXAMPLE = join(ROOT, 'examples', 'hello-js')
const COUNT_WORDS = join(EXAMPLE, 'count-words.js')
const tempDir = tempDirs()
const runnerOf = testRunners()

const scriptFile = (source: string): string => {
  const path = join(tempDir(), 'task.js')
  writeFileSync(path, source)
  return path
}

describe('the example', () => {
  test('counts words in a real sandbox as the reference does, with the same fuel each time', async () => {
    const module = composeScript(readJavaScriptEngine(), new Uint8Array(readFileSync(COUNT_WORDS)))
    const texts = [
      "The Whale's whale. 'Tis o''clock o'clock' don't DON'T naïve K\u212A café",
      '',
      readFileSync(join(EXAMPLE, 'README.md'), 'utf8'),
      "The Whale's whale. 'Tis o''clock o'clock' don't DON'T naïve K\u212A café",
    ]
    const found = await outcomesOf(runnerOf(), leaseOf(module, texts, { memoryPagesMax: 1_024 }))
    const sorted = (lines: string) => lines.split('\n').sort()
    for (const [index, outcome] of found.entries()) {
      expect(outcome.kind).toBe('ok')
      const text = outcome.kind === 'ok' ? new TextDecoder().decode(outcome.bytes) : ''
      expect(sorted(text)).toEqual(sorted(wordCountLines(texts[index] ?? '')))
    }
    expect(found[3]).toEqual(found[0])
  })

  test('has a job that is accepted as it is', async () => {
    const { specification, uploads } = await readJobFile(join(EXAMPLE, 'job.yaml'))
    expect(specification).toMatchObject({
      task: { script: { base64: readFileSync(COUNT_WORDS).toString('base64') } },
    })
    expect(uploads).toEqual([])
  })
})

describe('a region', () => {
  let region: TestRegion
  let ada: BareSubmitter

  beforeAll(async () => {
    region = await TestRegion.start()
    await region.joinAll('greta', 'hans')
    ada = await region.bare('ada')
  })
  afterAll(async () => {
    await region[Symbol.asyncDispose]()
    expect(region.fatal).toEqual([])
  })

  const job = (script: object) => ({
    task: { script, unitFuelMax: 10_000_000 },
    split: { kind: 'grid', parameters: { a: [1, 2, 3], b: [10, 20] } },
    aggregate: 'sum',
    // What two owners reach who agree.
    verify: { theta: 0.9 },
  })

  test('runs a script that came in the submission, and devices agree on answer and fuel', async () => {
    const accepted = await ada.submit(job({ text: 'export default input => input.json.a * input.json.b' }))
    expect(await ada.result(accepted.body.job)).toMatchObject({ state: 'done', text: '180', failedUnits: 0 })
  })

  test('refuses one with a syntax error, and says where it is', async () => {
    const refused = await ada.submit({
      ref: 'wrong',
      ...job({ text: 'export default input => {\n  return input.\n}' }),
    })
    expect(refused).toMatchObject({
      topic: 'refused',
      body: {
        ref: 'wrong',
        error: {
          code: 'bad_script',
          path: 'task.script',
          message: 'The script is refused at line 3, column 1: SyntaxError: expecting field name.',
        },
      },
    })
  })

  test('fails a job whose script throws, as any other that exits with a code', async () => {
    const accepted = await ada.submit(job({ text: 'export default () => missing' }))
    expect(await ada.result(accepted.body.job)).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/code 1/),
    })
  })
})

describe('the command', () => {
  const entry = join(ROOT, 'cli', 'main.ts')
  async function hedgerow(words: readonly string[], input = '') {
    const io = { ...fakeIo({ cwd: tempDir(), input: utf8(input) }), entry, clock: systemClock }
    const code = await run(words, io)
    return { code, out: io.stdout.text(), err: io.stderr.text() }
  }

  test('`task check` accepts a script, or says where it is wrong', async () => {
    const { code, out } = await hedgerow(['task', 'check', COUNT_WORDS, '--json'])
    expect(code).toBe(EXIT.ok)
    expect(JSON.parse(out)).toMatchObject({ abi: 'reactor', resettable: true })
    const wrong = await hedgerow(['task', 'check', scriptFile('export default () => {\n  let 1a\n}')])
    expect(wrong.code).toBe(EXIT.failure)
    expect(wrong.err).toMatch(/The script is refused at line 2, column \d+: SyntaxError: /)
  })

  test('`task run` shows the output, the console and what went wrong', async () => {
    const good = await hedgerow(
      ['task', 'run', scriptFile('export default i => (console.log("seen"), i.lines.length)')],
      'a\nb\n',
    )
    expect(good).toMatchObject({ code: EXIT.ok, out: expect.stringMatching(/^2/) })
    expect(good.err).toMatch(/^seen\n/)
    const bad = await hedgerow(['task', 'run', scriptFile('export default () => {\n  null.x\n}')])
    expect(bad.code).toBe(EXIT.jobFailed)
    expect(bad.err).toMatch(/Uncaught TypeError: .*\n.*task\.js:2:3.*\n.*exited with code 1/)
  })
})
