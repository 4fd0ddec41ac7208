import { expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { OwnerDirectory } from '../../../../coordinator/intake/owner-directory.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import { seededRandom, toHex } from '../../../../protocol/index.ts'
import { NAMES } from '../../../support/rows.ts'

const { owner: GRETA, otherOwner: HANS } = NAMES

/** A directory with its store, and what a restart would find. */
function setUp() {
  const store = createMemoryStore()
  const random = seededRandom('owners')
  const open = () => new OwnerDirectory(store.owners(), random)
  const directory = open()
  const write = <Result>(work: (batch: Batch) => Result): Result => {
    const batch = new Batch()
    const result = work(batch)
    store.commit(batch.writes)
    return result
  }
  return { store, open, directory, write }
}

test('an owner is known by its token, before and after a restart, and only its hash is kept', () => {
  const { store, open, directory, write } = setUp()
  const [gretas, hanss] = [GRETA, HANS].map(name => write(batch => directory.give(name, 7.4, batch)))
  for (const known of [directory, open()]) {
    expect([gretas, hanss, '', `${gretas}x`].map(token => known.byToken(token ?? ''))).toEqual([
      GRETA,
      HANS,
      null,
      null,
    ])
    expect(known.all().map(({ name, createdAtMs }) => [name, createdAtMs])).toEqual([
      [GRETA, 7],
      [HANS, 7],
    ])
  }
  const stored = JSON.stringify(store.owners(), (_key, value) => (value instanceof Uint8Array ? toHex(value) : value))
  expect(stored).not.toContain(gretas)
})

test('a new token ends the one before, and a token that was taken away opens nothing', () => {
  const { open, directory, write } = setUp()
  const first = write(batch => directory.give(GRETA, 1, batch))
  const second = write(batch => directory.give(GRETA, 2, batch))
  expect([directory.byToken(first), directory.byToken(second), open().byToken(first)]).toEqual([null, GRETA, null])
  const row = directory.get(GRETA)
  if (!row) throw new Error('greta has a token')
  expect(row.createdAtMs).toBe(1)
  write(batch => directory.take(row, batch))
  for (const known of [directory, open()]) {
    expect([known.byToken(second), known.get(GRETA), known.all()]).toEqual([null, undefined, []])
  }
  const third = write(batch => directory.give(GRETA, 3, batch))
  expect([open().byToken(third), open().all().length]).toEqual([GRETA, 1])
})
