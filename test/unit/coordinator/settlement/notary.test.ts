import { describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { type Checkpoint, checkSigned, type Signed } from '../../../../coordinator/settlement/check-signed.ts'
import { Log, LogReader } from '../../../../coordinator/settlement/index.ts'
import { Notary } from '../../../../coordinator/settlement/notary.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import {
  ConfigError,
  deviceId,
  logKeyOf,
  openCheckpoint,
  portableSigner,
  type TreeHead,
} from '../../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../../protocol/node/index.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

const ORIGIN = 'hedgerow/log/test'
const signer = portableSigner(new Uint8Array(32).fill(1))
const key = logKeyOf(ORIGIN, signer.publicKey)
const verifier = nodeVerifier()
const DEVICE = deviceId('a'.repeat(26))

interface BenchOptions {
  store?: ReturnType<typeof createMemoryStore>
  signed?: Signed
  commitFails?: () => boolean
  guardFails?: () => boolean
}

/** A notary whose every step is written down. */
function bench({ store = createMemoryStore(), signed, commitFails, guardFails }: BenchOptions = {}) {
  const clock = new VirtualClock()
  const log = new Log(store, nodeSha256)
  const steps: string[] = []
  const shown: Checkpoint[] = []
  const fatal: unknown[] = []
  let guarded: TreeHead | null = null
  let batch = new Batch()
  const commit = () => {
    const writing = batch
    batch = new Batch()
    log.append(writing.entries, writing)
    if (commitFails?.()) return false
    store.commit(writing.writes)
    for (const { table } of writing.writes) steps.push(`commit ${table}`)
    return true
  }
  const region = {
    step: <Result>(work: (now: { wallMs: number; monotonicMs: number }, batch: Batch) => Result) =>
      work({ wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() }, batch),
    committed: () =>
      new Promise<void>(resolve => {
        setImmediate(() => {
          if (commit()) resolve()
        })
      }),
  }
  const guard = {
    write: async (head: TreeHead) => {
      if (guardFails?.()) throw new ConfigError({ code: 'no_space', path: 'x' }, 'There is no space left.')
      await settle()
      guarded = head
      steps.push(`guard ${head.size}`)
    },
  }
  const onSigned = (checkpoint: Checkpoint) => {
    steps.push(`show ${checkpoint.size}`)
    shown.push(checkpoint)
  }
  const say = (count: number) => {
    for (let i = 0; i < count; i++) {
      batch.record({ type: 'standing', atMs: i, device: DEVICE, standing: 'joined', reason: '' })
    }
  }
  const notary = new Notary(
    { region, log, guard, signer, clock, onSigned, onFatal: error => fatal.push(error) },
    { origin: ORIGIN, checkpointMs: 10_000 },
    signed ?? { floor: null, checkpoint: null },
  )
  const tick = async () => {
    notary.tick()
    for (let i = 0; i < 6; i++) await settle()
  }
  return { clock, log, store, steps, shown, fatal, say, tick, notary, commit, guarded: () => guarded }
}

describe('the notary', () => {
  test('[LOG-8.1] commits the entries, then keeps the head, then commits the checkpoint, then shows it', async () => {
    const { steps, shown, say, commit, tick, log } = bench()
    say(1)
    commit()
    say(2)
    await tick()
    expect(steps).toEqual(['commit entry', 'commit entry', 'commit entry', 'guard 3', 'commit checkpoint', 'show 3'])
    expect(openCheckpoint(shown[0]?.note ?? '', key, verifier)).toEqual({ origin: ORIGIN, ...log.head() })
  })

  test('signs when the interval has passed and there is something new', async () => {
    const { shown, say, commit, tick, clock } = bench()
    await tick()
    expect(shown).toEqual([])
    say(1)
    commit()
    await tick()
    await tick()
    say(1)
    commit()
    await clock.advance(9_999)
    await tick()
    expect(shown.map(({ size }) => size)).toEqual([1])
    await clock.advance(1)
    await tick()
    expect(shown.map(({ size }) => size)).toEqual([1, 2])
    await clock.advance(60_000)
    await tick()
    expect(shown.map(({ size }) => size)).toEqual([1, 2])
  })

  test('signs a thousand entries earlier, but not ten times as often', async () => {
    const { shown, say, commit, tick, clock } = bench()
    say(1)
    commit()
    await tick()
    say(999)
    commit()
    await clock.advance(5_000)
    await tick()
    expect(shown.map(({ size }) => size)).toEqual([1])
    say(1)
    commit()
    await tick()
    expect(shown.map(({ size }) => size)).toEqual([1, 1_001])
    say(5_000)
    commit()
    await clock.advance(999)
    await tick()
    expect(shown).toHaveLength(2)
    await clock.advance(1)
    await tick()
    expect(shown.map(({ size }) => size)).toEqual([1, 1_001, 6_001])
  })

  test('[LOG-8.1] signs nothing after a commit that failed, since memory is ahead of the disk then', async () => {
    let fails = false
    const { shown, say, commit, tick, clock, guarded } = bench({ commitFails: () => fails })
    say(1)
    commit()
    fails = true
    say(1)
    await tick()
    await clock.advance(60_000)
    await tick()
    expect([shown, guarded()]).toEqual([[], null])
  })

  test('[LOG-8.1] signs nothing when the head cannot be kept, and never again', async () => {
    let fails = true
    const { shown, store, say, commit, tick, clock, fatal } = bench({ guardFails: () => fails })
    say(1)
    commit()
    await tick()
    fails = false
    await clock.advance(60_000)
    await tick()
    expect([shown, store.checkpoint()]).toEqual([[], null])
    expect((fatal[0] as ConfigError).code).toBe('no_space')
  })

  test('signs a state that was kept before the power went, and only with the same root', async () => {
    const first = bench()
    first.say(4)
    first.commit()
    const floor = first.log.head()
    // The head was kept and the checkpoint was not.
    const again = bench({ store: first.store, signed: { floor, checkpoint: null } })
    await again.tick()
    expect(again.shown.map(({ size, root }) => ({ size, root }))).toEqual([floor])
    const other = bench({
      store: first.store,
      signed: { floor: { size: 4, root: new Uint8Array(32) }, checkpoint: null },
    })
    await other.tick()
    expect(String(other.fatal[0])).toContain('no two roots are signed for one size')
    const larger = bench({ store: first.store, signed: { floor: { ...floor, size: 5 }, checkpoint: null } })
    await larger.tick()
    expect(String(larger.fatal[0])).toContain('never of fewer entries')
    expect([...other.shown, ...larger.shown]).toEqual([])
  })

  test('signs nothing any more once it is closed', async () => {
    const { shown, say, commit, tick, notary } = bench()
    say(1)
    commit()
    notary.close()
    await tick()
    expect(shown).toEqual([])
  })
})

