/** One example for each clause of the wire whose details are tested elsewhere. */
import { describe, expect, test } from 'vitest'
import { splitLargestRemainder } from '../../../protocol/amounts.ts'
import { concatBytes, fromHex, fromUtf8, toHex, utf8 } from '../../../protocol/bytes.ts'
import { decode, encodeSequence } from '../../../protocol/cbor/index.ts'
import { assertStrictKey, portableSigner, portableVerifier } from '../../../protocol/cose/index.ts'
import { deviceId, jobId, regionName, submitterName } from '../../../protocol/ids.ts'
import { cutRun } from '../../../protocol/jobs/index.ts'
import { LIMITS } from '../../../protocol/limits.ts'
import type { Cut } from '../../../protocol/messages/index.ts'
import { nodeVerifier } from '../../../protocol/node/ed25519.ts'
import * as topics from '../../../protocol/topics.ts'

const badCbor = (reason: string) =>
  expect.objectContaining({ info: expect.objectContaining({ code: 'bad_cbor', reason }) })

describe('encoding', () => {
  test.each([
    ['a byte order mark', '63efbbbf', 'byte_order_mark'],
    ['a surrogate', '63eda080', 'utf8'],
    ['a continuation alone', '6180', 'utf8'],
  ])('a text with %s is refused [WIRE-1.3]', (_title, hex, reason) => {
    expect(() => decode(fromHex(hex))).toThrow(badCbor(reason))
  })

  test('nesting and items end at their bounds [WIRE-1.4]', () => {
    const nested = (depth: number) => fromHex(`${'81'.repeat(depth)}00`)
    expect(decode(nested(LIMITS.cborDepthMax))).toBeInstanceOf(Array)
    expect(() => decode(nested(LIMITS.cborDepthMax + 1))).toThrow(badCbor('depth'))
    const list = (count: number) =>
      concatBytes(fromHex(`9a${count.toString(16).padStart(8, '0')}`), new Uint8Array(count))
    expect(decode(list(LIMITS.cborItemsMax - 1))).toHaveLength(262_144)
    expect(() => decode(list(LIMITS.cborItemsMax))).toThrow(badCbor('items'))
  })

  test('a number that stalls a decoder for seconds is refused unread [WIRE-1.5]', () => {
    const bignum = concatBytes(fromHex('c25a00040000'), new Uint8Array(262_144).fill(255))
    expect(() => decode(bignum)).toThrow(badCbor('tag'))
  })
})

