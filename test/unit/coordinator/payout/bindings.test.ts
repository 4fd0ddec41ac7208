import { describe, expect, test } from 'vitest'
import { toHex } from '../../../../protocol/index.ts'
import { addressOf, CHAIN, PayoutWorld } from '../../../support/payout-world.ts'

const CREDIT = 1_000_000n
const DELAY = 30_000_000
const MINUTE = 60_000
const chain = () => new PayoutWorld({ method: 'chain', chain: CHAIN }, { bindingDelayMs: DELAY, epochMs: 10_000_000 })

describe('an address', () => {
  test('counts after the delay, and nothing moves before [PAY-7.1] [PAY-7.3]', () => {
    const world = chain()
    const device = world.device('ann')
    world.earn(device, 5n * CREDIT)
    world.passEpoch()
    expect(world.bind(device, 'ann')).toBe('bound')
    const effectiveAtMs = world.now.wallMs + DELAY
    expect(world.payouts.bindings.of(device, effectiveAtMs - 1).current).toBeNull()
    expect(world.payouts.bindings.of(device, effectiveAtMs).current?.effectiveAtMs).toBe(effectiveAtMs)
    world.passEpoch()
    world.reopen()
    world.passEpoch()
    expect([world.availableMicro(device), world.payouts.allEpochs().length]).toEqual([5n * CREDIT, 0])
    world.passEpoch()
    expect([world.availableMicro(device), world.paidMicro(addressOf('ann'))]).toEqual([0n, 5n * CREDIT])
  })

  test('is told in the log with the statement, and to the device [PAY-7.1]', () => {
    const world = chain()
    const device = world.device('ann')
    world.bind(device, 'ann')
    const [entry] = world.entries('binding')
    expect(entry).toMatchObject({ device, atMs: world.now.wallMs, effectiveAtMs: world.now.wallMs + DELAY })
    expect(`0x${toHex(entry?.address ?? new Uint8Array())}`).toBe(addressOf('ann'))
    expect(toHex(entry?.statement ?? new Uint8Array())).toBe('616e6e')
    expect(world.store.bindings()).toHaveLength(1)
    const [notice] = world.notices()
    expect(notice).toMatchObject({ device, standing: 'joined' })
    expect(notice?.text).toContain(addressOf('ann'))
  })

  test('that waits is told to a device that comes back, and one that counts is not', () => {
    const world = chain()
    const device = world.device('ann')
    world.bind(device, 'thief')
    world.reopen()
    const greet = () => {
      world.effects.length = 0
      world.step((now, batch) => world.payouts.bindings.greet(world.member(device), now.wallMs, batch))
      return world.notices().length
    }
    expect(greet()).toBe(1)
    expect(world.notices()[0]?.text).toContain(addressOf('thief'))
    world.pass(DELAY)
    expect(greet()).toBe(0)
  })

  test('that counts stays until the next has waited its own delay', () => {
    const world = chain()
    const device = world.device('ann')
    world.bind(device, 'ann')
    world.pass(DELAY)
    world.bind(device, 'new wallet')
    world.earn(device, 5n * CREDIT)
    world.passEpoch()
    expect(world.paidMicro(addressOf('ann'))).toBe(5n * CREDIT)
    world.pass(DELAY)
    world.earn(device, 7n * CREDIT)
    world.passEpoch()
    expect([world.paidMicro(addressOf('ann')), world.paidMicro(addressOf('new wallet'))]).toEqual([
      5n * CREDIT,
      7n * CREDIT,
    ])
  })

  test('of a thief never counts once the owner has bound another, at no moment [PAY-7.2]', () => {
    for (const restarts of [false, true]) {
      const world = chain()
      const device = world.device('ann')
      world.bind(device, 'ann')
      world.pass(DELAY)
      world.bind(device, 'thief')
      world.pass(DELAY / 2)
      expect(world.bind(device, 'ann')).toBe('bound')
      for (let i = 0; i < 4; i++) {
        world.earn(device, 5n * CREDIT)
        // The thief's own delay passes meanwhile.
        world.pass(DELAY / 3)
        if (restarts) world.reopen()
        world.passEpoch()
        const { current } = world.payouts.bindings.of(device, world.now.wallMs)
        expect(toHex(current?.address ?? new Uint8Array())).toBe(addressOf('ann').slice(2))
      }
      expect(world.paidMicro(addressOf('thief'))).toBe(0n)
      expect(world.paidMicro(addressOf('ann'))).toBe(20n * CREDIT)
    }
  })

  test('of nobody, the same again, or another within a minute is refused, in that order', () => {
    const world = chain()
    const device = world.device('ann')
    const zero = { seq: 1, address: new Uint8Array(20), statement: new Uint8Array() }
    const bindZero = () =>
      world.step((now, batch) => world.payouts.bindings.bind(world.member(device), zero, now.wallMs, batch))
    expect(bindZero()).toBe('zero_address')
    expect(world.bind(device, 'ann')).toBe('bound')
    expect(world.bind(device, 'ann')).toBe('unchanged')
    expect(world.bind(device, 'ben')).toBe('too_soon')
    world.pass(MINUTE)
    expect(world.bind(device, 'ben')).toBe('bound')
    expect(world.bind(device, 'ben')).toBe('unchanged')
    expect(world.entries('binding')).toHaveLength(2)
    world.pass(DELAY)
    expect(world.bind(device, 'ben')).toBe('unchanged')
  })
})

describe('a device', () => {
  test('that is revoked is not paid out on a chain until it is reinstated [PAY-7.3]', () => {
    const world = chain()
    const device = world.device('ann')
    world.bind(device, 'ann')
    world.pass(DELAY)
    world.earn(device, 5n * CREDIT)
    world.step((now, batch) =>
      world.fleet.demote(world.member(device), 'revoked', 'its key was stolen', now.wallMs, batch),
    )
    world.passEpoch()
    expect(world.availableMicro(device)).toBe(5n * CREDIT)
    world.step((now, batch) => world.fleet.reinstate(world.member(device), now.wallMs, batch))
    world.passEpoch()
    expect(world.paidMicro(addressOf('ann'))).toBe(5n * CREDIT)
  })

  test('that was caught is paid what had become available before', () => {
    const world = chain()
    const device = world.device('ann')
    world.bind(device, 'ann')
    world.pass(DELAY)
    world.earn(device, 5n * CREDIT)
    world.step((now, batch) => world.fleet.demote(world.member(device), 'caught', 'a wrong result', now.wallMs, batch))
    world.passEpoch()
    expect(world.paidMicro(addressOf('ann'))).toBe(5n * CREDIT)
  })
})