describe('the end of a run', () => {
  test('is signed whole, once', async () => {
    const { say, commit, tick, notary, store, shown, steps } = bench()
    say(1)
    commit()
    await tick()
    say(2)
    await notary.seal()
    expect(store.checkpoint()?.size).toBe(3)
    expect(steps.slice(-4)).toEqual(['commit entry', 'commit entry', 'guard 3', 'commit checkpoint'])
    // Nobody is served any more.
    expect(shown).toHaveLength(1)
    say(1)
    commit()
    await notary.seal()
    await tick()
    expect(store.checkpoint()?.size).toBe(3)
  })

  test('waits for the signature at hand, and signs nothing twice', async () => {
    const { say, commit, notary, store, steps } = bench()
    say(1)
    commit()
    notary.tick()
    await notary.seal()
    expect(store.checkpoint()?.size).toBe(1)
    expect(steps.filter(step => step.startsWith('guard'))).toEqual(['guard 1'])
  })
})

describe('what was signed before', () => {
  /** A log of five entries of which three are signed. */
  async function signed() {
    const made = bench()
    made.say(3)
    made.commit()
    await made.tick()
    made.say(2)
    made.commit()
    const { store, log } = made
    const reader = new LogReader(log, store, nodeSha256)
    const check = (head: TreeHead | null, checkpoint = store.checkpoint()) => {
      const guard = { path: 'folder/log-head.json', read: () => head, write: async () => {} }
      return checkSigned({ reader, guard, verifier, store: { checkpoint: () => checkpoint } }, key)
    }
    return { check, root: (size: number) => reader.rootAt(size), store }
  }

  test('is nothing at first', () => {
    const { log, store } = bench()
    const reader = new LogReader(log, store, nodeSha256)
    const guard = { path: '', read: () => null, write: async () => {} }
    expect(checkSigned({ reader, guard, verifier, store }, key)).toEqual({ floor: null, checkpoint: null })
  })

  test('is the larger of what the file and the database say', async () => {
    const { check, root } = await signed()
    const three = { size: 3, root: root(3) }
    expect(check(three).checkpoint).toMatchObject(three)
    expect(check(three).floor).toMatchObject(three)
    // The power went after the file was written and before the checkpoint was.
    const four = { size: 4, root: root(4) }
    expect(check(four)).toMatchObject({ floor: four, checkpoint: three })
    expect(check(four, null)).toEqual({ floor: four, checkpoint: null })
    // Only the file is of an older day.
    expect(check({ size: 2, root: root(2) }).floor).toMatchObject(three)
  })

  test.each([
    ['a larger log', { size: 6, root: new Uint8Array(32) }, 'a log of 6 entries, and the database holds 5'],
    ['another log', { size: 4, root: new Uint8Array(32) }, 'other first 4 entries than the database holds'],
    ['a log, and the file is gone', null, 'is missing, so nobody can tell'],
  ])('[LOG-8.2] is refused when it is %s', async (_, head, sentence) => {
    const { check } = await signed()
    expect(() => check(head)).toThrow(sentence)
    expect(() => check(head)).toThrow(ConfigError)
  })

  test('is refused when the checkpoint is of another key', async () => {
    const { check, store, root } = await signed()
    const row = store.checkpoint()
    if (row === null) throw new Error('There is a checkpoint.')
    const head = { size: 3, root: root(3) }
    expect(() => check(head, { ...row, note: row.note.replace('log/test', 'log/else') })).toThrow('region.key')
  })
})
