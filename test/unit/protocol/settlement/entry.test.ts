import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../protocol/bytes.ts'
import { decode, encode, skim } from '../../../../protocol/cbor/index.ts'
import { ProtocolError } from '../../../../protocol/errors.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import { seededRandom } from '../../../../protocol/random.ts'
import { sensorId } from '../../../../protocol/readings/index.ts'
import {
  decodeEntry,
  encodeEntry,
  type TransferEntry,
  type VerdictEntry,
} from '../../../../protocol/settlement/index.ts'
import { wireCddl } from '../../../support/cddl.ts'
import { LOG_ENTRIES, TRANSFERS } from '../../../support/log-entries.ts'
import { mutate, pick } from '../../../support/mutate.ts'

const grammar = wireCddl()
const [transfer] = fc.sample(TRANSFERS, { seed: 1, numRuns: 1 })

describe('entries of the log', () => {
  it('come back from their bytes, which match the CDDL rule and are deterministic CBOR [LOG-1.2]', () => {
    fc.assert(
      fc.property(LOG_ENTRIES, entry => {
        const bytes = encodeEntry(entry)
        skim(bytes)
        expect(decodeEntry(bytes)).toEqual(entry)
        const value = decode(bytes)
        expect(grammar.matches('log-entry', value)).toBe(true)
        expect(toHex(encode(value))).toBe(toHex(bytes))
      }),
      { numRuns: 2_000 },
    )
  })

  it('have one byte form, and mutated bytes are refused with a ProtocolError [LOG-1.2]', () => {
    const random = seededRandom('entries')
    const valid = fc.sample(LOG_ENTRIES, { seed: 2, numRuns: 200 }).map(encodeEntry)
    let accepted = 0
    for (let i = 0; i < 20_000; i++) {
      const base = valid[i % valid.length] ?? new Uint8Array()
      const bytes = mutate(base, valid[pick(random, valid.length)] ?? base, random)
      try {
        const again = encodeEntry(decodeEntry(bytes))
        if (toHex(again) !== toHex(bytes)) throw new Error(`Another form is accepted: ${toHex(bytes)}`)
        accepted++
      } catch (thrown) {
        if (!(thrown instanceof ProtocolError)) throw thrown
      }
    }
    expect(accepted).toBeGreaterThan(100)
  })

  it('have reasons that are cut when they are too long [LOG-1.2] [WIRE-2.6]', () => {
    const entry = {
      type: 'dispute-end',
      atMs: 1,
      dispute: 'a'.repeat(16),
      outcome: 'upheld',
      detail: 'é'.repeat(300),
    } as const
    expect(decodeEntry(encodeEntry(entry))).toEqual({ ...entry, detail: 'é'.repeat(128) })
  })

  it('of a transfer are not written with what cannot be read again', () => {
    if (transfer === undefined) throw new Error('There is a transfer.')
    const wrong: Partial<TransferEntry>[] = [
      { purpose: '' },
      { purpose: 'x'.repeat(LIMITS.purposeBytesMax + 1) },
      { debit: 'x'.repeat(LIMITS.accountBytesMax + 1) },
      { credit: 'süß' },
      { amountMicro: -1n },
      { amountMicro: LIMITS.amountMicroMax + 1n },
      { atMs: 0.5 },
      { atMs: -1 },
      { timeoutMs: Number.NaN },
      { kind: 'gift' as never },
      { basis: { kind: 'run', digest: new Uint8Array(31), fuel: 1 } },
    ]
    for (const fields of wrong) expect(() => encodeEntry({ ...transfer, ...fields })).toThrow()
  })

  it('with the largest verdict and the largest opening fit a bundle [LOG-1.2]', () => {
    const line = {
      sensor: sensorId('f'.repeat(16)),
      device: 'a'.repeat(26),
      readings: 2 ** 53 - 1,
      accepted: 2 ** 53 - 1,
      paidReadings: 2 ** 53 - 1,
      flags: new Uint8Array(32),
    }
    const verdict = {
      type: 'verdict',
      atMs: LIMITS.regionTimeMsMax,
      campaign: 'a'.repeat(16),
      windowMs: LIMITS.regionTimeMsMax,
      revision: 2 ** 53 - 1,
      frameMax: 2 ** 53 - 1,
      lines: new Array(512).fill(line),
    } as unknown as VerdictEntry
    expect(encodeEntry(verdict).length).toBeLessThanOrEqual(LIMITS.logEntryBytesMax)
    const balance = { account: 'x'.repeat(64), debitsMicro: LIMITS.amountMicroMax, creditsMicro: LIMITS.amountMicroMax }
    const balances = new Array<typeof balance>(512).fill(balance)
    expect(encodeEntry({ type: 'opening', atMs: LIMITS.regionTimeMsMax, balances }).length).toBeLessThanOrEqual(65_535)
    const tooLarge = { ...verdict, lines: new Array(1_000).fill(line) } as unknown as VerdictEntry
    expect(() => encodeEntry(tooLarge)).toThrow('fits a bundle')
  })
})
