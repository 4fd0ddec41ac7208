import { describe, expect, test } from 'vitest'
import { epochFile, paidRows } from '../../../../coordinator/payout/index.ts'
import { payoutPurpose } from '../../../../coordinator/payout/purpose.ts'
import { toHex } from '../../../../protocol/index.ts'
import { addressOf, CHAIN, PayoutWorld, sha256Of } from '../../../support/payout-world.ts'

const CREDIT = 1_000_000n
const DAY = 86_400_000

describe('points', () => {
  test('move nothing, for ever', () => {
    const world = new PayoutWorld({})
    const device = world.device('ann')
    world.earn(device, 500n * CREDIT)
    for (let i = 0; i < 5; i++) world.passEpoch()
    expect(world.availableMicro(device)).toBe(500n * CREDIT)
    expect(world.payouts.allEpochs()).toEqual([])
    expect(world.entries('payout')).toEqual([])
  })
})

describe('an epoch', () => {
  test('is closed once, after it is over, and what went before the first is not made up for [PAY-6.1]', () => {
    const world = new PayoutWorld({ method: 'csv' })
    const device = world.device('ann')
    world.earn(device, 5n * CREDIT)
    const { epochMs } = world.policy
    const running = Math.floor(world.now.wallMs / epochMs)
    world.pass(epochMs - (world.now.wallMs % epochMs) - 1)
    expect(world.payouts.allEpochs()).toEqual([])
    world.pass(1)
    expect(world.payouts.allEpochs().map(({ epoch }) => epoch)).toEqual([running])
    world.earn(device, 7n * CREDIT)
    world.pass(1)
    world.reopen()
    world.pass(1)
    expect(world.payouts.allEpochs()).toHaveLength(1)
    world.pass(epochMs)
    expect(world.payouts.allEpochs().map(({ epoch }) => epoch)).toEqual([running + 1, running])
  })

  test('that had nobody to pay is over too, and a restart does not pay it later [PAY-6.1]', () => {
    const world = new PayoutWorld({ method: 'csv' })
    const device = world.device('ann')
    world.passEpoch()
    world.earn(device, 5n * CREDIT)
    world.reopen()
    world.pass(1)
    expect(world.payouts.allEpochs()).toEqual([])
    world.passEpoch()
    expect(world.payouts.allEpochs()).toHaveLength(1)
  })

  test('that passed while nobody looked is closed with the last of them [PAY-6.1]', () => {
    const world = new PayoutWorld({ method: 'csv' })
    world.earn(world.device('ann'), 5n * CREDIT)
    const running = Math.floor(world.now.wallMs / world.policy.epochMs)
    world.reopen()
    world.now = { ...world.now, wallMs: world.now.wallMs + 20 * world.policy.epochMs }
    world.pass(1)
    expect(world.payouts.allEpochs().map(({ epoch }) => epoch)).toEqual([running + 19])
  })

  test('with nobody to pay leaves no trace', () => {
    const world = new PayoutWorld({ method: 'csv' })
    world.device('ann')
    for (let i = 0; i < 3; i++) world.passEpoch()
    expect(world.payouts.allEpochs()).toEqual([])
    expect(world.entries('payout')).toEqual([])
  })

  test('leaves a payee below the minimum for a later one, and sums the devices of an owner [PAY-6.2] [PAY-6.3]', () => {
    const world = new PayoutWorld({ method: 'csv', minimumMicro: 10n * CREDIT })
    const [first, second, other] = [world.device('ann'), world.device('ann'), world.device('ben')]
    world.earn(first, 6n * CREDIT)
    world.earn(second, 3n * CREDIT)
    world.earn(other, 9n * CREDIT)
    world.passEpoch()
    expect(world.payouts.allEpochs()).toEqual([])
    world.earn(second, 1n * CREDIT)
    const epoch = world.passEpoch()
    expect(world.store.payouts(epoch)).toEqual([
      { epoch, payee: 'ann', amountMicro: 10n * CREDIT, feeMicro: 0n, cumulativeMicro: 10n * CREDIT },
    ])
    expect(world.availableMicro(first)).toBe(0n)
    expect(world.availableMicro(other)).toBe(9n * CREDIT)
  })

  test('says its root and its sums in the log, after its transfers', () => {
    const world = new PayoutWorld({ method: 'csv', feeMicro: CREDIT / 2n })
    const [ann, ben] = [world.device('ann'), world.device('ben')]
    world.earn(ann, 6n * CREDIT)
    world.earn(ben, 4n * CREDIT)
    const epoch = world.passEpoch()
    world.earn(ann, 5n * CREDIT)
    const next = world.passEpoch()
    const [first, second] = world.entries('payout')
    const row = world.store.payouts(epoch)
    expect(row.map(({ payee, feeMicro }) => [payee, feeMicro])).toEqual([
      ['ann', CREDIT / 2n],
      ['ben', CREDIT / 2n],
    ])
    expect(first).toMatchObject({ epoch, method: 'csv', payees: 2, epochMicro: 10n * CREDIT, totalMicro: 10n * CREDIT })
    expect(second).toMatchObject({ epoch: next, payees: 1, epochMicro: 5n * CREDIT, totalMicro: 15n * CREDIT })
    expect(world.store.payouts(next)[0]?.cumulativeMicro).toBe(11n * CREDIT)
    const entries = world.store.entries(0, world.store.entryCount())
    expect(entries.length).toBeGreaterThan(0)
    expect(world.payouts.epoch(epoch)?.root).toEqual(first?.root)
  })
})

