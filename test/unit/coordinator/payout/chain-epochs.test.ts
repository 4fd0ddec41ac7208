import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { describe, expect, test } from 'vitest'
import {
  epochTree,
  payoutClaims,
  rootDigest,
  signDigest,
  signerOfRoot,
} from '../../../../coordinator/payout/chain/index.ts'
import { PayoutReplay, paidThrough, signaturesOf } from '../../../../coordinator/payout/index.ts'
import { fromHex, type LogEntry, toHex } from '../../../../protocol/index.ts'
import { addressOf, CHAIN, keyOf, OTHER, OWN, PayoutWorld } from '../../../support/payout-world.ts'

const CREDIT = 1_000_000n
const TYPES = ['uint256', 'address', 'address', 'uint256']

function chainWorld(chain: Partial<typeof CHAIN> = {}): PayoutWorld {
  return new PayoutWorld({ method: 'chain', chain: { ...CHAIN, ...chain } }, { bindingDelayMs: 1_000 })
}

function bound(world: PayoutWorld, owner: string, name = owner) {
  const device = world.device(owner)
  world.bind(device, name)
  world.pass(1_000)
  return device
}

const terms = (world: PayoutWorld) => {
  if (world.config.chain === null) throw new Error('it is a chain')
  return world.config.chain
}
const rootOf = (world: PayoutWorld, epoch: number) => `0x${toHex(world.payouts.epoch(epoch)?.root ?? new Uint8Array())}`
const treeOf = (amounts: Readonly<Record<string, bigint>>) =>
  StandardMerkleTree.of(
    Object.entries(amounts).map(([name, amount]) => ['1', CHAIN.contract, addressOf(name), `${amount}`]),
    TYPES,
  ).root

describe('an epoch on a chain', () => {
  test('has a root over all that every address was ever paid [PAY-8.1] [PAY-8.2]', () => {
    const world = chainWorld()
    const [ann, ben] = [bound(world, 'ann'), bound(world, 'ben')]
    world.earn(ann, 3n * CREDIT)
    world.earn(ben, 2n * CREDIT)
    const first = world.passEpoch()
    expect(rootOf(world, first)).toBe(treeOf({ ann: 3n * CREDIT, ben: 2n * CREDIT }))
    world.earn(ben, 5n * CREDIT)
    world.reopen()
    const second = world.passEpoch()
    // Whoever got nothing is in the tree with what was had before.
    expect(rootOf(world, second)).toBe(treeOf({ ann: 3n * CREDIT, ben: 7n * CREDIT }))
    expect(world.payouts.epoch(second)).toMatchObject({ payees: 1, epochMicro: 5n * CREDIT, totalMicro: 10n * CREDIT })
    expect(world.entries('payout').map(({ root }) => `0x${toHex(root)}`)).toEqual([
      rootOf(world, first),
      rootOf(world, second),
    ])
  })

  test('gives two devices with one address one leaf [PAY-6.3]', () => {
    const world = chainWorld()
    const [first, second] = [bound(world, 'ann', 'wallet'), bound(world, 'ben', 'wallet')]
    world.earn(first, 3n * CREDIT)
    world.earn(second, 2n * CREDIT)
    const epoch = world.passEpoch()
    expect(world.store.payouts(epoch)).toMatchObject([{ payee: addressOf('wallet'), amountMicro: 5n * CREDIT }])
    expect(rootOf(world, epoch)).toBe(treeOf({ wallet: 5n * CREDIT }))
  })

  test('leaves what the scale cannot express where it is [PAY-6.2]', () => {
    const world = chainWorld({ creditScale: { baseUnits: 7n, micro: 10_000n } })
    const device = bound(world, 'ann')
    world.earn(device, 3n * CREDIT + 10_001n)
    const epoch = world.passEpoch()
    expect(world.availableMicro(device)).toBe(1n)
    expect(world.paidMicro(addressOf('ann'))).toBe(3n * CREDIT + 10_000n)
    expect(rootOf(world, epoch)).toBe(treeOf({ ann: 301n * 7n }))
    world.earn(device, CREDIT + 9_999n)
    const next = world.passEpoch()
    expect(world.availableMicro(device)).toBe(0n)
    expect(rootOf(world, next)).toBe(treeOf({ ann: 402n * 7n }))
  })

  test('is signed by this coordinator at once, and ready when enough others have signed [PAY-8.3]', () => {
    const world = chainWorld()
    world.earn(bound(world, 'ann'), 3n * CREDIT)
    const epoch = world.passEpoch()
    const { message } = epochTree(terms(world), epoch, paidThrough(world.store, world.payouts.allEpochs(), epoch))
    const row = () => world.payouts.epoch(epoch) ?? { signatures: '', state: 'open' as const }
    expect(signaturesOf(row()).map(({ signer }) => signer)).toEqual([addressOf(OWN)])
    expect(signerOfRoot(terms(world), message, signaturesOf(row())[0]?.signature ?? '')).toBe(addressOf(OWN))
    expect(row().state).toBe('closed')
    const sign = (name: string) => {
      const signature = `0x${toHex(signDigest(rootDigest(terms(world), message), keyOf(name)))}`
      return world.step((_now, batch) => world.payouts.sign(epoch, { signer: addressOf(name), signature }, batch))
    }
    expect(world.step((now, batch) => world.payouts.confirm(epoch, now, batch))).toBe('not_pending')
    expect(sign('stranger')).toBe('not_a_signer')
    expect(sign(OWN)).toBe('exists')
    expect(sign(OTHER)).toBe('signed')
    expect(row().state).toBe('signed')
    world.reopen()
    expect(row().state).toBe('signed')
    const signers = signaturesOf(row()).map(({ signer }) => signer)
    expect(signers).toEqual([addressOf(OWN), addressOf(OTHER)].sort())
    expect(world.step((now, batch) => world.payouts.void(epoch, null, now, batch))).toBe('not_pending')
    expect(world.step((now, batch) => world.payouts.confirm(epoch, now, batch))).toBe('settled')
    expect(row().state).toBe('paid')
  })

  test('is ready at once when one signature is enough', () => {
    const world = chainWorld({ threshold: 1 })
    world.earn(bound(world, 'ann'), 3n * CREDIT)
    expect(world.payouts.epoch(world.passEpoch())?.state).toBe('signed')
  })

  test('gives the same claims again from its rows, also of epochs that are past [PAY-8.1]', () => {
    const world = chainWorld()
    const [ann, ben] = [bound(world, 'ann'), bound(world, 'ben')]
    world.earn(ann, 3n * CREDIT)
    world.earn(ben, 2n * CREDIT)
    const first = world.passEpoch()
    world.earn(ben, 5n * CREDIT)
    world.passEpoch()
    world.reopen()
    const tree = epochTree(terms(world), first, paidThrough(world.store, world.payouts.allEpochs(), first))
    const row = world.payouts.epoch(first)
    if (!row) throw new Error('it was closed')
    const claims = payoutClaims(terms(world), tree, signaturesOf(row))
    expect(claims).toMatchObject({ epoch: first, root: rootOf(world, first), total: `${5n * CREDIT}`, postRoot: null })
    expect(Object.keys(claims.claims)).toEqual([addressOf('ann'), addressOf('ben')].sort())
    for (const [payee, { cumulative, proof }] of Object.entries(claims.claims)) {
      const leaf = ['1', CHAIN.contract, payee, cumulative]
      expect(StandardMerkleTree.verify(claims.root, TYPES, leaf, [...proof])).toBe(true)
    }
    const enough = payoutClaims({ ...terms(world), threshold: 1 }, tree, signaturesOf(row))
    expect(enough.postRoot).toMatch(/^0xfd3723e4[0-9a-f]+$/)
  })
})

