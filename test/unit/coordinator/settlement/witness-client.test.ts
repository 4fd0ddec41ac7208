import { beforeEach, describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import type { Checkpoint } from '../../../../coordinator/settlement/check-signed.ts'
import { CheckpointBoard } from '../../../../coordinator/settlement/checkpoint-board.ts'
import { Log, LogReader, openCard, Peers } from '../../../../coordinator/settlement/index.ts'
import type { PeerHttp, PeerReply } from '../../../../coordinator/settlement/peer-http.ts'
import { signCard } from '../../../../coordinator/settlement/region-card.ts'
import { WitnessClient } from '../../../../coordinator/settlement/witness-client.ts'
import { createMemoryStore } from '../../../../coordinator/store/index.ts'
import {
  ConfigError,
  cosign,
  deviceId,
  logKeyOf,
  logOrigin,
  openCheckpoint,
  parseAddCheckpoint,
  parseNote,
  portableSigner,
  type Random,
  regionIdOf,
  regionName,
  type Signer,
  signCheckpoint,
  TransportError,
  verifyConsistency,
  verifyCosignature,
  witnessKeyOf,
  witnessName,
} from '../../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../../protocol/node/index.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

const verifier = nodeVerifier()
const signer = portableSigner(new Uint8Array(32).fill(1))
const regionId = regionIdOf(signer.publicKey)
const logKey = logKeyOf(logOrigin(regionId), signer.publicKey)
const UNKNOWN: PeerReply = {
  status: 404,
  mediaType: 'text/plain',
  body: 'The log with this origin is not watched here.\n',
}

/** A witness that behaves as the test says. */
function witnessNumbered(n: number) {
  const peerSigner = portableSigner(new Uint8Array(32).fill(10 + n))
  const witnessSigner = portableSigner(new Uint8Array(32).fill(100 + n))
  const id = regionIdOf(peerSigner.publicKey)
  const name = witnessName(id)
  const key = witnessKeyOf(name, witnessSigner.publicKey)
  const url = `http://hill-${n}`
  const card = openCard(signCard(regionName(`hill-${n}`), peerSigner, key, url), verifier)
  return { name, key, url, card, witnessSigner, origin: card.origin, seen: 0 }
}
type Witness = ReturnType<typeof witnessNumbered>

const text = (status: number, body: string, mediaType = 'text/plain'): PeerReply => ({ status, mediaType, body })
const cosignedBy = ({ name, witnessSigner }: Witness, note: string, by: Signer = witnessSigner) =>
  text(200, cosign(parseNote(note).body, 1_700_000_000, { name, signer: by }))

/** Cosigns what goes on from what it saw. */
function honest(witness: Witness): (body: string) => PeerReply {
  return body => {
    const { oldSize, note } = parseAddCheckpoint(body)
    if (oldSize !== witness.seen) return text(409, `${witness.seen}\n`, 'text/x.tlog.size')
    witness.seen = openCheckpoint(note, logKey, verifier).size
    return cosignedBy(witness, note)
  }
}

let clock: VirtualClock
let luck: number
let reader: LogReader
let log: Log
let peers: Peers
let client: WitnessClient
let cosigned: [size: number, line: string][]
let forked: unknown[]
let asked: [url: string, oldSize: number, size: number][]
let answers: Map<string, (body: string) => PeerReply | Promise<PeerReply>>
let shows: Map<string, () => PeerReply>

beforeEach(() => {
  clock = new VirtualClock()
  luck = 0
  const store = createMemoryStore()
  log = new Log(store, nodeSha256)
  const batch = new Batch()
  const entries = Array.from({ length: 500 }, (_, i) => ({
    type: 'standing' as const,
    atMs: i,
    device: deviceId('a'.repeat(26)),
    standing: 'joined' as const,
    reason: '',
  }))
  log.append(entries, batch)
  store.commit(batch.writes)
  reader = new LogReader(log, store, nodeSha256)
  peers = new Peers(store, nodeSha256)
  cosigned = []
  forked = []
  asked = []
  answers = new Map()
  shows = new Map()
  const http: PeerHttp = {
    get: async url => {
      const show = [...shows].find(([base]) => url.startsWith(`${base}/witness/`))?.[1]
      return show?.() ?? UNKNOWN
    },
    post: async (url, body) => {
      const base = url.replace('/witness/add-checkpoint', '')
      const { oldSize, note, path } = parseAddCheckpoint(body)
      const head = openCheckpoint(note, logKey, verifier)
      asked.push([base, oldSize, head.size])
      if (oldSize > 0) {
        verifyConsistency(nodeSha256, { first: { size: oldSize, root: reader.rootAt(oldSize) }, second: head, path })
      }
      const answer = answers.get(base)
      if (!answer) throw new TransportError({ code: 'unreachable', address: base }, `${base} cannot be reached.`)
      return answer(body)
    },
    close: () => {},
  }
  const random: Random = { bytes: count => new Uint8Array(count), uniform: () => luck }
  client = new WitnessClient(
    {
      http,
      reader,
      hash: nodeSha256,
      verifier,
      peers,
      clock,
      random,
      onCosigned: (size, line) => void cosigned.push([size, line]),
      onForked: error => void forked.push(error),
    },
    { logKey, path: 'folder/log-head.json' },
  )
})

function add(n: number, answer?: (witness: Witness) => (body: string) => PeerReply | Promise<PeerReply>): Witness {
  const witness = witnessNumbered(n)
  peers.add(witness.card, witness.url, 0, new Batch())
  if (answer) answers.set(witness.url, answer(witness))
  return witness
}

const checkpoint = (size: number): Checkpoint => {
  const head = { size, root: reader.rootAt(size) }
  return { ...head, note: signCheckpoint(head, logKey.name, signer) }
}

const problemOf = ({ origin }: Witness) => client.state(origin).problem

describe('asking for cosignatures', () => {
  test('brings one of each witness, checked', async () => {
    const witnesses = [add(1, honest), add(2, honest)]
    for (const size of [3, 256, 500]) {
      await client.offer(checkpoint(size))
      for (const { key } of witnesses) {
        const note = `${checkpoint(size).note}${cosigned
          .filter(([at]) => at === size)
          .map(([, line]) => line)
          .join('')}`
        expect(verifyCosignature(note, key, verifier)).toBe(1_700_000_000)
      }
    }
    expect(client.state(witnesses[0]?.origin ?? '')).toMatchObject({
      cosigned: { size: 500, atS: 1_700_000_000 },
      problem: '',
    })
    expect(asked.map(([, from, to]) => [from, to]).slice(-2)).toEqual([
      [256, 500],
      [256, 500],
    ])
  })

  test('begins where the witness says that it is', async () => {
    const hill = add(1, honest)
    hill.seen = 200
    await client.offer(checkpoint(300))
    expect(asked).toEqual([
      [hill.url, 0, 300],
      [hill.url, 200, 300],
    ])
    expect(cosigned).toHaveLength(1)
    // The answer was lost: it has cosigned, and does so again.
    hill.seen = 400
    await client.offer(checkpoint(400))
    expect(asked.slice(2)).toEqual([
      [hill.url, 300, 400],
      [hill.url, 400, 400],
    ])
    expect(cosigned).toHaveLength(2)
  })

  test('takes only the cosignature of the key that was agreed on', async () => {
    const stranger = portableSigner(new Uint8Array(32).fill(9))
    const both = add(1, witness => body => {
      const { note } = parseAddCheckpoint(body)
      return text(200, cosignedBy(witness, note, stranger).body + cosignedBy(witness, note).body)
    })
    const wrong = add(2, witness => body => cosignedBy(witness, parseAddCheckpoint(body).note, stranger))
    const damaged = add(3, witness => body => {
      const other = parseAddCheckpoint(body).note.replace('\n3\n', '\n4\n')
      return cosignedBy(witness, other)
    })
    const empty = add(4, () => () => text(200, ''))
    const page = add(5, () => () => text(200, '<html>'))
    await client.offer(checkpoint(3))
    expect(cosigned.map(([, line]) => line.split('\n').length)).toEqual([2])
    expect(problemOf(both)).toBe('')
    for (const witness of [wrong, damaged]) expect(problemOf(witness)).toContain('not of its witness key')
    for (const witness of [empty, page]) expect(problemOf(witness)).not.toBe('')
  })

  test('waits for nobody who is slow, and asks him for the newest when he is back', async () => {
    const { promise, resolve } = Promise.withResolvers<PeerReply>()
    const slow = add(1, () => () => promise)
    add(2, honest)
    void client.offer(checkpoint(3))
    await settle()
    void client.offer(checkpoint(4))
    await settle()
    void client.offer(checkpoint(5))
    await settle()
    expect(cosigned.map(([size]) => size)).toEqual([3, 4, 5])
    expect(asked.filter(([url]) => url === slow.url)).toHaveLength(1)
    answers.set(slow.url, honest(slow))
    slow.seen = 3
    resolve(cosignedBy(slow, checkpoint(3).note))
    await settle()
    expect(asked.filter(([url]) => url === slow.url).map(([, from, to]) => [from, to])).toEqual([
      [0, 3],
      [3, 5],
    ])
  })

  test('rests after a failure, longer each time, and not in step with others', async () => {
    const dead = add(1)
    await client.offer(checkpoint(3))
    expect(problemOf(dead)).toBe(`${dead.url} cannot be reached.`)
    await client.offer(checkpoint(4))
    expect(asked).toHaveLength(1)
    await clock.advance(999)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    expect(asked).toHaveLength(2)
    luck = 0.5
    await clock.advance(2_000)
    expect(asked).toHaveLength(3)
    // Of four seconds a quarter is left to chance.
    await clock.advance(2_999)
    expect(asked).toHaveLength(3)
    await clock.advance(1)
    expect(asked).toHaveLength(4)
    luck = 0
    for (let i = 0; i < 10; i++) await clock.advance(300_000)
    const before = asked.length
    await clock.advance(3_000_000)
    expect(asked.length - before).toBe(10)
    answers.set(dead.url, honest(dead))
    await clock.advance(300_000)
    expect([cosigned.map(([size]) => size), problemOf(dead)]).toEqual([[4], ''])
  })

  test.each<[string, (witness: Witness) => (body: string) => PeerReply, string]>([
    ['does not watch this log', () => () => UNKNOWN, 'its operator has to add this region'],
    ['has a bad day', () => () => text(500, ''), 'the status is 500'],
    ['tells a size that is none', () => () => text(409, 'many\n', 'text/x.tlog.size'), 'a size is not a whole number'],
    ['tells a size in HTML', () => () => text(409, '5\n', 'text/html'), 'its answer is no size'],
    [
      'cannot make up its mind',
      witness => () => text(409, `${++witness.seen}\n`, 'text/x.tlog.size'),
      'it tells another size each time',
    ],
    [
      'claims to have seen more, and shows nothing',
      () => () => text(409, '900\n', 'text/x.tlog.size'),
      'all that it can show',
    ],
    ['refuses a good proof, and shows nothing', () => () => text(422, 'no\n'), 'all that it can show'],
    ['says the old size once more', () => () => text(409, '0\n', 'text/x.tlog.size'), 'all that it can show'],
  ])('stops nobody when a witness %s', async (_, answer, sentence) => {
    const hill = add(1, answer)
    await client.offer(checkpoint(300))
    expect(problemOf(hill)).toContain(sentence)
    expect([cosigned, forked]).toEqual([[], []])
    answers.set(hill.url, honest(hill))
    hill.seen = 0
    await clock.advance(1_000)
    expect(cosigned).toHaveLength(1)
  })

  test('forgets a witness that is removed, and asks one that is added at once', async () => {
    const hill = add(1)
    await client.offer(checkpoint(3))
    peers.remove(hill.origin, new Batch())
    client.forget(hill.origin)
    await clock.advance(600_000)
    expect([asked.length, clock.timers]).toEqual([1, 0])
    add(2, honest)
    client.greet(witnessNumbered(2).origin)
    await settle()
    expect(cosigned.map(([size]) => size)).toEqual([3])
  })

  test('ends when it is closed', async () => {
    add(1)
    await client.offer(checkpoint(3))
    client.close()
    expect(clock.timers).toBe(0)
    await client.offer(checkpoint(4))
    expect(asked).toHaveLength(1)
  })
})

describe('[LOG-8.3] a witness that can show another history', () => {
  const claims = (size: number) => () => () => text(409, `${size}\n`, 'text/x.tlog.size')
  const other = (size: number, by = signer) => signCheckpoint({ size, root: new Uint8Array(32) }, logKey.name, by)

  test.each<[string, () => (body: string) => PeerReply, number]>([
    ['more entries than there are', claims(501), 501],
    ['other entries, and refuses these', () => () => text(422, 'no\n'), 200],
    ['other entries, and tells another size', claims(400), 200],
  ])('with %s ends the region', async (_, answer, size) => {
    const hill = add(1, answer)
    shows.set(hill.url, () => text(200, other(size)))
    await client.offer(checkpoint(300))
    expect(forked).toHaveLength(1)
    expect(forked[0]).toBeInstanceOf(ConfigError)
    expect((forked[0] as ConfigError).message).toContain(`the witness at ${hill.url} can show`)
  })

  test.each<[string, string]>([
    ['nothing that this region signed', other(501, portableSigner(new Uint8Array(32).fill(77)))],
    ['a page', '<html></html>'],
    ['a checkpoint whose signature is damaged', other(501).replace('\n501\n', '\n502\n')],
  ])('with %s does not', async (_, note) => {
    const hill = add(1, claims(501))
    shows.set(hill.url, () => text(200, note))
    await client.offer(checkpoint(300))
    expect(forked).toEqual([])
    expect(problemOf(hill)).toContain('what it shows was not signed by this region')
  })
})

describe('the checkpoint that is shown', () => {
  test('waits for the witnesses that answer soon, and a second for the others', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const shown: number[] = []
    const writes: unknown[] = []
    const region = {
      step: <Result>(work: (now: { wallMs: number; monotonicMs: number }, batch: Batch) => Result) => {
        const batch = new Batch()
        const result = work({ wallMs: 5, monotonicMs: 0 }, batch)
        writes.push(...batch.writes)
        return result
      },
    }
    let offered: Promise<void> = Promise.resolve()
    const board = new CheckpointBoard(
      { region, clock, offer: () => offered, onShown: ({ size }) => shown.push(size) },
      checkpoint(1),
    )
    expect(board.shown?.size).toBe(1)
    board.put(checkpoint(2))
    await settle()
    expect(shown).toEqual([2])
    expect(clock.timers).toBe(0)

    const hill = add(1)
    offered = promise
    board.put(checkpoint(3))
    await clock.advance(500)
    // The next one does not push it back.
    board.put(checkpoint(4))
    expect(board.shown?.size).toBe(2)
    const line = cosignedBy(hill, checkpoint(4).note).body
    board.cosigned(4, line)
    board.cosigned(3, cosignedBy(hill, checkpoint(3).note).body)
    await clock.advance(500)
    expect(shown).toEqual([2, 4])
    expect(verifyCosignature(board.shown?.note ?? '', hill.key, verifier)).toBe(1_700_000_000)
    expect(writes).toEqual([{ table: 'checkpoint', row: { size: 4, note: board.shown?.note, atMs: 5 } }])
    resolve()
    await clock.advance(2_000)
    expect(shown).toEqual([2, 4])

    // One that comes late still gets on.
    const late = witnessNumbered(2)
    board.cosigned(4, cosignedBy(late, checkpoint(4).note).body)
    expect(verifyCosignature(board.shown?.note ?? '', late.key, verifier)).toBe(1_700_000_000)
    expect(verifyCosignature(board.shown?.note ?? '', hill.key, verifier)).toBe(1_700_000_000)
  })
})
