/** What docs/javascript.md promises to scripts, each sentence run through a composed and metered module. */
import { describe, expect, test } from 'vitest'
import { evaluate, runScript, scriptTask } from '../../../support/javascript.ts'

/** The output of `(input, context) => <expression>`. */
const output = (expression: string, input: string | Uint8Array = '', args: readonly string[] = []) => {
  const { text, stderr, outcome } = evaluate(expression, { input, args })
  expect(stderr).toBe('')
  expect(outcome.kind).toBe('ok')
  return text
}

describe('the input', () => {
  test('is bytes', () => {
    expect(output('input.bytes instanceof Uint8Array')).toBe('true')
    expect(output('[...input.bytes]', Uint8Array.of(0, 255, 128))).toBe('[0,255,128]')
    expect(output('input.bytes === input.bytes')).toBe('true')
  })

  test('is text', () => {
    expect(output('input.text', 'Grüße, 世界 🌍')).toBe('Grüße, 世界 🌍')
    expect(output('input.text.length', '\uFEFFabc')).toBe('3')
    expect(output('input.text', Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\uFFFDb')
  })

  test.each([
    ['', '[]'],
    ['\n', '[""]'],
    ['a', '["a"]'],
    ['a\nb\n', '["a","b"]'],
    ['a\r\n\r\nb', '["a","","b"]'],
    ['a\n\n', '["a",""]'],
  ])('is lines: %j', (input, lines) => {
    expect(output('input.lines', input)).toBe(lines)
  })

  test('is JSON', () => {
    expect(output('input.json.mode + input.json.size', '{"size":1,"mode":"x"}')).toBe('x1')
    expect(evaluate('input.json', { input: '{' })).toMatchObject({
      outcome: { kind: 'exit', code: 1 },
      stderr: /SyntaxError/,
    })
  })

  test('is a range', () => {
    expect(output('input.range', '10 20\n')).toBe('{"from":10,"to":20}')
    expect(output('input.range', '-5 0\n')).toBe('{"from":-5,"to":0}')
    expect(evaluate('input.range', { input: 'ten' }).stderr).toMatch(/The input is no range/)
  })

  test('may be large', () => {
    const bytes = new Uint8Array(5_000_000).fill(1)
    expect(output('input.bytes.length', bytes)).toBe('5000000')
  })
})

test('the context holds the arguments of the job', () => {
  expect(output('context.args.slice(1)', '', ['--mode', 'ünï', ''])).toBe('["--mode","ünï",""]')
  expect(runScript('export default (input, { args }) => args').text).toBe('[]')
})

describe('the output', () => {
  test.each([
    ['"Grüße"', 'Grüße'],
    ['""', ''],
    ['0.1 + 0.2', '0.30000000000000004'],
    ['1e21', '1e+21'],
    ['-0', '0'],
    ['2n ** 70n', '1180591620717411303424'],
    ['true', 'true'],
    ['null', 'null'],
    ['undefined', ''],
    ['{ a: [1, null], b: "x" }', '{"a":[1,null],"b":"x"}'],
    ['[1.5, "é"]', '[1.5,"é"]'],
    ['{ toJSON: () => "own" }', '"own"'],
    ['new Date()', '"1970-01-01T00:00:00.000Z"'],
    ['new Map([["whale", 2], ["sea", 1n]])', 'whale\t2\nsea\t1\n'],
    ['new Uint8Array([104, 105])', 'hi'],
    ['new Uint8Array([1, 104, 105, 2]).subarray(1, 3)', 'hi'],
    ['new Uint8Array([104, 105]).buffer', 'hi'],
    ['new Uint16Array([0x6968])', 'hi'],
    ['new DataView(new Uint8Array([104, 105]).buffer, 1)', 'i'],
    ['"\\ud800"', '\uFFFD'],
  ])('of %s', (expression, expected) => {
    expect(output(`(${expression})`)).toBe(expected)
  })

  test('may be the input itself, and may be large', () => {
    expect(output('input.bytes', 'as it came')).toBe('as it came')
    expect(output('"x".repeat(1_048_576)')?.length).toBe(1_048_576)
    expect(evaluate('"x".repeat(1_048_577)').outcome).toMatchObject({ kind: 'trap', trap: 'output_too_large' })
  })

  test.each(['() => 1', 'Symbol("s")'])('cannot be %s', expression => {
    const { outcome, stderr } = evaluate(`(${expression})`)
    expect(outcome).toMatchObject({ kind: 'exit', code: 1 })
    expect(stderr).toMatch(/^Uncaught TypeError: The script returned a (function|symbol): return /)
  })
})

describe('promises', () => {
  test('are awaited', () => {
    expect(output('(async () => { await null; return "late" })()')).toBe('late')
    expect(output('Promise.all([1, Promise.resolve(2)])')).toBe('[1,2]')
    expect(output('new Promise(resolve => queueMicrotask(() => resolve(7)))')).toBe('7')
    expect(runScript('const two = await Promise.resolve(2)\nexport default async () => two').text).toBe('2')
  })

  test('that nothing settles are an error', () => {
    const { outcome, stderr } = evaluate('new Promise(() => {})')
    expect(outcome).toMatchObject({ kind: 'exit', code: 1 })
    expect(stderr).toBe(
      'Uncaught Error: The script waits for a promise that nothing will ever settle; there are no timers and no network.\n',
    )
  })

  test('that are rejected and looked at by nobody are an error', () => {
    expect(evaluate('(Promise.reject(new Error("lost")), 1)')).toMatchObject({
      outcome: { kind: 'exit', code: 1 },
      stderr: expect.stringMatching(/^Uncaught Error: lost\n/),
    })
    expect(output('(async () => { const p = Promise.reject(3); await null; return p.catch(x => x) })()')).toBe('3')
  })
})

describe('an error', () => {
  test('ends the unit with code 1, its message and its place on standard error', () => {
    const source =
      'const inner = () => {\n  throw new RangeError("too far")\n}\n\nexport default function main() {\n  inner()\n}'
    expect(runScript(source)).toMatchObject({
      outcome: { kind: 'exit', code: 1 },
      stderr: 'Uncaught RangeError: too far\n    at inner (task.js:2:13)\n    at main (task.js:6:3)\n',
    })
  })

  test.each([
    ['(() => { throw "a text" })()', 'Uncaught "a text"\n'],
    ['(() => { throw { code: 7 } })()', 'Uncaught {code: 7}\n'],
    ['(async () => { await null; throw 5 })()', 'Uncaught 5\n'],
    ['queueMicrotask(() => { throw 6 })', 'Uncaught 6\n'],
    ['(() => { throw new Error("a", { cause: 1 }) })().x', /^Uncaught Error: a\n.*\n {2}caused by 1\n$/s],
    ['missing', /^Uncaught ReferenceError: missing is not defined\n/],
  ])('may be anything: %s', (expression, stderr) => {
    const run = evaluate(expression)
    expect(run.outcome).toMatchObject({ kind: 'exit', code: 1 })
    expect(run.stderr).toMatch(stderr)
  })

  test('may come from the top of the script', () => {
    expect(runScript('export default () => 1\nnull.x').stderr).toMatch(/^Uncaught TypeError: .*task.js:2:1/s)
    expect(runScript('export default 5').stderr).toMatch(/^Uncaught TypeError: The default export is not a function/)
  })

  test('in one unit leaves the next as it would be', () => {
    const task = scriptTask('let calls = 0\nexport default input => { if (input.text) throw 1; return ++calls }')
    const first = runScript(task)
    expect(first.text).toBe('1')
    expect(runScript(task, { input: 'x' }).outcome.kind).toBe('exit')
    expect(runScript(task)).toEqual(first)
    expect(runScript(task)).toEqual(first)
  })
})

describe('bounds', () => {
  test('recursion without end throws an error that can be caught', () => {
    const run = evaluate(
      '(() => { let depth = 0; const f = () => { depth++; return f() + 1 }; try { f() } catch (e) { return [e.name, depth > 500] } })()',
    )
    expect(run.text).toBe('["RangeError",true]')
  })

  test('recursion inside the engine ends as a deterministic trap', () => {
    const deep = evaluate('JSON.parse("[".repeat(100_000))')
    expect(deep.outcome).toMatchObject({ kind: 'trap', trap: 'stack_exhausted' })
    expect(evaluate('JSON.parse("[".repeat(100_000))')).toEqual(deep)
  })

  test('too much memory throws an error, and one that nobody catches names the setting', () => {
    expect(output('(() => { try { new ArrayBuffer(1e9) } catch (e) { return String(e) } })()')).toMatch(/out of memory/)
    const { outcome, stderr } = evaluate('(() => { const all = []; for (;;) all.push({}) })()', {
      fuelMax: 20_000_000_000,
    })
    expect(outcome).toMatchObject({ kind: 'exit', code: 1 })
    expect(stderr).toMatch(/out of memory|task\.memoryMiB/)
  })

  test('an input that does not fit the memory ends the unit with code 1', () => {
    const small = scriptTask('export default input => input.text.length', 64)
    expect(runScript(small, { input: 'x'.repeat(500_000) }).text).toBe('500000')
    expect(runScript(small, { input: 'x'.repeat(5_000_000) })).toMatchObject({
      outcome: { kind: 'exit', code: 1 },
      stderr: expect.stringMatching(/out of memory/),
    })
  })

  test('a loop without end is out of fuel', () => {
    expect(evaluate('(() => { for (;;); })()', { fuelMax: 10_000_000 }).outcome).toEqual({
      kind: 'out_of_fuel',
      fuel: 10_000_000,
    })
  })

  test('a small unit takes little fuel and two mebibytes of memory', () => {
    const run = runScript(scriptTask('export default input => input.text.length', 32), { input: 'whale' })
    expect(run.text).toBe('5')
    expect(run.outcome.fuel).toBeLessThan(400_000)
  })
})

describe('the surroundings', () => {
  test('console writes to standard error', () => {
    const { text, stderr } = evaluate(
      '[console.log("a", 1, null), console.error({ b: [-0, 2n, "x"], c: new Map([[1, new Set([2])]]) }), console.warn(new Uint8Array(2), () => 1)].length',
    )
    expect(text).toBe('3')
    expect(stderr).toBe(
      'a 1 null\n{b: [-0, 2n, "x"], c: Map {1 => Set {2}}}\nUint8Array [0, 0] [function without a name]\n',
    )
  })

  test('console shows what is large, deep or circular in part', () => {
    const { stderr } = evaluate('(() => { const o = {}; o.o = o; console.log(o); console.log(Array(1000).fill(1)) })()')
    expect(stderr).toMatch(/^\{o: \{o: \{o: \{o: \{…\}\}\}\}\}\n\[(1, ){100}…\]\n$/)
  })

  test.each([
    ['new TextDecoder().decode(new TextEncoder().encode("é€🌍"))', 'é€🌍'],
    ['[...new TextEncoder().encode("é\\ud800")]', '[195,169,239,191,189]'],
    ['new TextEncoder().encodeInto("é€x", new Uint8Array(4))', '{"read":1,"written":2}'],
    ['new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))', 'a'],
    ['new TextDecoder("utf8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).length', '2'],
    ['new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode("\\ufffd"))', '\ufffd'],
    ['new TextDecoder().decode(new Uint8Array([120, 121, 122]).subarray(1))', 'yz'],
    ['atob(btoa("hedge"))', 'hedge'],
    ['(0.1).toFixed(20)', '0.10000000000000000555'],
  ])('%s is %s', (expression, expected) => {
    expect(output(expression)).toBe(expected)
  })

  test('a decoder refuses what it cannot do', () => {
    expect(evaluate('new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]))').stderr).toMatch(
      /not UTF-8/,
    )
    expect(evaluate('new TextDecoder("latin1")').stderr).toMatch(/UTF-8 only/)
    expect(evaluate('new TextDecoder().decode(new Uint8Array(1), { stream: true })').stderr).toMatch(/whole texts/)
  })

  test('there are no timers, no network and no modules', () => {
    expect(output('[typeof setTimeout, typeof fetch, typeof require, typeof process]')).toBe(
      '["undefined","undefined","undefined","undefined"]',
    )
    expect(runScript('export default () => import("node:fs")').stderr).toMatch(/cannot import 'node:fs': bundle it/)
  })

  test('bytes go through unharmed', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const { outcome } = evaluate('input.bytes', { input: all })
    expect(outcome.kind === 'ok' && outcome.bytes).toEqual(all)
  })
})
