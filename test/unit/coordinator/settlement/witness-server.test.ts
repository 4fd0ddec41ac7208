import { beforeEach, describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Log, LogReader, openCard, Peers } from '../../../../coordinator/settlement/index.ts'
import { originHash } from '../../../../coordinator/settlement/peers.ts'
import { signCard } from '../../../../coordinator/settlement/region-card.ts'
import { createWitnessServer, type WitnessServer } from '../../../../coordinator/settlement/witness-server.ts'
import { createMemoryStore, type MemoryStore } from '../../../../coordinator/store/index.ts'
import {
  addSignatureLines,
  deviceId,
  emptyRoot,
  formatAddCheckpoint,
  logOrigin,
  openCheckpoint,
  portableSigner,
  regionIdOf,
  regionName,
  signCheckpoint,
  type TreeHead,
  verifyCosignature,
  witnessKeyOf,
  witnessName,
} from '../../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../../protocol/node/index.ts'

const verifier = nodeVerifier()
const logSigner = portableSigner(new Uint8Array(32).fill(1))
const witnessSigner = portableSigner(new Uint8Array(32).fill(2))
const peerWitness = portableSigner(new Uint8Array(32).fill(3))
const regionId = regionIdOf(logSigner.publicKey)
const origin = logOrigin(regionId)
const peerKey = witnessKeyOf(witnessName(regionId), peerWitness.publicKey)
const ownKey = witnessKeyOf('hedgerow/witness/own', witnessSigner.publicKey)
const card = openCard(signCard(regionName('hill'), logSigner, peerKey, 'http://hill'), verifier)

/** A log of somebody else: what it would ask. */
function foreignLog(text: string) {
  const store = createMemoryStore()
  const log = new Log(store, nodeSha256)
  const batch = new Batch()
  const entries = Array.from({ length: 600 }, (_, i) => ({
    type: 'standing' as const,
    atMs: i,
    device: deviceId('a'.repeat(26)),
    standing: 'joined' as const,
    reason: i < 100 ? '' : text,
  }))
  log.append(entries, batch)
  store.commit(batch.writes)
  const reader = new LogReader(log, store, nodeSha256)
  const head = (size: number): TreeHead => ({ size, root: reader.rootAt(size) })
  const note = (size: number) => signCheckpoint(head(size), origin, logSigner)
  const ask = (oldSize: number, size: number) => {
    const path = oldSize === 0 || oldSize >= size ? [] : reader.consistency(oldSize, size)
    return formatAddCheckpoint({ oldSize, path, note: note(size) })
  }
  return { head, note, ask, reader }
}

const log = foreignLog('this')
/** The same up to entry 100. */
const other = foreignLog('that')

let store: MemoryStore
let peers: Peers
let witness: WitnessServer
let waiting: (() => void)[]
let warnings: string[]
/** While true, commits wait for {@link commit}. */
let isHeld: boolean
let batch: Batch

function commit(): void {
  const writing = batch
  batch = new Batch()
  store.commit(writing.writes)
  for (const resolve of waiting.splice(0)) resolve()
}

function open(): void {
  peers = new Peers(store, nodeSha256)
  const region = {
    step: <Result>(work: (now: { wallMs: number; monotonicMs: number }, batch: Batch) => Result) =>
      work({ wallMs: 1_700_000_000_999, monotonicMs: 0 }, batch),
    committed: () =>
      new Promise<void>(resolve => {
        waiting.push(resolve)
        if (!isHeld) setImmediate(commit)
      }),
  }
  const components = { region, peers, signer: witnessSigner, verifier, hash: nodeSha256 }
  witness = createWitnessServer({ ...components, warn: event => warnings.push(event) }, ownKey.name)
}

beforeEach(() => {
  store = createMemoryStore()
  waiting = []
  warnings = []
  isHeld = false
  batch = new Batch()
  open()
  peers.add(card, 'http://hill', 5, batch)
  commit()
})

const ask = async (body: string) => {
  const { status, body: text } = await witness.addCheckpoint(body)
  return [status, text] as const
}

