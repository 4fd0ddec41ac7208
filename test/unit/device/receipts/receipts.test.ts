import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { memoryReceipts, openEarningsFolder, openReceipt } from '../../../../device/index.ts'
import { contradictionOf, Receipts } from '../../../../device/receipts/index.ts'
import {
  decode,
  deviceIdOf,
  leafHash,
  openInclusionReceipt,
  parseVerifierKey,
  regionName,
} from '../../../../protocol/index.ts'
import { nodeSha256 as hash, nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { keepLog } from '../../../support/device/fake-parts.ts'
import { TinyLog, tinyWitness } from '../../../support/device/tiny-log.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newDir = tempDirs()
const signer = nodeSigner(new Uint8Array(32).fill(1))
const device = deviceIdOf(signer.publicKey)
const stranger = deviceIdOf(nodeSigner(new Uint8Array(32).fill(2)).publicKey)
const verifier = nodeVerifier()

function world(log = new TinyLog()) {
  const stateDir = newDir()
  const folder = openEarningsFolder(stateDir)
  const { log: note, events } = keepLog()
  const region = { region: regionName('north'), regionKey: log.signer.publicKey, blobUrl: 'http://x/blob' }
  const trust = { device, regionKey: region.regionKey, verifier, hash }
  const start = () => {
    const receipts = new Receipts({ store: folder, verifier, log: note }, device)
    receipts.belong(region)
    return receipts
  }
  const warnings = () => events.filter(({ level }) => level === 'warn').map(({ event }) => event)
  const newest = () => {
    const bytes = folder.newest()
    return bytes === null ? null : openReceipt(bytes, trust).says
  }
  return { log, stateDir, folder, region, trust, start, warnings, events, newest }
}

describe('receipts [LOG-5.2]', () => {
  it('that are good are kept, the newest only, over a restart', () => {
    const { log, start, newest, folder, warnings } = world()
    const receipts = start()
    expect(newest()).toBeNull()
    receipts.take({ session: 1, ...log.receipt(device, { seq: 1 }) })
    const second = log.receipt(device, { seq: 2, earnedMicro: 10n })
    receipts.take({ session: 1, ...second })
    expect(newest()).toMatchObject({ seq: 2, earnedMicro: 10n })
    // One that was late, and one that comes again.
    receipts.take({ session: 1, ...log.prove(1) })
    receipts.take({ session: 1, ...second })
    start().take({ session: 2, ...second })
    expect(newest()?.seq).toBe(2)
    expect([warnings(), folder.evidence()]).toEqual([[], []])
    start().take({ session: 2, ...log.receipt(device, { seq: 5, earnedMicro: 10n }) })
    expect(newest()?.seq).toBe(5)
  })

  it('are refused when they are another device’s, no receipt, of another region, or not in the tree', () => {
    const { log, start, newest, warnings, events } = world()
    const receipts = start()
    const good = log.receipt(device)
    const others = new TinyLog(9)
    const bad = [
      log.receipt(stranger),
      log.prove(0),
      others.receipt(device),
      { entry: good.entry, proof: log.prove(0).proof },
      { entry: new Uint8Array([1]), proof: good.proof },
      { entry: good.entry, proof: new Uint8Array([1]) },
    ]
    for (const receipt of bad) receipts.take({ session: 1, ...receipt })
    expect(newest()).toBeNull()
    expect(warnings()).toEqual(new Array(bad.length).fill('receipt_refused'))
    expect(events.map(({ code }) => code)).toEqual([
      'bad_message',
      'bad_message',
      'bad_signature',
      'bad_signature',
      'bad_message',
      'bad_proof',
    ])
  })

  it('are nobody’s before the region is known', () => {
    const { log, newest } = world()
    const store = memoryReceipts()
    const receipts = new Receipts({ store, verifier, log: () => {} }, device)
    receipts.take({ session: 1, ...log.receipt(device) })
    expect([store.newest(), newest()]).toEqual([null, null])
  })

  it('that were kept and damaged since are passed over', () => {
    const { log, start, newest, warnings, folder } = world()
    start().take({ session: 1, ...log.receipt(device, { seq: 4 }) })
    writeFileSync(join(folder.path, 'receipt.cbor'), 'hello')
    start().take({ session: 1, ...log.receipt(device, { seq: 2 }) })
    expect(newest()?.seq).toBe(2)
    expect(warnings()).toEqual(['receipt_lost'])
  })

  it('that cannot be written do not end the device', () => {
    const { log, trust, warnings, events } = world()
    const broken = {
      ...memoryReceipts(),
      keep: () => {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      },
    }
    const receipts = new Receipts({ store: broken, verifier, log: event => void events.push(event) }, device)
    receipts.belong({ region: regionName('north'), regionKey: trust.regionKey, blobUrl: '' })
    receipts.take({ session: 1, ...log.receipt(device) })
    expect(warnings()).toEqual(['earnings_not_written'])
  })
})

describe('contradictions [LOG-5.3]', () => {
  const totals = ['earnedMicro', 'lostMicro', 'releasedMicro', 'paidOutMicro'] as const

  it.each(totals)('a lower %s is kept as evidence, and a warning', name => {
    const { log, start, folder, warnings, trust, newest } = world()
    const receipts = start()
    receipts.take({ session: 1, ...log.receipt(device, { seq: 1 }) })
    receipts.take({ session: 1, ...log.receipt(device, { seq: 2, [name]: 0n }) })
    expect(warnings()).toEqual(['receipts_contradict'])
    expect(folder.evidence()).toEqual(['1-2-total_fell.cbor'])
    // The proof alone convinces whoever knows the region's key.
    const proof = decode(new Uint8Array(readFileSync(join(folder.path, 'evidence', '1-2-total_fell.cbor'))))
    for (const [entry, receipt] of proof as unknown as [Uint8Array, Uint8Array][]) {
      openInclusionReceipt(receipt, leafHash(hash, entry), trust.regionKey, verifier, hash)
    }
    // What comes after is followed: the device wants to know what the region says now.
    expect(newest()?.seq).toBe(2)
  })

  it('two of one number, and two trees of one size', () => {
    const { log, start, folder, newest } = world()
    const receipts = start()
    receipts.take({ session: 1, ...log.receipt(device, { seq: 3 }) })
    receipts.take({ session: 1, ...log.receipt(device, { seq: 3, earnedMicro: 10n }) })
    expect(newest()).toMatchObject({ seq: 3, earnedMicro: 9n })
    // Of the same size as the log was for the first receipt.
    const forked = new TinyLog()
    receipts.take({ session: 1, ...forked.receipt(device, { seq: 8, earnedMicro: 90n }) })
    expect(folder.evidence()).toEqual(['3-3-two_of_one_number.cbor', '3-8-two_trees.cbor'])
  })

  it('an older one that says more, whenever it comes', () => {
    const { log, trust, folder, start } = world()
    const older = log.receipt(device, { seq: 1, earnedMicro: 100n })
    const newer = log.receipt(device, { seq: 2, earnedMicro: 9n })
    const [one, two] = [openReceipt(older, trust), openReceipt(newer, trust)]
    expect([contradictionOf(one, two), contradictionOf(two, one), contradictionOf(one, one)]).toEqual([
      'total_fell',
      'total_fell',
      null,
    ])
    const receipts = start()
    receipts.take({ session: 1, ...newer })
    for (let i = 0; i < 3; i++) receipts.take({ session: 1, ...older })
    expect(folder.evidence()).toEqual(['2-1-total_fell.cbor'])
  })
})

describe('the folder of earnings', () => {
  it('says which region the device is of, for its owner only', () => {
    const { folder, region, start, stateDir } = world()
    expect(() => folder.region()).toThrow(expect.objectContaining({ code: 'not_found' }))
    start()
    expect(folder.region()).toEqual(region)
    expect(readdirSync(join(stateDir, 'earnings'))).toEqual(['region.cbor'])
    writeFileSync(join(folder.path, 'region.cbor'), Uint8Array.of(0x80))
    expect(() => folder.region()).toThrow(expect.objectContaining({ code: 'damaged' }))
    writeFileSync(join(folder.path, 'region.cbor'), Uint8Array.of(1))
    expect(() => folder.region()).toThrow(expect.objectContaining({ code: 'damaged' }))
  })

  it('keeps checkpoint and witnesses', () => {
    const { folder } = world()
    expect([folder.checkpoint(), folder.witnesses()]).toEqual([null, []])
    const keys = [1, 2].map(seed => parseVerifierKey(tinyWitness(seed).vkey))
    folder.keepCheckpoint('a\n')
    folder.keepWitnesses(keys)
    expect([folder.checkpoint(), folder.witnesses()]).toEqual(['a\n', keys])
  })

  it('numbers statements so that no two have one number, and remembers the last [LOG-7.1]', () => {
    const { folder, stateDir } = world()
    const sign = (seq: number) => Uint8Array.of(seq & 255)
    const numbers = [0, 100, 50, 0].map(floor => folder.number(floor, sign).seq)
    expect(numbers).toEqual([1, 100, 101, 102])
    expect(openEarningsFolder(stateDir).number(0, sign)).toEqual({ seq: 103, frame: Uint8Array.of(103) })
    expect(readdirSync(join(folder.path, 'statements'))).toEqual(['103.cbor'])
    // Somebody else takes the number while it is signed.
    let calls = 0
    const raced = folder.number(0, seq => {
      if (calls++ === 0) folder.number(0, sign)
      return Uint8Array.of(seq)
    })
    expect(raced.seq).toBe(105)
  })
})
