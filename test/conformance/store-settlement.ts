import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DisputesFilter, Store, Write } from '../../coordinator/store/index.ts'
import { AssertionError } from '../../protocol/index.ts'
import { accountRow, DEVICES, deviceRow, fund, JOBS, jobRow, leaseRow, NAMES, transferRow } from '../support/rows.ts'
import { CAMPAIGNS, campaignRow, SENSORS, sensorRow } from '../support/sensing-rows.ts'
import {
  bindingRow,
  checkpointRow,
  disputeRow,
  entryRow,
  epochRow,
  floorRow,
  holdRow,
  payoutRow,
  peerRow,
  receiptRow,
  tileRow,
} from '../support/settlement-rows.ts'
import type { StoreUnderTest } from './store.ts'

/** What every {@link Store} must do with the public log and what is settled by it. */
export function describeSettlementStore(name: string, subject: StoreUnderTest): void {
  describe(`the ${name} store, of settlement,`, () => {
    const [device, otherDevice, foreignDevice] = DEVICES
    const [job, otherJob, foreignJob] = JOBS
    const [sensor, , foreignSensor] = SENSORS
    const [campaign, , foreignCampaign] = CAMPAIGNS
    const ada = 'submitter:ada'
    const escrow = 'escrow:d1'
    let store: Store

    beforeEach(() => {
      store = subject.open()
    })

    afterEach(() => {
      store.close()
    })

    /** Two devices, jobs and accounts, a lease, a sensor and a campaign. */
    const members: Write[] = [
      { table: 'device', row: deviceRow(otherDevice) },
      { table: 'device', row: deviceRow(device) },
      { table: 'job', row: jobRow(job) },
      { table: 'job', row: jobRow(otherJob) },
      { table: 'lease', row: leaseRow(3, job, device) },
      { table: 'sensor', row: sensorRow(sensor, device) },
      { table: 'campaign', row: campaignRow(campaign) },
      { table: 'account', row: accountRow(ada, 0n, 500n) },
      { table: 'account', row: accountRow(escrow, 0n, 0n) },
    ]
    const entries = (...indexes: number[]): Write[] => indexes.map(index => ({ table: 'entry', row: entryRow(index) }))
    const disputed = { lease: 3, job, campaign, windowMs: 60_000, sensor }

    test('starts empty', () => {
      expect([store.holds(), store.receipts(), store.peers(), store.floors(), store.prices()]).toEqual(
        Array(5).fill([]),
      )
      expect([store.bindings(), store.epochs(), store.payouts(1), store.disputes(), store.entries(0, 9)]).toEqual(
        Array(5).fill([]),
      )
      expect([store.entryCount(), store.entry(0), store.tile(0, 0), store.checkpoint()]).toEqual([0, null, null, null])
      expect([store.dispute('d1'), store.lease(3), store.transferFor('fund/ada')]).toEqual([null, null, null])
    })

    test('keeps what form 4 has added to devices, accounts and transfers', () => {
      const spoken = { ...deviceRow(device), statementSeq: 2 ** 40, decayedAtMs: 1_700_000_000_123 }
      const aside = { ...accountRow(ada, 5n, 500n), debitsPendingMicro: 2n ** 62n, creditsPendingMicro: 2n ** 60n + 1n }
      const pending = { ...transferRow(escrow, 9n, 'deposit/d1', 1), phase: 'pending', timeoutMs: 60_000 } as const
      const posted = {
        ...transferRow(escrow, 4n, 'deposit/d1/post/1', 2),
        phase: 'post',
        pending: 'deposit/d1',
      } as const
      store.commit([
        ...members,
        { table: 'device', row: spoken },
        { table: 'account', row: accountRow('treasury', 0n, 0n) },
        { table: 'account', row: aside },
        { table: 'transfer', row: pending },
        { table: 'transfer', row: posted },
      ])
      expect(store.devices()[1]).toEqual(spoken)
      expect(store.accounts()[1]).toEqual(aside)
      expect([...store.transfers()]).toEqual([pending, posted])
      expect([store.transferFor('deposit/d1'), store.transferFor('deposit/d1/post/1')]).toEqual([pending, posted])
      expect([store.transferFor('deposit/d'), store.transferFor(pending.id)]).toEqual([null, null])
      store.commit([{ table: 'device', row: { ...spoken, statementSeq: 2 ** 40 + 1 } }])
      expect(store.devices()[1]?.statementSeq).toBe(2 ** 40 + 1)
    })

    test('returns every row as it was written, and the newest of each key', () => {
      const receipt = {
        ...receiptRow(device),
        seq: 2,
        entry: 2 ** 33,
        earnedMicro: 2n ** 62n,
        lostMicro: 2n ** 53n + 1n,
      }
      const peer = { ...peerRow('b'), size: 9, root: NAMES.digest, url: 'https://moved.example' }
      const floor = { ...floorRow(device), gigafuelMicro: 2n ** 55n + 1n, readingMicro: 0n, seq: 5 }
      const price = { what: 'pm2.5', priceMicro: 2n ** 55n + 1n, epoch: 3 }
      const signed = { ...epochRow(1), state: 'signed', totalMicro: 2n ** 62n, signatures: '[{}]' } as const
      const payout = { ...payoutRow(1, 'greta'), cumulativeMicro: 2n ** 61n + 1n }
      const ended = { ...disputeRow('d1'), ...disputed, state: 'upheld', detail: 'It was.', endedAtMs: 400 } as const
      store.commit([
        ...members,
        { table: 'receipt', row: receiptRow(otherDevice) },
        { table: 'receipt', row: receiptRow(device) },
        { table: 'peer', row: peerRow('b') },
        { table: 'peer', row: peerRow('a') },
        { table: 'floor', row: floorRow(otherDevice) },
        { table: 'floor', row: floorRow(device) },
        { table: 'price', row: { what: 'pm2.5', priceMicro: 1n, epoch: 1 } },
        { table: 'price', row: { what: 'gigafuel', priceMicro: 1n, epoch: 1 } },
        { table: 'epoch', row: epochRow(1) },
        { table: 'epoch', row: epochRow(2) },
        { table: 'payout', row: payoutRow(2, 'greta') },
        { table: 'payout', row: payoutRow(1, 'zoe') },
        { table: 'payout', row: payout },
        { table: 'dispute', row: disputeRow('d1') },
      ])
      store.commit([
        { table: 'receipt', row: receipt },
        { table: 'peer', row: peer },
        { table: 'floor', row: floor },
        { table: 'price', row: { ...price, priceMicro: 2n } },
        { table: 'price', row: price },
        { table: 'epoch', row: signed },
        { table: 'dispute', row: ended },
      ])
      expect(store.receipts()).toEqual([receipt, receiptRow(otherDevice)])
      expect(store.peers()).toEqual([peerRow('a'), peer])
      expect(store.floors()).toEqual([floor, floorRow(otherDevice)])
      expect(store.prices()).toEqual([{ what: 'gigafuel', priceMicro: 1n, epoch: 1 }, price])
      expect(store.epochs()).toEqual([epochRow(2), signed])
      expect(store.payouts(1)).toEqual([payout, payoutRow(1, 'zoe')])
      expect(store.payouts(3)).toEqual([])
      expect([store.dispute('d1'), store.disputes()]).toEqual([ended, [ended]])
    })

    test('keeps a copy: a row changed after the commit, or after reading, changes nothing', () => {
      const row = epochRow(1)
      store.commit([{ table: 'epoch', row }])
      row.state = 'void'
      const [read] = store.epochs()
      if (read) read.payees = 99
      expect(store.epochs()).toEqual([epochRow(1)])
    })

    test('keeps the log without gaps', () => {
      store.commit(entries(0, 1))
      store.commit(entries(2))
      expect(store.entryCount()).toBe(3)
      expect([store.entry(0), store.entry(2), store.entry(3)]).toEqual([entryRow(0).bytes, entryRow(2).bytes, null])
      expect(store.entries(1, 3)).toEqual([entryRow(1).bytes, entryRow(2).bytes])
      expect(store.entries(2, 99)).toEqual([entryRow(2).bytes])
      expect([store.entries(3, 9), store.entries(1, 1)]).toEqual([[], []])
    })

    test('reads many entries in order', () => {
      const indexes = Array.from({ length: 3_000 }, (_, index) => index)
      store.commit(entries(...indexes))
      expect(store.entries(0, 3_000)).toEqual(indexes.map(index => entryRow(index).bytes))
    })

    test('finds tiles by level and index', () => {
      store.commit([
        { table: 'tile', row: tileRow(0, 0) },
        { table: 'tile', row: tileRow(1, 0) },
        { table: 'tile', row: tileRow(0, 1) },
      ])
      expect([store.tile(0, 1), store.tile(1, 0), store.tile(1, 1)]).toEqual([
        tileRow(0, 1).hashes,
        tileRow(1, 0).hashes,
        null,
      ])
    })

    test('keeps the newest checkpoint, with the cosignatures that came later', () => {
      store.commit([{ table: 'checkpoint', row: checkpointRow(5) }])
      store.commit([{ table: 'checkpoint', row: checkpointRow(9) }])
      store.commit([{ table: 'checkpoint', row: { ...checkpointRow(5), note: 'late' } }])
      expect(store.checkpoint()).toEqual(checkpointRow(9))
      const cosigned = { ...checkpointRow(9), note: `${checkpointRow(9).note}— witness\n` }
      store.commit([{ table: 'checkpoint', row: cosigned }])
      expect(store.checkpoint()).toEqual(cosigned)
    })

    test('forgets a peer', () => {
      store.commit([
        { table: 'peer', row: peerRow('a') },
        { table: 'peer', row: peerRow('b') },
        { table: 'peer-delete', origin: 'a' },
        { table: 'peer-delete', origin: 'c' },
      ])
      expect(store.peers()).toEqual([peerRow('b')])
      store.commit([{ table: 'peer', row: peerRow('a') }])
      expect(store.peers()).toEqual([peerRow('a'), peerRow('b')])
    })

    test('follows pending transfers until they are resolved, in the order they were booked', () => {
      const [first, second, third] = ['z', 'y', 'x'].map(purpose => holdRow(purpose, ada, escrow))
      if (!first || !second || !third) throw new Error('there are three')
      store.commit([...members, { table: 'hold', row: first }, { table: 'hold', row: second }])
      const parted = { ...first, leftMicro: 2n ** 62n, posts: 1 }
      store.commit([
        { table: 'hold', row: third },
        { table: 'hold', row: parted },
        { table: 'hold-delete', purpose: 'y' },
      ])
      expect(store.holds()).toEqual([parted, third])
      store.commit([
        { table: 'hold-delete', purpose: 'x' },
        { table: 'hold', row: second },
        { table: 'hold', row: third },
        { table: 'hold-delete', purpose: 'z' },
      ])
      expect(store.holds()).toEqual([second, third])
    })

    test('keeps every binding of a device, by number', () => {
      store.commit([
        ...members,
        { table: 'binding', row: bindingRow(otherDevice, 1) },
        { table: 'binding', row: bindingRow(device, 10) },
        { table: 'binding', row: bindingRow(device, 9) },
        { table: 'binding', row: { ...bindingRow(device, 9), effectiveAtMs: 250 } },
      ])
      expect(store.bindings()).toEqual([
        { ...bindingRow(device, 9), effectiveAtMs: 250 },
        bindingRow(device, 10),
        bindingRow(otherDevice, 1),
      ])
    })

    test.each<[string, DisputesFilter, string[]]>([
      ['all, newest first', {}, ['d3', 'd2', 'd1']],
      ['in a state', { states: ['open'] }, ['d3', 'd1']],
      ['in one of several states', { states: ['open', 'dismissed'] }, ['d3', 'd2', 'd1']],
      ['in none', { states: [] }, []],
      ['of a job', { job }, ['d2', 'd1']],
      ['of an account', { account: ada }, ['d2', 'd1']],
      ['of an account in a state', { account: ada, states: ['open'] }, ['d1']],
      ['up to a number', { limit: 2 }, ['d3', 'd2']],
      ['of an unknown job', { job: foreignJob }, []],
    ])('finds disputes: %s', (_, filter, expected) => {
      store.commit([
        ...members,
        { table: 'dispute', row: { ...disputeRow('d1'), lease: 3, job } },
        { table: 'dispute', row: { ...disputeRow('d2'), lease: 3, job, state: 'dismissed' } },
        {
          table: 'dispute',
          row: { ...disputeRow('d3'), account: `available:${device}`, campaign, windowMs: 0, sensor },
        },
      ])
      store.commit([{ table: 'dispute', row: { ...disputeRow('d1'), lease: 3, job, reason: 'Really.' } }])
      expect(store.disputes(filter).map(row => row.id)).toEqual(expected)
    })

    test('finds a lease by its id, without outputs', () => {
      const returned = { state: 'returned', digest: NAMES.digest } as const
      store.commit([...members, { table: 'lease-state', id: 3, ...returned, outputs: Uint8Array.of(1) }])
      expect(store.lease(3)).toEqual({ ...leaseRow(3, job, device), ...returned, outputs: null })
      expect(store.lease(4)).toBeNull()
    })

    test('takes the rows of a batch in any order between tables', () => {
      store.commit([
        { table: 'dispute', row: { ...disputeRow('d1'), ...disputed } },
        { table: 'payout', row: payoutRow(1, 'greta') },
        { table: 'receipt', row: receiptRow(device) },
        { table: 'hold', row: holdRow('deposit/d1', ada, escrow) },
        { table: 'epoch', row: epochRow(1) },
        ...members,
      ])
      expect([store.disputes().length, store.payouts(1).length, store.holds().length]).toEqual([1, 1, 1])
    })

    test.each<[string, Write[]]>([
      ['an entry that leaves a gap', entries(3)],
      ['an entry that is there already', entries(0)],
      ['an entry twice in one batch', entries(2, 2)],
      ['an entry before the first', entries(-1)],
      ['a tile that is there already', [{ table: 'tile', row: tileRow(0, 0) }]],
      ['a payout that is there already', [{ table: 'payout', row: payoutRow(1, 'greta') }]],
      ['a payout of an unknown epoch', [{ table: 'payout', row: payoutRow(9, 'greta') }]],
      ['a transfer for a purpose that is booked', fund(ada, 5n, 1).slice(2)],
      ['a hold of an account without a row', [{ table: 'hold', row: holdRow('x', 'submitter:eve', escrow) }]],
      ['a hold for an account without a row', [{ table: 'hold', row: holdRow('x', ada, 'escrow:eve') }]],
      ['the end of a hold that is not there', [{ table: 'hold-delete', purpose: 'x' }]],
      ['a receipt of an unknown device', [{ table: 'receipt', row: receiptRow(foreignDevice) }]],
      ['a floor of an unknown device', [{ table: 'floor', row: floorRow(foreignDevice) }]],
      ['a binding of an unknown device', [{ table: 'binding', row: bindingRow(foreignDevice, 1) }]],
      ['a dispute of an unknown lease', [{ table: 'dispute', row: { ...disputeRow('d2'), lease: 99 } }]],
      ['a dispute of an unknown job', [{ table: 'dispute', row: { ...disputeRow('d2'), job: foreignJob } }]],
      [
        'a dispute of an unknown campaign',
        [{ table: 'dispute', row: { ...disputeRow('d2'), campaign: foreignCampaign } }],
      ],
      ['a dispute of an unknown sensor', [{ table: 'dispute', row: { ...disputeRow('d2'), sensor: foreignSensor } }]],
    ])('stops at %s and applies nothing of its batch', (_, writes) => {
      store.commit([
        ...members,
        ...fund(ada, 5n, 1),
        ...entries(0),
        { table: 'tile', row: tileRow(0, 0) },
        { table: 'epoch', row: epochRow(1) },
        { table: 'payout', row: payoutRow(1, 'greta') },
        { table: 'peer', row: peerRow('a') },
        { table: 'hold', row: holdRow('deposit/d1', ada, escrow) },
        { table: 'hold', row: holdRow('deposit/d0', ada, escrow) },
      ])
      const before = contents(store)
      const mixed: Write[] = [
        ...entries(1),
        { table: 'tile', row: tileRow(0, 1) },
        { table: 'checkpoint', row: checkpointRow(2) },
        { table: 'epoch', row: { ...epochRow(1), state: 'paid' } },
        { table: 'payout', row: payoutRow(1, 'zoe') },
        { table: 'peer-delete', origin: 'a' },
        { table: 'hold-delete', purpose: 'deposit/d1' },
        { table: 'hold', row: { ...holdRow('deposit/d0', ada, escrow), leftMicro: 1n } },
        { table: 'receipt', row: receiptRow(device) },
        { table: 'floor', row: floorRow(device) },
        { table: 'price', row: { what: 'gigafuel', priceMicro: 1n, epoch: 1 } },
        { table: 'binding', row: bindingRow(device, 1) },
        { table: 'dispute', row: { ...disputeRow('d1'), ...disputed } },
      ]
      expect(() => store.commit([...mixed, ...writes])).toThrow(AssertionError)
      expect(contents(store)).toEqual(before)
      store.commit(mixed)
      store.commit(entries(2))
      expect([store.entryCount(), store.holds().length, store.disputes().length]).toEqual([3, 1, 1])
    })

    test('has everything committed after a crash', () => {
      store.commit([
        ...members,
        ...entries(0, 1),
        { table: 'tile', row: tileRow(0, 0) },
        { table: 'checkpoint', row: checkpointRow(2) },
        { table: 'hold', row: holdRow('b', ada, escrow) },
        { table: 'hold', row: holdRow('a', ada, escrow) },
        { table: 'epoch', row: epochRow(1) },
        { table: 'payout', row: payoutRow(1, 'greta') },
        { table: 'peer', row: peerRow('a') },
        { table: 'receipt', row: receiptRow(device) },
        { table: 'floor', row: floorRow(device) },
        { table: 'price', row: { what: 'gigafuel', priceMicro: 1n, epoch: 1 } },
        { table: 'binding', row: bindingRow(device, 1) },
        { table: 'dispute', row: { ...disputeRow('d1'), ...disputed } },
      ])
      const before = contents(store)
      store = subject.reopen(store)
      expect(contents(store)).toEqual(before)
      store.commit(entries(2))
      expect(store.entries(1, 9)).toEqual([entryRow(1).bytes, entryRow(2).bytes])
    })
  })
}

/** Everything a store holds that the tests above write. */
function contents(store: Store): unknown {
  return {
    accounts: store.accounts(),
    transfers: [...store.transfers()],
    holds: store.holds(),
    entries: [store.entryCount(), store.entries(0, 99)],
    tiles: [store.tile(0, 0), store.tile(0, 1)],
    checkpoint: store.checkpoint(),
    receipts: store.receipts(),
    peers: store.peers(),
    floors: store.floors(),
    prices: store.prices(),
    bindings: store.bindings(),
    epochs: store.epochs(),
    payouts: store.payouts(1),
    disputes: store.disputes(),
  }
}
