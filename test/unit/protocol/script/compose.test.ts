import { describe, expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../../protocol/bytes.ts'
import { TaskError } from '../../../../protocol/errors.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import { inspectModule, meterModule, WASI_FUNCTIONS } from '../../../../protocol/metering/index.ts'
import { composeScript } from '../../../../protocol/script/index.ts'
import { readData, readFile, SECTION_ID } from '../../../../protocol/script/wasm-file.ts'
import { JAVASCRIPT_ENGINE, runScript, scriptTask } from '../../../support/javascript.ts'

const compose = (source: string) => composeScript(JAVASCRIPT_ENGINE, utf8(source))

/** The refusal of a script. */
function refusal(script: Uint8Array): Extract<TaskError['info'], { code: 'bad_script' }> & { message: string } {
  try {
    composeScript(JAVASCRIPT_ENGINE, script)
  } catch (error) {
    if (error instanceof TaskError && error.info.code === 'bad_script') return { ...error.info, message: error.message }
    throw error
  }
  throw new Error('the script was accepted')
}

describe('a composed script', () => {
  test('is the same module every time', () => {
    const source = 'export default input => input.text.length'
    expect(compose(source)).toEqual(compose(source))
    expect(composeScript(JAVASCRIPT_ENGINE.slice(), utf8(source))).toEqual(compose(source))
  })

  test('is another module when anything in the script is another', () => {
    expect(compose('export default () => 1')).not.toEqual(compose('export default () => 2'))
  })

  test('differs from the engine in nothing but the passive data segment', () => {
    const composed = readFile(compose('export default () => 1'))
    const engine = readFile(JAVASCRIPT_ENGINE)
    expect(composed.map(({ id }) => id)).toEqual(engine.map(({ id }) => id))
    for (const [index, section] of engine.entries()) {
      if (section.id !== SECTION_ID.data) expect(composed[index]).toEqual(section)
    }
    const active = (sections: typeof engine) =>
      sections
        .filter(({ id }) => id === SECTION_ID.data)
        .flatMap(({ contents }) => readData(contents).filter(({ address }) => address !== null))
    expect(active(composed)).toEqual(active(engine))
  })

  test('is a reactor within the profile that asks for WASI only', () => {
    const module = compose('export default () => 1')
    const { abi, imports, exports, memory } = inspectModule(module)
    expect(abi).toBe('reactor')
    expect(exports.map(({ name }) => name).sort()).toEqual(['alloc', 'memory', 'run'])
    expect(
      imports.every(({ module, field }) => module === 'wasi_snapshot_preview1' && WASI_FUNCTIONS.includes(field)),
    ).toBe(true)
    expect(memory).toEqual({ initialPages: expect.any(Number), maximumPages: null })
    expect(memory.initialPages).toBeLessThanOrEqual(32)
    // One instance can serve all units of a lease.
    expect(meterModule(module, { memoryPagesMax: 64 }).resettable).toBe(true)
  })

  test('may be of any length up to a mebibyte', () => {
    for (const length of [127, 128, 16_383, 16_384, LIMITS.scriptBytesMax]) {
      const source = 'export default () => "end" //'.padEnd(length, 'x')
      expect(runScript(scriptTask(source)).text, `${length} bytes`).toBe('end')
    }
    const functions = Array.from({ length: 2_000 }, (_, index) => `const f${index} = x => x + ${index}`)
    const source = `${functions.join('\n')}\nexport default () => f1999(f1(1))`
    expect(runScript(scriptTask(source)).text).toBe('2001')
  })

  test('may hold any character', () => {
    expect(runScript('export default () => "Grüße, 世界 🌍\u0000\u2028"').text).toBe('Grüße, 世界 🌍\u0000\u2028')
  })
})

describe('a script is refused', () => {
  test('when it is empty', () => {
    expect(refusal(new Uint8Array(0))).toMatchObject({ line: null, reason: expect.stringMatching(/^it is empty/) })
  })

  test('when it is longer than a mebibyte', () => {
    expect(refusal(new Uint8Array(LIMITS.scriptBytesMax + 1).fill(0x20)).reason).toMatch(
      /1048577 bytes, the limit is 1048576/,
    )
  })

  test('when it is not UTF-8', () => {
    expect(refusal(concatBytes(utf8('export default () => "'), Uint8Array.of(0xe4), utf8('"'))).reason).toMatch(
      /not UTF-8/,
    )
  })

  test.each([
    ['let x = ;', 1, 9],
    ['export default function (input) {\n  return input.text.\n}', 3, 1],
    ['\n\n  export default function () { return } }', 3, 41],
    ['export default () => `unfinished', 1, 22],
    ['const a = 1\nconst a = 2\nexport default () => a', 2, 9],
    ['export default () => { return await 1 }', 1, 31],
  ])('for a syntax error, with its place: %j', (source, line, column) => {
    const found = refusal(utf8(source))
    expect({ line: found.line, column: found.column }).toEqual({ line, column })
    expect(found.reason).toMatch(/^SyntaxError: /)
    expect(found.message).toBe(`The script is refused at line ${line}, column ${column}: ${found.reason}.`)
  })

  test('when it exports nothing to call', () => {
    expect(refusal(utf8('export const answer = 42')).reason).toMatch(/no default export/)
    expect(refusal(utf8('export { a }\nconst a = 1')).reason).toMatch(/no default export/)
    expect(refusal(utf8('console.log(1)')).message).toContain('`export default function (input) { … }`')
  })

  test('but not when it exports its function in another way', () => {
    expect(runScript('const run = () => 1\nexport { run as default }').text).toBe('1')
    expect(runScript('const run = () => 2\nexport { run as d\\u0065fault }').text).toBe('2')
  })

  test('when it imports something', () => {
    expect(refusal(utf8('import _ from "lodash"\nexport default () => _')).reason).toMatch(
      /cannot import 'lodash': bundle/,
    )
  })

  test('when nothing could compile it: nested too deeply, or made to be slow', () => {
    expect(refusal(utf8(`export default ${'('.repeat(100_000)}`)).reason).toBe('it is nested too deeply')
    // Whether a parenthesis begins a list of parameters is found by looking ahead, at every one of them again.
    const slow = `export default ${'('.repeat(60)}${'a,'.repeat(20_000)}b${')'.repeat(60)}`
    expect(refusal(utf8(slow)).reason).toBe('it takes too long to compile')
  })

  test('without any of it being run', () => {
    expect(() => compose('while (true);\nexport default () => 1')).not.toThrow()
  })
})
