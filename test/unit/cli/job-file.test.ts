import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { readJobFile } from '../../../cli/job-file/job-file.ts'
import { ConfigError, LIMITS } from '../../../protocol/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const tempDir = tempDirs()
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const large = Buffer.alloc(LIMITS.inlineBytesMax + 1, 'line\n')

let dir: string

beforeEach(() => {
  dir = tempDir()
  mkdirSync(join(dir, 'in'))
  writeFileSync(join(dir, 'task.wasm'), 'module')
  writeFileSync(join(dir, 'in', 'large.txt'), large)
})

function write(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

const YAML = `
name: words
task:
  module: ./task.wasm
split: &split
  kind: blob
  source: {file: in/large.txt}
  by: lines
  size: 10
aggregate:
  kind: concat
`

describe('a job file', () => {
  test('names its files relative to itself; small ones go inside, large ones are uploads', async () => {
    const { specification, uploads } = await readJobFile(write('job.yaml', YAML))
    expect(specification).toEqual({
      name: 'words',
      task: { module: { base64: Buffer.from('module').toString('base64') } },
      split: { kind: 'blob', source: { sha256: sha256(large) }, by: 'lines', size: 10 },
      aggregate: { kind: 'concat' },
    })
    expect(uploads).toMatchObject([{ field: 'split.source', bytes: large.length, sha256: sha256(large) }])
    const content = await uploads[0]?.open()
    expect(content).toBeInstanceOf(Blob)
    expect(Buffer.from(await (content as Blob).arrayBuffer())).toEqual(large)
  })

  test('may be JSON, with tabs', async () => {
    const json = JSON.stringify(
      {
        ref: 'only for MQTT',
        task: { module: { sha256: 'ab'.repeat(32) } },
        split: { kind: 'range', from: 0, to: 10, chunk: 5 },
        aggregate: { kind: 'sum' },
      },
      null,
      '\t',
    )
    const { specification, uploads } = await readJobFile(write('job.json', json), { budgetMicro: '7' })
    expect(specification).toMatchObject({ budgetMicro: '7', split: { kind: 'range' } })
    expect(specification).not.toHaveProperty('ref')
    expect(uploads).toEqual([])
  })

  test('with a long text inside uploads it', async () => {
    const text = 'word '.repeat(5_000)
    const { specification, uploads } = await readJobFile(
      write('job.yaml', YAML.replace('{file: in/large.txt}', JSON.stringify({ text }))),
    )
    expect(specification).toMatchObject({ split: { source: { sha256: sha256(text) } } })
    expect(Buffer.from((await uploads[0]?.open()) as Uint8Array).toString()).toBe(text)
  })

  test.each([
    ['a wrong value', YAML.replace('size: 10', 'size: ten'), 'split.size', 'job.yaml, line 9: '],
    ['an unknown field', YAML.replace('name:', 'nmae:'), 'nmae', 'job.yaml, line 2: '],
    ['a missing field', YAML.replace('  size: 10\n', ''), 'split.size', 'job.yaml, line 5: '],
    ['a missing part', YAML.slice(0, YAML.indexOf('aggregate')), 'aggregate', 'job.yaml: '],
    ['a wrong entry of a list', `${YAML}\ntask2: 0`.replace('./task.wasm', './task.wasm\n  args: [a, 7]'), 'task2', ''],
    ['a file that is not there', YAML.replace('./task.wasm', './no.wasm'), 'task.module', 'does not exist'],
    ['a folder', YAML.replace('./task.wasm', './in'), 'task.module', 'is not a file'],
    ['something that is no job', '- a\n- b\n', '', 'job.yaml: '],
    ['no job at all', '', '', 'job.yaml: '],
  ])('%s is named with its line', async (_, text, path, message) => {
    const error = await readJobFile(write('job.yaml', text)).catch(thrown => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.info).toMatchObject({ code: 'bad_job', path })
    expect(error.message).toContain(message)
  })

  test('an entry of a list is named with its own line', async () => {
    const text = YAML.replace('./task.wasm', './task.wasm\n  args:\n    - a\n    - 7')
    await expect(readJobFile(write('job.yaml', text))).rejects.toThrow("job.yaml, line 7: The job's 'task.args[1]'")
  })

  test.each([
    ['broken YAML', 'name: [1, 2\ntask: {', /^job\.yaml, line 2: the file is not valid YAML or JSON \(/],
    ['a field twice', 'name: a\nname: b\n', /^job\.yaml, line 2: /],
  ])('%s is named with its line', async (_, text, message) => {
    await expect(readJobFile(write('job.yaml', text))).rejects.toThrow(message)
  })

  test('that is not there, and one that unfolds without end, are refused', async () => {
    await expect(readJobFile(join(dir, 'no.yaml'))).rejects.toMatchObject({ code: 'not_found' })
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}, *l${i}, *l${i}, *l${i}]`)
    const bomb = ['l0: &l0 [x, x, x, x, x]', ...levels].join('\n')
    await expect(readJobFile(write('bomb.yaml', bomb))).rejects.toMatchObject({ code: 'bad_job' })
  })
})
