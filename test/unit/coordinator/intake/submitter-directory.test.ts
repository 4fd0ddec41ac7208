import { describe, expect, it } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { SubmitterDirectory } from '../../../../coordinator/intake/submitter-directory.ts'
import { seededRandom, submitterName, toHex } from '../../../../protocol/index.ts'
import { NAMES, submitterRow } from '../../../support/rows.ts'

const { submitter: ADA, otherSubmitter: BOB } = NAMES

function setUp() {
  const directory = new SubmitterDirectory([], seededRandom('tokens'))
  const batch = new Batch()
  const token = directory.add(ADA, 77, batch) as string
  return { directory, batch, token }
}

describe('the directory of submitters', () => {
  it('gives a new submitter a token once, and keeps only its hash', () => {
    const { directory, batch, token } = setUp()
    expect(token.length).toBeGreaterThanOrEqual(32)
    expect(batch.writes).toMatchObject([{ table: 'submitter', row: { name: ADA, createdAtMs: 77 } }])
    const stored = JSON.stringify(batch.writes, (_key, value) => (value instanceof Uint8Array ? toHex(value) : value))
    expect(stored).not.toContain(token)
    expect(directory.get(ADA)?.createdAtMs).toBe(77)
  })

  it('adds nobody twice', () => {
    const { directory, batch, token } = setUp()
    expect(directory.add(ADA, 99, batch)).toBeNull()
    expect(batch.writes).toHaveLength(1)
    expect(directory.authenticate(ADA, token)).toBe(true)
  })

  it('knows a submitter by its own token and by no other', () => {
    const { directory, batch, token } = setUp()
    const bobs = directory.add(BOB, 78, batch) as string
    expect(bobs).not.toBe(token)
    const carol = submitterName('carol')
    const tries = [ADA, BOB, carol].map(name =>
      [token, bobs, '', `${token} `].map(text => directory.authenticate(name, text)),
    )
    expect(tries).toEqual([
      [true, false, false, false],
      [false, true, false, false],
      [false, false, false, false],
    ])
    expect([token, bobs, '', 'other'].map(text => directory.byToken(text))).toEqual([ADA, BOB, null, null])
  })

  it('knows who was there before the start', () => {
    const { batch, token } = setUp()
    const rows = batch.writes.flatMap(write => (write.table === 'submitter' ? [write.row] : []))
    const directory = new SubmitterDirectory([...rows, { ...submitterRow(), name: BOB }], seededRandom('x'))
    expect(directory.authenticate(ADA, token)).toBe(true)
    expect([...directory.all()].map(({ name }) => name)).toEqual([ADA, BOB])
  })
})
