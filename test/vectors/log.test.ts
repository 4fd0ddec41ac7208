/** The vectors of the public log, checked both ways. */
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../protocol/bytes.ts'
import { decode } from '../../protocol/cbor/index.ts'
import { portableVerifier } from '../../protocol/cose/index.ts'
import {
  formatAddCheckpoint,
  leafHash,
  openCheckpoint,
  openInclusionReceipt,
  parseAddCheckpoint,
  parseCheckpoint,
  parseVerifierKey,
  portableSha256,
  verifyConsistency,
  verifyCosignature,
} from '../../protocol/merkle/index.ts'
import { nodeSha256, nodeVerifier } from '../../protocol/node/index.ts'
import { decodeEntry, ENTRY_TYPES, encodeEntry, type LogEntry } from '../../protocol/settlement/index.ts'
import { wireCddl } from '../support/cddl.ts'
import { fromDiag } from '../support/diag.ts'
import { refusalOf } from '../support/refusal.ts'
import { type CheckpointFile, type EntryFile, type InclusionFile, readVectors } from './files.ts'

const grammar = wireCddl()
const machines = [
  ['portable', portableVerifier(), portableSha256],
  ['node', nodeVerifier(), nodeSha256],
] as const

describe('entries of the log', () => {
  const { rule, vectors } = readVectors<EntryFile>('entry')
  const positive = vectors.flatMap(vector => ('input' in vector ? [vector] : []))
  const negative = vectors.flatMap(vector => ('failure' in vector ? [vector] : []))

  test('there is one of every type', () => {
    const types = positive.map(({ input }) => (fromDiag(input) as LogEntry).type)
    expect([...new Set(types)].sort()).toEqual([...ENTRY_TYPES].sort())
    expect(negative.length).toBeGreaterThan(150)
  })

  test.each(positive)('$title: encode equals, decode equals, CDDL matches [LOG-1.2] [LOG-2.1]', vector => {
    const input = fromDiag(vector.input) as LogEntry
    const bytes = fromHex(vector.payloadHex)
    expect(toHex(encodeEntry(input))).toBe(vector.payloadHex)
    expect(decodeEntry(bytes)).toEqual(input)
    expect(grammar.matches(rule, decode(bytes))).toBe(true)
    for (const [, , hash] of machines) expect(toHex(leafHash(hash, bytes))).toBe(vector.leafHex)
  })

  test.each(negative)(
    '$title: refused, naming the fault [LOG-1.2] [LOG-1.3]',
    ({ payloadHex, failure, beyondCddl }) => {
      expect(refusalOf(() => decodeEntry(fromHex(payloadHex)), failure)).toEqual(failure)
      if (failure.code !== 'bad_message') return
      expect(grammar.matches(rule, decode(fromHex(payloadHex)))).toBe(beyondCddl ?? false)
    },
  )
})

describe('checkpoints', () => {
  const file = readVectors<CheckpointFile>('checkpoint')
  const logKey = parseVerifierKey(file.logKey)
  const witnessKey = parseVerifierKey(file.witnessKey)

  test.each(file.checkpoints)('$title [LOG-3.1] [LOG-3.2] [LOG-6.1]', vector => {
    for (const [, verifier] of machines) {
      const open = () => openCheckpoint(vector.note, logKey, verifier)
      if ('failure' in vector) {
        expect(refusalOf(open, vector.failure)).toEqual(vector.failure)
        continue
      }
      const { origin, size, rootHex } = vector
      expect(open()).toEqual({ origin, size, root: fromHex(rootHex) })
      expect(verifyCosignature(vector.note, witnessKey, verifier)).toBe(vector.cosignedAtS)
    }
  })

  test.each(file.bodies)('the text of a checkpoint: $title [LOG-3.2]', vector => {
    const parse = () => parseCheckpoint(vector.body)
    if ('failure' in vector) expect(refusalOf(parse, vector.failure)).toEqual(vector.failure)
    else expect(parse().size).toBe(vector.size)
  })

  test.each(file.requests)('a request to cosign: $title [LOG-6.2]', vector => {
    const parse = () => parseAddCheckpoint(vector.request)
    if ('failure' in vector) {
      expect(refusalOf(parse, vector.failure)).toEqual(vector.failure)
      return
    }
    const { oldSize, pathHex, note } = vector
    const request = { oldSize, path: pathHex.map(fromHex), note }
    expect(parse()).toEqual(request)
    expect(formatAddCheckpoint(request)).toBe(vector.request)
  })

  test('the proof in the request leads from four entries to five [LOG-2.3]', () => {
    const [request] = file.requests
    if (request === undefined || 'failure' in request) throw new Error('There is a request.')
    const second = openCheckpoint(request.note, logKey, nodeVerifier())
    const root = fromHex('9bcd51240af4005168f033121ba85be5a6ed4f0e6a5fac262066729b8fbfdecb')
    const proof = { first: { size: 4, root }, second, path: request.pathHex.map(fromHex) }
    expect(() => verifyConsistency(nodeSha256, proof)).not.toThrow()
  })
})

describe('receipts of inclusion', () => {
  test.each(readVectors<InclusionFile>('inclusion').vectors)('$title [LOG-5.1]', vector => {
    const [receipt, leaf, key] = [vector.receiptHex, vector.leafHex, vector.publicKeyHex].map(fromHex)
    if (!receipt || !leaf || !key) throw new Error('A vector lacks its bytes.')
    for (const [, verifier, hash] of machines) {
      const open = () => openInclusionReceipt(receipt, leaf, key, verifier, hash)
      if ('failure' in vector) expect(refusalOf(open, vector.failure)).toEqual(vector.failure)
      else {
        const { size, index, rootHex } = vector
        expect(open()).toEqual({ size, index, root: fromHex(rootHex) })
        expect(grammar.matches('inclusion-proof', proofOf(receipt))).toBe(true)
      }
    }
  })
})

/** The array inside the envelope. */
function proofOf(receipt: Uint8Array) {
  const [, header] = decode(receipt) as unknown as [unknown, Map<number, Map<number, Uint8Array[]>>]
  return decode(header.get(396)?.get(-1)?.[0] ?? new Uint8Array())
}
