import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PayoutReplay } from '../../coordinator/payout/index.ts'
import { type DeviceId, toHex } from '../../protocol/index.ts'
import { addressOf, CHAIN, PayoutWorld } from '../support/payout-world.ts'

/** Whatever happens to a region, in any order: money is kept, nothing paid falls, and the log tells all of it. */

const OWNERS = ['ann', 'ben', '-cem']
const WALLETS = ['w0', 'w1', 'w2']
const MICRO = { minimumMicro: 40n, confirmMs: 300_000 }
const EPOCH_MS = 60_000

type Step =
  | { readonly do: 'earn'; readonly device: number; readonly micro: bigint }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'bind'; readonly device: number; readonly wallet: number }
  | { readonly do: 'demote'; readonly device: number; readonly standing: 'caught' | 'revoked' }
  | { readonly do: 'reinstate'; readonly device: number }
  | { readonly do: 'settle'; readonly how: 'confirm' | 'void'; readonly which: number; readonly payee: number | null }
  | { readonly do: 'restart' }

const device = fc.nat(4)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('earn' as const), device, micro: fc.bigInt(1n, 200n) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        ms: fc.constantFrom(1, EPOCH_MS / 3, EPOCH_MS - 1, EPOCH_MS, 2 * EPOCH_MS),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('bind' as const), device, wallet: fc.nat(2) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('demote' as const),
        device,
        standing: fc.constantFrom('caught' as const, 'revoked' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reinstate' as const), device }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        how: fc.constantFrom('confirm' as const, 'void' as const),
        which: fc.nat(3),
        payee: fc.option(fc.nat(2)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { minLength: 10, maxLength: 50, size: 'max' },
)

/** Plays the steps. @param check - after each of them */
function play(world: PayoutWorld, played: readonly Step[], check: (earnedMicro: bigint) => void): DeviceId[] {
  const devices = Array.from({ length: 5 }, (_, i) => world.device(OWNERS[i % OWNERS.length] ?? ''))
  let earnedMicro = 0n
  for (const step of played) {
    if ('device' in step) {
      const id = devices[step.device]
      if (!id) throw new Error('there are five')
      if (step.do === 'earn') {
        world.earn(id, step.micro)
        earnedMicro += step.micro
      } else if (step.do === 'bind') world.bind(id, WALLETS[step.wallet] ?? '')
      else if (step.do === 'demote') {
        world.step((now, batch) => world.fleet.demote(world.member(id), step.standing, 'test', now.wallMs, batch))
      } else world.step((now, batch) => world.fleet.reinstate(world.member(id), now.wallMs, batch))
    } else if (step.do === 'pass') world.pass(step.ms)
    else if (step.do === 'restart') world.reopen()
    else settle(world, step)
    check(earnedMicro)
  }
  return devices
}

function settle(world: PayoutWorld, { how, which, payee }: Extract<Step, { do: 'settle' }>): void {
  const epoch = world.payouts.allEpochs()[which]?.epoch
  if (epoch === undefined) return
  world.step((now, batch) => {
    if (how === 'confirm') world.payouts.confirm(epoch, now, batch)
    else world.payouts.void(epoch, payee === null ? null : (OWNERS[payee] ?? null), now, batch)
  })
}

function audit(world: PayoutWorld): void {
  expect(world.audit()).toMatchObject({ ok: true, problems: [] })
}

describe('payouts', () => {
  test('by file lose no money, and what is in the books is what was confirmed', () => {
    const seen = { paid: 0, void: 0, closed: 0, signed: 0, open: 0 }
    fc.assert(
      fc.property(steps, played => {
        const world = new PayoutWorld({ method: 'csv', feeMicro: 7n, ...MICRO }, { epochMs: EPOCH_MS })
        const devices: DeviceId[] = []
        const held = (ids: readonly DeviceId[]) =>
          ids.reduce((sum, id) => sum + world.balanceMicro(`available:${id}`), 0n)
        const paid = () => OWNERS.reduce((sum, owner) => sum + world.paidMicro(owner), 0n)
        let paidBefore = 0n
        devices.push(
          ...play(world, played, earned => {
            const ids = [...world.fleet.all()].map(({ row }) => row.id)
            expect(held(ids) + paid()).toBe(earned)
            expect(paid()).toBeGreaterThanOrEqual(paidBefore)
            paidBefore = paid()
            for (const { row } of world.fleet.all()) expect(world.availableMicro(row.id)).toBeGreaterThanOrEqual(0n)
          }),
        )
        audit(world)
        const confirmed = world.payouts.allEpochs().filter(({ state }) => state === 'paid')
        const transfers = [...world.store.transfers()].filter(({ kind }) => kind === 'payout')
        const posted = transfers.filter(({ phase }) => phase === 'post').reduce((sum, row) => sum + row.amountMicro, 0n)
        expect(posted).toBe(paid())
        for (const { pending } of transfers.filter(({ phase }) => phase === 'post')) {
          expect(confirmed.some(({ epoch }) => pending?.startsWith(`payout/${epoch}/`))).toBe(true)
        }
        expectSumsInLog(world)
        for (const { state } of world.payouts.allEpochs()) seen[state]++
      }),
      { numRuns: 60 },
    )
    expect(Math.min(seen.paid, seen.void, seen.closed)).toBeGreaterThan(5)
  })

  test('on a chain never fall, and every root is what the books say in the tree of OpenZeppelin [PAY-8.1] [PAY-8.2]', () => {
    let epochs = 0
    fc.assert(
      fc.property(steps, fc.constantFrom(1n, 7n), (played, micro) => {
        const creditScale = { baseUnits: 3n, micro }
        const world = new PayoutWorld(
          { method: 'chain', ...MICRO, chain: { ...CHAIN, creditScale } },
          { epochMs: EPOCH_MS, bindingDelayMs: 50_000 },
        )
        const before = new Map<string, bigint>()
        const closed = new Map<number, string>()
        play(world, played, earned => {
          const ids = [...world.fleet.all()].map(({ row }) => row.id)
          const held = ids.reduce((sum, id) => sum + world.balanceMicro(`available:${id}`), 0n)
          const paid = WALLETS.reduce((sum, wallet) => sum + world.paidMicro(addressOf(wallet)), 0n)
          expect(held + paid).toBe(earned)
          for (const wallet of WALLETS) {
            expect(world.paidMicro(addressOf(wallet))).toBeGreaterThanOrEqual(before.get(wallet) ?? 0n)
            before.set(wallet, world.paidMicro(addressOf(wallet)))
          }
          const [newest] = world.payouts.allEpochs()
          if (newest && !closed.has(newest.epoch)) closed.set(newest.epoch, rootOfBooks(world, creditScale))
        })
        audit(world)
        for (const { epoch, root } of world.payouts.allEpochs()) {
          expect(`0x${toHex(root)}`).toBe(closed.get(epoch))
          const replay = new PayoutReplay(epoch)
          for (const entry of world.allEntries()) replay.apply(entry)
          expect(replay.problems).toEqual([])
        }
        expectSumsInLog(world)
        epochs += world.payouts.allEpochs().length
      }),
      { numRuns: 60 },
    )
    expect(epochs).toBeGreaterThan(30)
  })
})

function rootOfBooks(world: PayoutWorld, scale: { baseUnits: bigint; micro: bigint }): string {
  const leaves = WALLETS.map(addressOf).flatMap(payee => {
    const amount = (world.paidMicro(payee) / scale.micro) * scale.baseUnits
    return amount === 0n ? [] : [['1', CHAIN.contract, payee, `${amount}`]]
  })
  return StandardMerkleTree.of(leaves, ['uint256', 'address', 'address', 'uint256']).root
}

/** What each epoch's entry says is the sum of its transfers, and of all before. */
function expectSumsInLog(world: PayoutWorld): void {
  let totalMicro = 0n
  for (const { epoch, epochMicro, totalMicro: said, payees } of world.entries('payout')) {
    const rows = world.store.payouts(epoch)
    const transfers = [...world.store.transfers()].filter(
      ({ purpose, phase }) => purpose.startsWith(`payout/${epoch}/`) && (phase === 'single' || phase === 'pending'),
    )
    totalMicro += epochMicro
    expect(transfers.reduce((sum, { amountMicro }) => sum + amountMicro, 0n)).toBe(epochMicro)
    expect(rows.reduce((sum, { amountMicro }) => sum + amountMicro, 0n)).toBe(epochMicro)
    expect([rows.length, said]).toEqual([payees, totalMicro])
  }
}