describe('a file', () => {
  const settings = { method: 'csv', feeMicro: CREDIT / 4n, confirmMs: 30 * DAY } as const

  test('is pending until it is confirmed, and paid then [PAY-6.4]', () => {
    const world = new PayoutWorld(settings)
    const device = world.device('ann')
    world.earn(device, 6n * CREDIT)
    const epoch = world.passEpoch()
    expect(world.payouts.epoch(epoch)?.state).toBe('closed')
    expect(world.payouts.isPending(epoch, 'ann')).toBe(true)
    expect([world.availableMicro(device), world.paidMicro('ann')]).toEqual([0n, 0n])
    world.reopen()
    expect(world.step((now, batch) => world.payouts.confirm(epoch, now, batch))).toBe('settled')
    expect(world.paidMicro('ann')).toBe(6n * CREDIT)
    expect(world.payouts.epoch(epoch)?.state).toBe('paid')
    expect(world.store.epochs()[0]?.state).toBe('paid')
    expect(world.payouts.isPending(epoch, 'ann')).toBe(false)
    expect(world.step((now, batch) => world.payouts.confirm(epoch, now, batch))).toBe('not_pending')
    expect(world.step((now, batch) => world.payouts.void(epoch, null, now, batch))).toBe('not_pending')
    expect(world.audit()).toMatchObject({ ok: true, problems: [] })
  })

  test('that failed gives the money back, and a later epoch pays it [PAY-6.4]', () => {
    const world = new PayoutWorld(settings)
    const device = world.device('ann')
    world.earn(device, 6n * CREDIT)
    const epoch = world.passEpoch()
    expect(world.step((now, batch) => world.payouts.void(epoch, null, now, batch))).toBe('settled')
    expect(world.payouts.epoch(epoch)?.state).toBe('void')
    expect(world.availableMicro(device)).toBe(6n * CREDIT)
    const next = world.passEpoch()
    expect(world.store.payouts(next)[0]).toMatchObject({ amountMicro: 6n * CREDIT, cumulativeMicro: 6n * CREDIT })
    world.step((now, batch) => world.payouts.confirm(next, now, batch))
    expect(world.paidMicro('ann')).toBe(6n * CREDIT)
    expect(world.audit().problems).toEqual([])
  })

  test('with one payment that failed pays the others, after a restart too [PAY-6.4]', () => {
    const world = new PayoutWorld(settings)
    const [ann, again, ben] = [world.device('ann'), world.device('ann'), world.device('ben')]
    world.earn(ann, 6n * CREDIT)
    world.earn(again, 2n * CREDIT)
    world.earn(ben, 4n * CREDIT)
    const epoch = world.passEpoch()
    expect(world.step((now, batch) => world.payouts.void(epoch, 'cem', now, batch))).toBe('no_such_payee')
    expect(world.step((now, batch) => world.payouts.void(epoch, 'ann', now, batch))).toBe('settled')
    expect(world.payouts.epoch(epoch)?.state).toBe('closed')
    world.reopen()
    expect(world.payouts.isPending(epoch, 'ann')).toBe(false)
    expect(world.step((now, batch) => world.payouts.void(epoch, 'ann', now, batch))).toBe('no_such_payee')
    expect(world.step((now, batch) => world.payouts.confirm(epoch, now, batch))).toBe('settled')
    expect([world.paidMicro('ann'), world.paidMicro('ben')]).toEqual([0n, 4n * CREDIT])
    expect([world.availableMicro(ann), world.availableMicro(again)]).toEqual([6n * CREDIT, 2n * CREDIT])
    expect(world.audit().problems).toEqual([])
  })

  test('that loses its last payment is void', () => {
    const world = new PayoutWorld(settings)
    world.earn(world.device('ann'), 6n * CREDIT)
    const epoch = world.passEpoch()
    world.step((now, batch) => world.payouts.void(epoch, 'ann', now, batch))
    expect(world.payouts.epoch(epoch)?.state).toBe('void')
  })

  test('that nobody confirms in time has not been paid [PAY-6.4]', () => {
    const world = new PayoutWorld({ ...settings, confirmMs: 30 * DAY + 1_000 }, { epochMs: DAY })
    const device = world.device('ann')
    world.earn(device, 6n * CREDIT)
    const epoch = world.passEpoch()
    world.pass(30 * DAY + 999)
    expect(world.payouts.epoch(epoch)?.state).toBe('closed')
    world.reopen()
    world.pass(1)
    expect(world.payouts.epoch(epoch)?.state).toBe('void')
    expect(world.store.epochs().find(row => row.epoch === epoch)?.state).toBe('void')
    expect(world.availableMicro(device)).toBe(6n * CREDIT)
    const next = world.passEpoch()
    expect([world.availableMicro(device), world.store.payouts(next).length]).toEqual([0n, 1])
    expect(world.audit().problems).toEqual([])
  })

  test('holds back what waits when the next one is closed, and counts it', () => {
    const world = new PayoutWorld(settings)
    const device = world.device('ann')
    world.earn(device, 6n * CREDIT)
    const first = world.passEpoch()
    world.earn(device, 3n * CREDIT)
    const second = world.passEpoch()
    expect(world.store.payouts(second)[0]).toMatchObject({ amountMicro: 3n * CREDIT, cumulativeMicro: 9n * CREDIT })
    world.step((now, batch) => world.payouts.confirm(second, now, batch))
    world.step((now, batch) => world.payouts.confirm(first, now, batch))
    expect(world.paidMicro('ann')).toBe(9n * CREDIT)
  })

  test('is the same bytes again after restarts, confirmation and a device that changed hands [PAY-6.5]', () => {
    const world = new PayoutWorld(settings)
    const [ann, again, ben] = [world.device('ann'), world.device('ann'), world.device('ben')]
    world.earn(ann, 6n * CREDIT)
    world.earn(again, 2n * CREDIT + 1n)
    world.earn(ben, 4n * CREDIT)
    const epoch = world.passEpoch()
    const file = () => {
      const row = world.payouts.epoch(epoch)
      return row ? epochFile(row, paidRows(world.store, world.fleet, epoch)) : null
    }
    const expected = [
      'payee,devices,gross,fee,net,epoch',
      `ann,2,8.000001,0.25,7.750001,${epoch}`,
      `ben,1,4,0.25,3.75,${epoch}`,
      '',
    ].join('\r\n')
    expect(file()).toBe(expected)
    expect(toHex(world.entries('payout')[0]?.root ?? new Uint8Array())).toBe(sha256Of(expected))
    world.step((now, batch) => world.payouts.confirm(epoch, now, batch))
    world.member(again).row.owner = world.member(ben).row.owner
    world.fleet.touch(world.member(again))
    world.passEpoch()
    world.reopen()
    expect(file()).toBe(expected)
  })

  test('whose rows were changed is not given out as the one in the log', () => {
    const world = new PayoutWorld(settings)
    world.earn(world.device('ann'), 6n * CREDIT)
    const epoch = world.passEpoch()
    const row = world.payouts.epoch(epoch)
    if (!row) throw new Error('it was closed')
    const rows = paidRows(world.store, world.fleet, epoch).map(paid => ({
      ...paid,
      amountMicro: paid.amountMicro + 1n,
    }))
    expect(epochFile(row, rows)).toBeNull()
  })
})

