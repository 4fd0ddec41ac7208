/** The examples of RFC 8428 as its authors publish them (core-wg/senml-spec): JSON, CBOR and resolved records say the same. */
import { expect, test } from 'vitest'
import { utf8 } from '../../protocol/bytes.ts'
import {
  decodeSenmlCbor,
  decodeSenmlJson,
  encodeSenmlCbor,
  encodeSenmlJson,
  type ResolvedRecord,
  resolveSenml,
} from '../../protocol/readings/index.ts'
import { describeVectors, vectorBytes, vectorText } from '../support/vectors.ts'

const NAMES = ['ex3', 'ex5', 'ex6', 'ex8']
const IN_CBOR = ['ex3', 'ex5']
const NOW_MS = 1_795_000_000_000

describeVectors(
  'SenML examples',
  [
    ...NAMES.flatMap(name => [`senml/${name}.json`, `senml/${name}.resolved.json`]),
    ...IN_CBOR.map(name => `senml/${name}.cbor`),
  ],
  () => {
    const json = (name: string) => decodeSenmlJson(utf8(vectorText(`senml/${name}.json`)))

    test.each(NAMES)('%s resolves to what it should, in the order of time [READ-4.2] [READ-4.4] [READ-4.5]', name => {
      // The field `l` of ex8 never became part of the RFC; it is one of those that are passed over.
      const expected = decodeSenmlJson(utf8(vectorText(`senml/${name}.resolved.json`))) as ResolvedRecord[]
      expect(resolveSenml(json(name), NOW_MS)).toEqual(expected.toSorted((a, b) => a.t - b.t))
    })

    test.each(NAMES)('%s comes back from both forms', name => {
      const records = json(name)
      expect(decodeSenmlJson(encodeSenmlJson(records))).toEqual(records)
      expect(decodeSenmlCbor(encodeSenmlCbor(records))).toEqual(records)
    })

    test.each(IN_CBOR)('%s is the same in CBOR as in JSON', name => {
      const zeroTimes = json(name).map(record => ({ t: 0, ...record }))
      const fromCbor = decodeSenmlCbor(vectorBytes(`senml/${name}.cbor`)).map(record => ({ t: 0, ...record }))
      expect(fromCbor).toEqual(zeroTimes)
    })
  },
)