describe('keys', () => {
  test.each([
    ['the neutral point', `01${'00'.repeat(31)}`, 'small_order'],
    ['a y above the field', `f0${'ff'.repeat(30)}7f`, 'non_canonical'],
    ['31 bytes', '00'.repeat(31), 'length'],
  ])('%s is refused [COSE-2.2]', (_title, hex, reason) => {
    expect(() => assertStrictKey(fromHex(hex))).toThrow(expect.objectContaining({ info: { code: 'bad_key', reason } }))
  })

  test('a signature with another S of the same residue is refused by every verifier [COSE-2.3]', () => {
    const signer = portableSigner(new Uint8Array(32).fill(3))
    const message = utf8('hedgerow')
    const signature = signer.sign(message)
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`) + order
    const raised = concatBytes(signature.subarray(0, 32), fromHex(s.toString(16).padStart(64, '0')).reverse())
    for (const verifier of [portableVerifier(), nodeVerifier()]) {
      expect(verifier.verify(signer.publicKey, message, signature)).toBe(true)
      expect(verifier.verify(signer.publicKey, message, raised)).toBe(false)
    }
  })
})

describe('topics', () => {
  const region = regionName('north')
  const device = deviceId('zbcdefghijklmnopqrstuvw234')
  const other = deviceId('zbcdefghijklmnopqrstuvw235')
  const submitter = submitterName('lab')
  const job = jobId('abcdefghijklmn27')
  const asDevice: topics.Principal = { kind: 'device', id: device }
  const asSubmitter: topics.Principal = { kind: 'submitter', name: submitter }
  const up = topics.deviceTopic({ region, device, direction: 'up', class: 'result' })
  const down = topics.deviceTopic({ region, device, direction: 'dn', class: 'lease' })

  test('the form of a topic [TOPIC-1.1] [TOPIC-1.2]', () => {
    expect(up).toBe('hr/1/north/c/zbcdefghijklmnopqrstuvw234/up/result')
    expect(topics.parseTopic(up.replace('/c/', '/d/'))).toBeNull()
    expect(topics.parseTopic(up.replace('north', 'North'))).toBeNull()
    expect(topics.parseTopic(up.replace('north', 'nor.th'))).toBeNull()
  })

  test('what a device may do [TOPIC-2.1] [TOPIC-2.2]', () => {
    const foreign = topics.deviceTopic({ region, device: other, direction: 'up', class: 'result' })
    expect([up, down, foreign].map(topic => topics.mayPublish(asDevice, region, topic))).toEqual([true, false, false])
    const filters = [topics.downlinkFilter(region, device), topics.downlinkFilter(region, other), down, '#', 'hr/1/#']
    expect(filters.map(filter => topics.maySubscribe(asDevice, region, filter))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })

  test('what a submitter may do [TOPIC-2.3] [TOPIC-2.4]', () => {
    const leaves = [...topics.JOB_REQUESTS, ...topics.JOB_REPLIES]
    const allowed = leaves.filter(leaf => {
      return topics.mayPublish(asSubmitter, region, topics.jobTopic(region, submitter, job, leaf))
    })
    expect(allowed).toEqual(['cancel', 'get'])
    expect(topics.mayPublish(asSubmitter, region, topics.submitTopic(region, submitter))).toBe(true)
    expect(topics.mayPublish(asSubmitter, region, topics.submitTopic(region, submitterName('other')))).toBe(false)
    const filters = [
      'hr/1/north/jobs/lab/#',
      'hr/1/north/jobs/lab/+/result',
      'hr/1/north/jobs/+/refused',
      'hr/1/north/#',
    ]
    expect(filters.map(filter => topics.maySubscribe(asSubmitter, region, filter))).toEqual([true, true, false, false])
  })

  test('what begins with $ is nobody’s [TOPIC-2.5]', () => {
    for (const topic of ['$SYS/broker/clients', '$SYS/#', '$share/group/hr/1/north/jobs/lab/submit']) {
      for (const principal of [asDevice, asSubmitter]) {
        expect(topics.mayPublish(principal, region, topic)).toBe(false)
        expect(topics.maySubscribe(principal, region, topic)).toBe(false)
      }
    }
  })
})

describe('units', () => {
  const texts = (cut: Cut, first: number, count: number, input: Uint8Array | null = null) =>
    cutRun(cut, first, count, input).map(fromUtf8)

  test('of a range [LEASE-1.5]', () => {
    const cut: Cut = { kind: 'range', from: -5, to: 17, chunk: 10 }
    expect(texts(cut, 0, 3)).toEqual(['-5 5\n', '5 15\n', '15 17\n'])
    expect(texts(cut, 2, 1)).toEqual(['15 17\n'])
  })

  test.each<[string, Cut, Uint8Array, string[]]>([
    ['bytes', { kind: 'bytes', bytes: 4 }, utf8('abcdefghij'), ['abcd', 'efgh', 'ij']],
    ['lines', { kind: 'lines', lines: 1 }, utf8('a\nb\nc'), ['a\n', 'b\n', 'c']],
    ['records', { kind: 'records', delimiter: utf8(';'), records: 2 }, utf8('a;b;c;d;e'), ['a;b;', 'c;d;', 'e']],
    ['items', { kind: 'items' }, encodeSequence(['x', 'y', ''].map(utf8)), ['x', 'y', '']],
  ])('of %s, as many as the run has, or none [LEASE-1.6]', (_kind, cut, input, units) => {
    expect(texts(cut, 0, 3, input)).toEqual(units)
    for (const count of [2, 4]) {
      expect(() => cutRun(cut, 0, count, input)).toThrow(expect.objectContaining({ code: 'bad_input' }))
    }
  })
})

test('shares add up to the whole [PAY-1.5]', () => {
  expect(splitLargestRemainder(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n])
  expect(splitLargestRemainder(1n, [3n, 4n])).toEqual([0n, 1n])
})
