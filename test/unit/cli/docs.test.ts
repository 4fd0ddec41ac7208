import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../cli/commands/index.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import {
  LIMITS,
  parseJobSpec,
  parseProgressReply,
  parseResultReply,
  parseStatusReply,
} from '../../../protocol/index.ts'

const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')
const cli = read('cli.md')
const submitting = read('submitting.md')
const HASH = 'ab'.repeat(32)

describe('docs/cli.md', () => {
  test.each(COMMANDS.map(({ name }) => name))('has `%s`', name => {
    expect(cli).toMatch(new RegExp(`^\\|.*\`${name}[ \`]`, 'm'))
  })

  test.each(Object.values(EXIT))('has exit code %i', code => {
    expect(cli).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
  })
})

describe('docs/submitting.md', () => {
  const job = {
    task: { module: { sha256: HASH } },
    split: { kind: 'range', from: 0, to: 10, chunk: 5 },
    aggregate: { kind: 'sum' },
  }

  test('shows a job that is accepted', () => {
    const [, text = ''] = /```json\n([\s\S]*?)```/.exec(submitting) ?? []
    const spec = parseJobSpec(JSON.parse(text.replaceAll(/"[0-9a-f]+…"/g, `"${HASH}"`)))
    expect(spec).toMatchObject({ name: 'words of a book', priority: 5, budgetMicro: 2_500_000n })
  })

  const splits = [...submitting.matchAll(/^\| `(\{"kind": [^`]*)`/gm)].map(([, text = '']) => text)
  test.each(splits)('shows a split that is accepted: %s', text => {
    const split = JSON.parse(text.replace('…', `{"sha256": "${HASH}"}`).replace('\n', '\\n'))
    expect(parseJobSpec({ ...job, split }).split).toMatchObject({ kind: split.kind })
  })

  test('shows all splits and aggregates', () => {
    expect(splits).toHaveLength(6)
    for (const kind of ['collect', 'concat', 'sum', 'mean', 'min', 'max', 'histogram', 'merge-map']) {
      expect(submitting).toContain(`\`${kind}\``)
    }
  })

  test('shows replies that can be read', () => {
    const shown = submitting.slice(submitting.indexOf('```text')).split('```')[1]?.replaceAll('\n  ', '') ?? ''
    const replies = [...shown.matchAll(/\/(status|progress|result) (\{.*\})/g)]
    expect(replies).toHaveLength(4)
    for (const [, leaf, text = ''] of replies) {
      const value = JSON.parse(text.replaceAll(/"[0-9a-f]+…"/g, `"${HASH}"`))
      if (leaf === 'status') parseStatusReply(value)
      else if (leaf === 'progress') parseProgressReply(value)
      else parseResultReply(value)
    }
  })

  test('gives the bounds there are', () => {
    const spaced = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
    for (const bound of [
      LIMITS.submitBytesMax,
      LIMITS.inlineBytesMax,
      LIMITS.unitsPerJobMax,
      LIMITS.unitsPerLeaseMax,
      LIMITS.unitTimeoutMsMax,
      LIMITS.unitFuelMax,
    ]) {
      expect(submitting).toContain(spaced(bound))
    }
  })
})