describe('another coordinator', () => {
  const replayOf = (world: PayoutWorld, epoch: number, change = (entry: LogEntry): LogEntry => entry) => {
    const replay = new PayoutReplay(epoch)
    for (const entry of world.allEntries()) replay.apply(change(entry))
    return replay
  }

  test('works out the root from the public log alone [PAY-8.4]', () => {
    const world = chainWorld()
    const [ann, ben] = [bound(world, 'ann'), bound(world, 'ben')]
    for (let i = 0; i < 4; i++) {
      world.earn(ann, 3n * CREDIT)
      if (i % 2 === 0) world.earn(ben, 2n * CREDIT)
      world.passEpoch()
    }
    for (const { epoch } of world.payouts.allEpochs()) {
      const replay = replayOf(world, epoch)
      expect(replay.problems).toEqual([])
      const { message } = epochTree(terms(world), epoch, replay.closed?.paid ?? [])
      expect(`0x${toHex(message.root)}`).toBe(rootOf(world, epoch))
      expect(message.root).toEqual(replay.closed?.entry.root)
    }
    expect(replayOf(world, 1).closed).toBeNull()
  })

  test('sees a payout to an address that the device had not bound, or not for long enough [PAY-8.4]', () => {
    const world = chainWorld()
    const ann = bound(world, 'ann')
    world.earn(ann, 3n * CREDIT)
    const epoch = world.passEpoch()
    const late = replayOf(world, epoch, entry =>
      entry.type === 'binding' ? { ...entry, effectiveAtMs: entry.effectiveAtMs + 1e9 } : entry,
    )
    expect(late.problems.join()).toContain('was none')
    const other = replayOf(world, epoch, entry =>
      entry.type === 'binding' ? { ...entry, address: fromHex(addressOf('thief').slice(2)) } : entry,
    )
    expect(other.problems.join()).toContain(addressOf('thief'))
  })

  test('sees a payout of a device that was revoked [PAY-8.4]', () => {
    const world = chainWorld()
    const ann = bound(world, 'ann')
    world.earn(ann, 3n * CREDIT)
    const epoch = world.passEpoch()
    const replay = new PayoutReplay(epoch)
    const standing = { type: 'standing', atMs: 0, device: ann, reason: '' } as const
    replay.apply({ ...standing, standing: 'revoked' })
    for (const entry of world.allEntries()) replay.apply(entry)
    expect(replay.problems.join()).toContain('while it was revoked')
  })
})
