import { describe, expect, it } from 'vitest'
import { type LogVerdict, verifyEarnings } from '../../../../device/index.ts'
import type { VerifyInit } from '../../../../device/receipts/verify-earnings.ts'
import {
  deviceIdOf,
  parseVerifierKey,
  regionIdOf,
  signCheckpoint,
  tilePath,
  witnessKeyOf,
  witnessName,
} from '../../../../protocol/index.ts'
import { nodeSha256 as hash, nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { TinyLog, tinyWitness } from '../../../support/device/tiny-log.ts'

const device = deviceIdOf(nodeSigner(new Uint8Array(32).fill(1)).publicKey)
const witnesses = [tinyWitness(11), tinyWitness(12), tinyWitness(13)]
const keys = witnesses.map(({ vkey }) => parseVerifierKey(vkey))

/** A log of 700 entries in which the device has a receipt, cosigned by two witnesses. */
function world(after = 399) {
  const log = new TinyLog()
  log.grow(299)
  const receipt = log.receipt(device)
  log.grow(after)
  log.sign(...witnesses.slice(0, 2))
  const asked: string[] = []
  const changed = new Map<string, Uint8Array | null>()
  const source = {
    read: async (path: string, bytesMax: number) => {
      asked.push(path)
      const bytes = changed.has(path) ? (changed.get(path) ?? null) : log.read(path)
      expect(bytes?.length ?? 0).toBeLessThanOrEqual(bytesMax)
      return bytes
    },
  }
  const trust = { device, regionKey: log.signer.publicKey, verifier: nodeVerifier(), hash }
  const verify = (init: Partial<VerifyInit> = {}) =>
    verifyEarnings({ receipt, trust, source, witnesses: keys, lastNote: null, ...init })
  return { log, receipt, asked, changed, trust, verify }
}

const broken = ({ rules }: LogVerdict) => rules.find(({ ok }) => !ok)
const text = (value: string) => new TextEncoder().encode(value)

describe('a receipt against the public log [LOG-5.4]', () => {
  it('is verified with the tiles that the proofs need, and no others', async () => {
    const { verify, asked, log } = world()
    const verdict = await verify()
    expect(verdict).toMatchObject({ ok: true, checkpoint: { size: 700, note: log.note } })
    expect(verdict.rules.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      'receipt true',
      'card true',
      'checkpoint true',
      'inclusion true',
      'consistency true',
      'history true',
      'witnesses true',
    ])
    const tiles = asked.filter(path => path.startsWith('tile'))
    expect(new Set(tiles)).toEqual(new Set([tilePath(0, 1), tilePath(0, 2, 188), tilePath(1, 0, 2)]))
  })

  it.each([0, 1, 2, 211, 212])('with %i entries after the receipt', async after => {
    expect(broken(await world(after).verify())).toBeUndefined()
  })

  it('goes on from the checkpoint that was verified last', async () => {
    const { verify, log } = world()
    const lastNote = log.note
    log.grow(100)
    log.sign(...witnesses)
    const verdict = await verify({ lastNote })
    expect(verdict).toMatchObject({ ok: true, checkpoint: { size: 800 } })
    expect(verdict.rules.find(({ name }) => name === 'history')?.detail).toContain('700 entries')
  })

  it('takes a whole tile where the partial one is gone', async () => {
    const { verify, log, changed } = world()
    changed.set(tilePath(0, 2, 188), null)
    expect(broken(await verify())).toMatchObject({
      name: 'inclusion',
      detail: `The log does not serve ${tilePath(0, 2, 188)}.`,
    })
    const { note } = log
    log.grow(100)
    log.note = note
    expect(broken(await verify())).toBeUndefined()
  })

  it.each<[string, string, (w: ReturnType<typeof world>) => Partial<VerifyInit> | undefined]>([
    ['receipt', 'of another device', ({ trust }) => ({ trust: { ...trust, device: 'a'.repeat(26) as never } })],
    [
      'receipt',
      'of another region',
      ({ trust }) => ({ trust: { ...trust, regionKey: new TinyLog(9).signer.publicKey } }),
    ],
    ['card', 'no card', ({ changed }) => void changed.set('card', null)],
    ['card', 'a card that is no card', ({ changed }) => void changed.set('card', text('[]'))],
    ['card', 'no JSON', ({ changed }) => void changed.set('card', text('{'))],
    ['card', 'another region’s card', ({ changed }) => void changed.set('card', new TinyLog(9).read('card'))],
    ['checkpoint', 'no checkpoint', ({ changed }) => void changed.set('checkpoint', null)],
    [
      'checkpoint',
      'another region’s checkpoint',
      ({ changed }) => {
        const other = new TinyLog(9)
        other.sign()
        changed.set('checkpoint', other.read('checkpoint'))
      },
    ],
    [
      'checkpoint',
      'another size than was signed',
      ({ log, changed }) => void changed.set('checkpoint', text(log.note.replace('\n700\n', '\n701\n'))),
    ],
    ['checkpoint', 'bytes that are no text', ({ changed }) => void changed.set('checkpoint', Uint8Array.of(255))],
    [
      'inclusion',
      'a checkpoint from before the receipt',
      ({ changed, log }) => {
        const early = signCheckpoint({ size: 299, root: new Uint8Array(32) }, log.origin, log.signer)
        changed.set('checkpoint', text(early))
      },
    ],
    [
      'inclusion',
      'a tile that was changed',
      ({ changed, log }) =>
        void changed.set(
          tilePath(1, 0, 2),
          (log.read(tilePath(1, 0, 2)) ?? new Uint8Array()).map(byte => byte ^ 1),
        ),
    ],
    ['inclusion', 'a tile that is too short', ({ changed }) => void changed.set(tilePath(0, 1), new Uint8Array(8_160))],
    [
      'inclusion',
      'a fork of the log without the receipt',
      ({ log }) => {
        const fork = new TinyLog(log.signer)
        fork.grow(699)
        fork.sign(...witnesses)
        log.read = path => fork.read(path)
      },
    ],
    [
      'history',
      'a log that was cut back',
      ({ log }) => {
        const lastNote = signCheckpoint({ size: 701, root: new Uint8Array(32) }, log.origin, log.signer)
        return { lastNote }
      },
    ],
    [
      'history',
      'a log that does not go on',
      ({ log }) => {
        const lastNote = signCheckpoint({ size: 650, root: new Uint8Array(32).fill(1) }, log.origin, log.signer)
        return { lastNote }
      },
    ],
    ['witnesses', 'no witness', () => ({ witnesses: [] })],
    ['witnesses', 'one witness', () => ({ witnesses: keys.slice(0, 1) })],
    ['witnesses', 'one that cosigned and one that did not', () => ({ witnesses: keys.slice(1) })],
    [
      'witnesses',
      'one witness twice, under two names',
      () => {
        const [first] = keys
        return { witnesses: first === undefined ? [] : [first, witnessKeyOf('another/name', first.publicKey)] }
      },
    ],
  ])('names %s when there is %s', async (rule, _what, spoil) => {
    const here = world()
    const init = spoil(here) ?? {}
    const verdict = await here.verify(init)
    expect(verdict.ok).toBe(false)
    expect(broken(verdict)?.name).toBe(rule)
    expect(broken(verdict)?.detail).toMatch(/\.$/)
  })

  it('does not count the region as a witness of itself', async () => {
    const { verify, log, trust } = world()
    const name = witnessName(regionIdOf(trust.regionKey))
    const own = { ...tinyWitness(20), name }
    log.sign(own, ...witnesses.slice(0, 1))
    const known = [witnessKeyOf(name, own.signer.publicKey), ...keys.slice(0, 1)]
    expect(broken(await verify({ witnesses: known }))?.name).toBe('witnesses')
  })

  it('is not decided when the log cannot be reached', async () => {
    const { verify } = world()
    const source = { read: () => Promise.reject(new Error('gone')) }
    await expect(verify({ source })).rejects.toThrow('gone')
  })

  it('in a log that is behind the receipt is not verified', async () => {
    const log = new TinyLog()
    log.grow(5)
    const receipt = log.receipt(device)
    log.sign(...witnesses)
    const { note } = log
    log.grow(4)
    const later = log.prove(6)
    log.note = note
    const trust = { device, regionKey: log.signer.publicKey, verifier: nodeVerifier(), hash }
    const source = { read: async (path: string) => log.read(path) }
    const init = { trust, source, witnesses: keys, lastNote: null }
    expect(broken(await verifyEarnings({ ...init, receipt }))).toBeUndefined()
    expect(broken(await verifyEarnings({ ...init, receipt: later }))?.name).toBe('consistency')
  })
})