describe('an epoch that is not there', () => {
  test('cannot be confirmed, voided or signed', () => {
    const world = new PayoutWorld({ method: 'csv' })
    expect(world.step((now, batch) => world.payouts.confirm(7, now, batch))).toBe('not_found')
    expect(world.step((now, batch) => world.payouts.void(7, null, now, batch))).toBe('not_found')
    const signature = { signer: addressOf('anybody'), signature: '0x' }
    expect(world.step((_now, batch) => world.payouts.sign(7, signature, batch))).toBe('not_found')
  })
})

test('a device that was caught or revoked keeps what was available, and its owner is paid by file', () => {
  const world = new PayoutWorld({ method: 'csv' })
  const [caught, revoked] = [world.device('ann'), world.device('ben')]
  world.earn(caught, 6n * CREDIT)
  world.earn(revoked, 5n * CREDIT)
  world.step((now, batch) => {
    world.fleet.demote(world.member(caught), 'caught', 'a wrong result', now.wallMs, batch)
    world.fleet.demote(world.member(revoked), 'revoked', 'sold', now.wallMs, batch)
  })
  const epoch = world.passEpoch()
  expect(world.store.payouts(epoch).map(({ payee }) => payee)).toEqual(['ann', 'ben'])
})

test('a payout is named after its epoch and its device', () => {
  const world = new PayoutWorld({ method: 'chain', chain: CHAIN })
  const device = world.device('ann')
  world.bind(device, 'ann')
  world.pass(30_000)
  world.earn(device, 6n * CREDIT)
  const epoch = world.passEpoch()
  expect(world.store.transferFor(payoutPurpose(epoch, device))).toMatchObject({
    kind: 'payout',
    phase: 'single',
    debit: `available:${device}`,
    credit: `payout:${addressOf('ann')}`,
    amountMicro: 6n * CREDIT,
  })
})
