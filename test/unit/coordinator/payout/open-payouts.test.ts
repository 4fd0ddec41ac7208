import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openPayoutKey } from '../../../../coordinator/payout/chain/index.ts'
import { openPayouts, PayoutConfig, type PayoutSettings } from '../../../../coordinator/payout/index.ts'
import { seededRandom } from '../../../../protocol/index.ts'
import { addressOf, CHAIN, PayoutWorld } from '../../../support/payout-world.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const CREDIT = 1_000_000n
const root = resolve(import.meta.dirname, '../../../..')
const makeTempDir = tempDirs()

describe('opening payouts', () => {
  const open = (world: PayoutWorld, settings: PayoutSettings, keyPath: string, epochMs = world.policy.epochMs) =>
    openPayouts(
      {
        store: world.store,
        ledger: world.ledger,
        fleet: world.fleet,
        policy: { ...world.policy, epochMs },
        random: seededRandom('keys'),
      },
      PayoutConfig(settings),
      keyPath,
      world.now.wallMs,
    )

  test('makes no key unless there is a chain', async () => {
    const folder = makeTempDir()
    const world = new PayoutWorld({})
    for (const method of ['points', 'csv'] as const) {
      expect((await open(world, { method }, join(folder, 'payout.key'))).signer).toBeNull()
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('makes a key for a chain, for its user only, and names its address when it is none of the signers', async () => {
    const path = join(makeTempDir(), 'payout.key')
    const world = new PayoutWorld({})
    await expect(open(world, { method: 'chain', chain: CHAIN }, path)).rejects.toThrow('must be among them')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { address } = openPayoutKey(path, seededRandom('other'))
    const payouts = await open(world, { method: 'chain', chain: { ...CHAIN, signers: [address], threshold: 1 } }, path)
    expect(payouts.signer).toBe(address)
  })

  test('keeps to the contract and the scale that were paid into, since amounts are cumulative [PAY-8.2]', async () => {
    const path = join(makeTempDir(), 'payout.key')
    const { address } = openPayoutKey(path, seededRandom('keys'))
    const chain = { ...CHAIN, signers: [address], threshold: 1 }
    const world = new PayoutWorld({ method: 'chain', chain: CHAIN }, { bindingDelayMs: 0 })
    await open(world, { method: 'chain', chain }, path)
    // Nothing has been paid, so the operator may still think better of it.
    await open(world, { method: 'chain', chain: { ...chain, chainId: 5 } }, path)
    await open(world, { method: 'chain', chain }, path)
    const device = world.device('ann')
    world.bind(device, 'ann')
    world.earn(device, 5n * CREDIT)
    world.passEpoch()
    expect(world.paidMicro(addressOf('ann'))).toBe(5n * CREDIT)
    await open(
      world,
      { method: 'chain', chain: { ...chain, threshold: 1, signers: [address, addressOf('new')] } },
      path,
    )
    for (const other of [
      { ...chain, chainId: 5 },
      { ...chain, contract: addressOf('another contract') },
      { ...chain, creditScale: { baseUnits: 2n, micro: 1n } },
    ]) {
      await expect(open(world, { method: 'chain', chain: other }, path)).rejects.toMatchObject({
        code: 'bad_option',
        message: expect.stringContaining('this region has paid into'),
      })
    }
    await open(world, { method: 'csv' }, path)
  })

  test('refuses longer epochs once one was paid, whose number they would have again', async () => {
    const world = new PayoutWorld({ method: 'csv' }, { epochMs: 10_000 })
    const device = world.device('ann')
    world.passEpoch()
    const path = join(makeTempDir(), 'payout.key')
    await open(world, { method: 'csv' }, path, 60_000)
    world.earn(device, 5n * CREDIT)
    world.passEpoch()
    await open(world, { method: 'csv' }, path)
    await open(world, { method: 'csv' }, path, 5_000)
    await open(world, { method: 'points' }, path, 60_000)
    await expect(open(world, { method: 'csv' }, path, 60_000)).rejects.toThrow('have its number again')
    // A clock that was set back is no reason not to start.
    world.now = { ...world.now, wallMs: 1_000 }
    await open(world, { method: 'csv' }, path)
  })
})

describe('a coordinator without a chain', () => {
  const reached = reachable([join(root, 'coordinator/main.ts'), join(root, 'coordinator/payout/index.ts')])

  test('loads the payouts that it needs', () => {
    expect(reached.files).toContain('coordinator/payout/payouts.ts')
    expect(reached.files.length).toBeGreaterThan(100)
    expect(reached.libraries).toContain('@noble/curves/ed25519.js')
  })

  test('loads nothing of chains, nor the libraries that only they need', () => {
    expect(reached.files.filter(path => path.startsWith('coordinator/payout/chain/'))).toEqual([])
    expect(reached.libraries.filter(name => /secp256k1|sha3|keccak|ethereum|openzeppelin|solc/.test(name))).toEqual([])
  })

  test('would be found out: the chain folder does load them', () => {
    const { libraries } = reachable([join(root, 'coordinator/payout/chain/index.ts')])
    expect(libraries).toEqual(expect.arrayContaining(['@noble/curves/secp256k1.js', '@noble/hashes/sha3.js']))
  })
})

/** Everything that is loaded with some files: what they import at once, not what they import lazily or as types only. */
function reachable(entries: readonly string[]): { files: string[]; libraries: string[] } {
  const files = new Set<string>()
  const libraries = new Set<string>()
  const visit = (path: string): void => {
    const name = relative(root, path)
    if (files.has(name)) return
    files.add(name)
    const text = readFileSync(path, 'utf8')
    for (const [, typeOnly, specifier = ''] of text.matchAll(
      /^(?:import|export)(\s+type)?\s(?:[^'";]*?\sfrom\s)?'([^']+)'/gm,
    )) {
      if (typeOnly !== undefined) continue
      if (specifier.startsWith('.')) visit(resolve(dirname(path), specifier))
      else libraries.add(specifier)
    }
  }
  for (const entry of entries) visit(entry)
  return { files: [...files].sort(), libraries: [...libraries].sort() }
}