describe('a witness', () => {
  test('cosigns what goes on from what it saw, and shows it to monitors', async () => {
    expect(witness.checkpointOf(originHash(nodeSha256, origin))).toBeNull()
    for (const [from, to] of [
      [0, 3],
      [3, 3],
      [3, 256],
      [256, 600],
    ] as const) {
      const answer = await witness.addCheckpoint(log.ask(from, to))
      expect(answer).toMatchObject({ status: 200, mediaType: 'text/plain; charset=utf-8' })
      const cosigned = addSignatureLines(log.note(to), answer.body)
      expect(verifyCosignature(cosigned, ownKey, verifier)).toBe(1_700_000_000)
      expect(witness.checkpointOf(originHash(nodeSha256, origin))).toBe(cosigned)
      expect(openCheckpoint(cosigned, card.logKey, verifier).size).toBe(to)
    }
    expect(witness.checkpointOf('0'.repeat(64))).toBeNull()
    expect(store.peers()[0]).toMatchObject({ size: 600, root: log.head(600).root })
  })

  test('cosigns an empty log, with the only root that it can have', async () => {
    const empty = (root: Uint8Array) =>
      formatAddCheckpoint({ oldSize: 0, path: [], note: signCheckpoint({ size: 0, root }, origin, logSigner) })
    expect((await ask(empty(new Uint8Array(32))))[0]).toBe(422)
    expect((await ask(empty(emptyRoot(nodeSha256))))[0]).toBe(200)
  })

  test('tells the size it saw when the old one is stale', async () => {
    await ask(log.ask(0, 100))
    expect(await witness.addCheckpoint(log.ask(0, 200))).toEqual({
      status: 409,
      mediaType: 'text/x.tlog.size',
      body: '100\n',
    })
    expect((await ask(log.ask(50, 200)))[0]).toBe(409)
    expect((await ask(log.ask(150, 200)))[0]).toBe(409)
    expect((await ask(log.ask(100, 200)))[0]).toBe(200)
    // Nor back to what it cosigned before.
    expect(await ask(log.ask(0, 100))).toEqual([409, '200\n'])
  })

  test('[LOG-8.7] refuses a second root for one size, and keeps the proof', async () => {
    const [, line] = await ask(log.ask(0, 200))
    expect(await ask(other.ask(200, 200))).toEqual([422, expect.stringContaining('different roots')])
    expect(warnings).toEqual(['witness_refused'])
    const conflict = { cosigned: addSignatureLines(log.note(200), line), other: other.note(200) }
    expect(peers.conflict(origin)).toEqual(conflict)
    // The log may go on; the proof stays.
    expect((await ask(log.ask(200, 300)))[0]).toBe(200)
    expect((await ask(other.ask(300, 300)))[0]).toBe(422)
    open()
    expect(peers.conflict(origin)).toEqual(conflict)
  })

  test('[LOG-8.7] refuses a history that does not hold what it saw', async () => {
    await ask(log.ask(0, 200))
    expect((await ask(other.ask(200, 300)))[0]).toBe(422)
    expect((await ask(other.ask(200, 600)))[0]).toBe(422)
    expect(peers.get(origin)?.row).toMatchObject(log.head(200))
    // Up to here they are the same log.
    expect((await ask(formatAddCheckpoint({ oldSize: 200, path: [], note: log.note(300) })))[0]).toBe(422)
    const tooMuch = [...log.reader.consistency(200, 300), new Uint8Array(32)]
    expect((await ask(formatAddCheckpoint({ oldSize: 200, path: tooMuch, note: log.note(300) })))[0]).toBe(422)
    expect((await ask(formatAddCheckpoint({ oldSize: 200, path: [new Uint8Array(32)], note: log.note(200) })))[0]).toBe(
      422,
    )
    expect(peers.conflict(origin)).toBeNull()
  })

  test('refuses a proof from nothing', async () => {
    expect((await ask(formatAddCheckpoint({ oldSize: 0, path: [new Uint8Array(32)], note: log.note(3) })))[0]).toBe(422)
  })

  test.each([
    ['nothing', ''],
    ['no size', `old x\n\n${log.note(3)}`],
    ['a size with a zero before it', `old 03\n\n${log.note(3)}`],
    ['no note', 'old 0\n\nhello\n'],
    ['a note that is no checkpoint', 'old 0\n\nhello\n\n— x AAAAAAAA\n'],
    ['a hash that is none', `old 0\nAAAA\n\n${log.note(3)}`],
    ['an old size above the new one', log.ask(5, 3)],
    ['64 hashes', formatAddCheckpoint({ oldSize: 0, path: Array(64).fill(new Uint8Array(32)), note: log.note(3) })],
  ])('answers 400 to %s', async (_, body) => {
    expect((await ask(body))[0]).toBe(400)
    expect(peers.get(origin)?.row.size).toBe(0)
  })

  test('answers 403 to a checkpoint that its log has not signed', async () => {
    const forged = signCheckpoint(log.head(3), origin, witnessSigner)
    expect((await ask(formatAddCheckpoint({ oldSize: 0, path: [], note: forged })))[0]).toBe(403)
    const damaged = log.note(3).replace(/\n3\n/, '\n4\n')
    expect((await ask(formatAddCheckpoint({ oldSize: 0, path: [], note: damaged })))[0]).toBe(403)
    expect(peers.get(origin)?.row.size).toBe(0)
  })

  test('answers 404 to a log that it does not watch', async () => {
    const note = signCheckpoint(log.head(3), 'example.com/log', logSigner)
    expect((await ask(formatAddCheckpoint({ oldSize: 0, path: [], note })))[0]).toBe(404)
    peers.remove(origin, batch)
    expect((await ask(log.ask(0, 3)))[0]).toBe(404)
  })

  test('[LOG-8.7] has what it cosigns on disk before it answers', async () => {
    isHeld = true
    let answered = false
    const answer = witness.addCheckpoint(log.ask(0, 3)).then(() => {
      answered = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect([answered, store.peers()[0]?.size]).toEqual([false, 0])
    commit()
    await answer
    expect(store.peers()[0]?.size).toBe(3)
  })

  test('[LOG-8.7] cosigns one of two histories that come at once', async () => {
    await ask(log.ask(0, 100))
    const answers = await Promise.all([
      ask(log.ask(100, 200)),
      ask(other.ask(100, 300)),
      ask(log.ask(100, 300)),
      ask(other.ask(100, 200)),
    ])
    expect(answers.map(([status]) => status)).toEqual([200, 409, 409, 409])
    expect(store.peers()[0]).toMatchObject(log.head(200))
  })

  test('[LOG-8.7] remembers what it saw over a restart, and when the peer was removed meanwhile', async () => {
    await ask(log.ask(0, 200))
    open()
    expect((await ask(other.ask(200, 300)))[0]).toBe(422)
    peers.remove(origin, batch)
    commit()
    expect(store.peers()).toEqual([])
    open()
    peers.add(card, 'http://elsewhere', 9, batch)
    commit()
    expect(store.peers()[0]).toMatchObject({ url: 'http://elsewhere', ...log.head(200) })
    expect(await ask(other.ask(0, 300))).toEqual([409, '200\n'])
    expect((await ask(other.ask(200, 200)))[0]).toBe(422)
    expect((await ask(log.ask(200, 300)))[0]).toBe(200)
  })
})
