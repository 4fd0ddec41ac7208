/** What writes cards stays out of what runs on them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readNodeDescription } from '../../../../hardware/image/index.ts'
import { CLAIM } from './customise/support.ts'

const root = resolve(import.meta.dirname, '../../../..')
const ROOMS = ['protocol', 'hardware', 'device', 'coordinator', 'client', 'cli']

const sources = ROOMS.flatMap(room =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map(path => join(room, path)),
)
  .filter(path => path.endsWith('.ts') && !path.startsWith('hardware/image/'))
  .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))

describe('the writing of cards', () => {
  it('is loaded by the command line alone, and only when a card is written', () => {
    const users = sources.filter(
      ({ text }) => /\bfrom\s+'[^']*\/image\//.test(text) || /import\('[^']*\/image\//.test(text),
    )
    expect(users.map(({ path }) => path)).toContain('cli/flash-card.ts')
    expect(users.filter(({ path }) => !path.startsWith('cli/'))).toEqual([])
    const atOnce = users.filter(({ text }) => /^import (?!type\b)[^']*?from '[^']*\/image\//m.test(text))
    expect(atOnce.map(({ path }) => path)).toEqual([])
  })
})

describe('docs/flashing.md', () => {
  it('shows a description that is accepted', () => {
    const text = readFileSync(join(root, 'docs/flashing.md'), 'utf8')
    const [, indented = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? []
    const yaml = indented.replaceAll(/^ {3}/gm, '').replace('hedgerow-claim:1:…', CLAIM)
    expect(readNodeDescription(yaml, 'node.yaml')).toMatchObject({
      hostname: 'garden',
      wifi: { ssid: 'My Network', country: 'DE' },
      user: { name: 'alice' },
      ssh: true,
    })
  })
})
