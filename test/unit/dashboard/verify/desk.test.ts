import { describe, expect, test } from 'vitest'
import type { LogSource } from '../../../../auditor/index.ts'
import type { RememberedCheckpoint } from '../../../../dashboard/verify/continuity.ts'
import { VerifyDesk } from '../../../../dashboard/verify/desk.ts'
import { formatVerifierKey, logKeyOf, portableSha256, portableVerifier } from '../../../../protocol/index.ts'
import { LogBuilder, partsOf, sourceOf, witnessOf } from '../../../support/log-builder.ts'
import { sampleLog } from '../../../support/sample-log.ts'

const ports = { hash: portableSha256, verifier: portableVerifier() }
const log = sampleLog(40)
const size = log.entries.length
const logKey = formatVerifierKey(logKeyOf(log.origin, log.signer.publicKey))
const card = async () => ({ region: 'test', regionId: log.regionId, logKey })
const parts = partsOf(log, [witnessOf('north')])
const deskOf = (source: LogSource = sourceOf(parts)) => new VerifyDesk(ports, source, card)
const beginning = (count: number): LogBuilder => {
  const short = new LogBuilder(false)
  short.entries.push(...log.entries.slice(0, count))
  return short
}

/** The checkpoint that a browser saw after so many entries. */
async function seenAt(count: number): Promise<RememberedCheckpoint> {
  const checked = await deskOf(sourceOf(partsOf(beginning(count)))).checkpoint(null, [])
  return { logKey, size: count, rootHex: checked?.rootHex ?? '', seenMs: 1 }
}

describe('a checkpoint', () => {
  test("is checked with the key of the region's card", async () => {
    const checked = await deskOf().checkpoint(null, [])
    expect(checked).toMatchObject({
      size,
      signature: { valid: true },
      idMatchesKey: true,
      continuity: { kind: 'first' },
    })
  })

  test('signed with another key is refused, and nothing is compared with it', async () => {
    const other = formatVerifierKey(logKeyOf(log.origin, log.signerOf('somebody').publicKey))
    const desk = new VerifyDesk(ports, sourceOf(parts), async () => ({ ...(await card()), logKey: other }))
    const checked = await desk.checkpoint({ ...(await seenAt(10)), logKey: other }, [])
    expect(checked).toMatchObject({ signature: { valid: false }, idMatchesKey: false, continuity: { kind: 'first' } })
  })

  test.each([1, 2, 255, 256, 257, size - 1])('begins as it was seen at %i entries', async count => {
    const checked = await deskOf().checkpoint(await seenAt(count), [])
    expect(checked?.continuity.kind).toBe('grown')
  })

  test('is the one that was seen', async () => {
    expect((await deskOf().checkpoint(await seenAt(size), []))?.continuity.kind).toBe('same')
  })

  test.each([1, 100, 256, size])('with another past than was seen at %i entries is a fork', async count => {
    const seen = { ...(await seenAt(count)), rootHex: 'ab'.repeat(32) }
    expect((await deskOf().checkpoint(seen, []))?.continuity.kind).toBe('forked')
  })

  test('of a shorter log, or of another key, is told apart', async () => {
    const seen = await seenAt(size)
    const short = deskOf(sourceOf(partsOf(beginning(100))))
    expect((await short.checkpoint(seen, []))?.continuity.kind).toBe('shrunk')
    expect((await deskOf().checkpoint({ ...seen, logKey: 'x' }, []))?.continuity.kind).toBe('other-key')
  })

  test('lists who cosigned it, and checks those whose key is known', async () => {
    const name = 'hedgerow/witness/north'
    const unknown = (await deskOf().checkpoint(null, ['no key']))?.cosignatures
    expect(unknown).toEqual([{ name, timeS: 1_800_000_000, verdict: 'unknown' }])
    const key = formatVerifierKey(witnessOf('north').key)
    const valid = (await deskOf().checkpoint(null, [` ${key} `]))?.cosignatures
    expect(valid).toEqual([{ name, timeS: 1_800_000_000, verdict: 'valid' }])
    const forged = parts.note.replace(/(north \S{30})(\S)/, (_, before, digit) => before + (digit === 'A' ? 'B' : 'A'))
    const source = { ...sourceOf(parts), checkpoint: async () => forged }
    expect((await deskOf(source).checkpoint(null, [key]))?.cosignatures[0]?.verdict).toBe('invalid')
  })

  test('is null while there is none', async () => {
    const desk = deskOf({ ...sourceOf(parts), checkpoint: async () => null })
    expect(await desk.checkpoint(null, [])).toBeNull()
    await expect(desk.inclusion(0)).rejects.toThrow('not been signed')
  })
})

describe('entries', () => {
  test('are read across bundles and cut to what there is', async () => {
    const { entries, size: signed } = await deskOf().entries(250, 262)
    expect(signed).toBe(size)
    expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, i) => 250 + i))
    expect(entries.map(({ entry }) => entry)).toEqual(log.entries.slice(250, 262))
    expect((await deskOf().entries(size - 2, size + 50)).entries.map(({ index }) => index)).toEqual([
      size - 2,
      size - 1,
    ])
  })

  test.each([0, 1, 255, 256, size - 1])('number %i is proved to be in the tree', async index => {
    const check = await deskOf().inclusion(index)
    expect(check).toMatchObject({ index, size, valid: true, reason: '' })
    expect(check.pathHex.length).toBeGreaterThan(3)
  })

  test('that are served other than they are in the tree are found out', async () => {
    const changed = beginning(size)
    changed.entries[7] = log.entries[6] as (typeof log.entries)[number]
    const source = { ...sourceOf(parts), entries: sourceOf(partsOf(changed)).entries }
    expect(await deskOf(source).inclusion(7)).toMatchObject({ valid: false })
    expect(await deskOf(source).inclusion(8)).toMatchObject({ valid: true })
  })
})

test('a replay that fails begins again at the beginning', async () => {
  let failures = 1
  const good = sourceOf(parts)
  const source = {
    ...good,
    entries: async (index: number, width: number) => {
      if (index === 1 && failures-- > 0) throw new Error('cut')
      return good.entries(index, width)
    },
  }
  const desk = deskOf(source)
  await expect(desk.replay(() => {})).rejects.toThrow('cut')
  const [books, again] = await Promise.all([desk.replay(() => {}), desk.replay(() => {})])
  expect(books).toMatchObject({ size, problemCount: 0 })
  expect(again).toEqual(books)
})
