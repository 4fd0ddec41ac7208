import { expect, test } from 'vitest'
import {
  epochTree,
  type PayoutClaims,
  payoutClaims,
  rootDigest,
  signDigest,
} from '../../coordinator/payout/chain/index.ts'
import { PayoutReplay, paidThrough, signaturesOf } from '../../coordinator/payout/index.ts'
import { toHex } from '../../protocol/index.ts'
import { TIGHT } from '../support/department-world.ts'
import { addressOf, CHAIN, keyOf, OTHER, OWN, PayoutWorld } from '../support/payout-world.ts'
import { word, words } from './abi.ts'
import { type Deployed, Machine, type Wallet, wallet } from './machine.ts'
import { artifact, CLAIM, councilOf, DAY } from './scene.ts'

const DAY_MS = DAY * 1_000
/** A token with eighteen decimals, worth a credit. */
const SCALE = { baseUnits: 10n ** 12n, micro: 1n }
const SUPPLY = 10n ** 24n

/** A region with a contract of its own: work is done for money, and its owners claim it. */
interface Town {
  readonly world: PayoutWorld
  readonly machine: Machine
  readonly token: Deployed
  readonly distributor: Deployed
  readonly relayer: Wallet
}

async function build(): Promise<Town> {
  const machine = await Machine.create()
  const [owner, guardian, relayer] = [wallet('owner'), wallet('guardian'), wallet('relayer')]
  const coordinators = [OWN, OTHER].map(name => ({ key: keyOf(name), address: addressOf(name) }))
  coordinators.sort((a, b) => (a.address < b.address ? -1 : 1))
  const token = await machine.deploy(owner, artifact('TestToken'), [word(SUPPLY)])
  const council = councilOf(coordinators, 2, guardian, 10n ** 22n)
  const args = [word(token.address), council, word(DAY), word(DAY)]
  const distributor = await machine.deploy(owner, artifact('HedgerowDistributor'), args)
  await machine.send(owner, token, 'transfer(address,uint256)', [word(distributor.address), word(SUPPLY)])
  const chain = { ...CHAIN, chainId: machine.chainId, contract: distributor.address, creditScale: SCALE }
  const world = new PayoutWorld(
    { method: 'chain', minimumMicro: 1_000n, chain },
    { epochMs: DAY_MS, bindingDelayMs: DAY_MS },
    Number(machine.now) * 1_000,
  )
  return { world, machine, token, distributor, relayer }
}

/** Lets devices do a job together. */
function work({ world }: Town, units: number): void {
  const split = { kind: 'range', from: 0, to: units, chunk: 1 }
  const submitted = world.submit({ ...TIGHT, split, leaseUnitsMax: 10, verify: { theta: 0.98 } })
  expect(submitted.ok).toBe(true)
  world.run(submitted.id)
  expect(world.store.job(submitted.id)?.state).toBe('done')
}

/** What the other coordinator does: it works the epoch out from the log, and signs what it finds. */
function signAsOther({ world }: Town, epoch: number): void {
  const terms = world.config.chain
  const replay = new PayoutReplay(epoch)
  for (const entry of world.allEntries()) replay.apply(entry)
  if (terms === null || replay.closed === null) throw new Error('the epoch is in the log')
  expect(replay.problems).toEqual([])
  const { message } = epochTree(terms, epoch, replay.closed.paid)
  expect(toHex(message.root)).toBe(toHex(replay.closed.entry.root))
  const signature = `0x${toHex(signDigest(rootDigest(terms, message), keyOf(OTHER)))}`
  expect(world.step((_now, batch) => world.payouts.sign(epoch, { signer: addressOf(OTHER), signature }, batch))).toBe(
    'signed',
  )
}

function claimsOf({ world }: Town, epoch: number): PayoutClaims {
  const [terms, row] = [world.config.chain, world.payouts.epoch(epoch)]
  if (terms === null || row === null) throw new Error('the epoch was closed')
  const tree = epochTree(terms, epoch, paidThrough(world.store, world.payouts.allEpochs(), epoch))
  return payoutClaims(terms, tree, signaturesOf(row))
}

/** A day goes by in the region and on the chain. */
function passDay(town: Town): number {
  const { world, machine } = town
  const epoch = world.passEpoch()
  machine.now = BigInt(Math.ceil(world.now.wallMs / 1_000))
  return epoch
}

async function post(town: Town, claims: PayoutClaims): Promise<string | null> {
  return (await town.machine.sendData(town.relayer, town.distributor, claims.postRoot ?? '0x')).error
}

async function claim(town: Town, claims: PayoutClaims, payee: string): Promise<string | null> {
  const { cumulative, proof } = claims.claims[payee] ?? { cumulative: '0', proof: [] }
  const args = [word(payee), word(BigInt(cumulative)), word(claims.root), words([...proof])]
  return (await town.machine.send(town.relayer, town.distributor, CLAIM, args)).error
}

async function tokens({ machine, token }: Town, address: string): Promise<bigint> {
  const reply = await machine.view(token, 'balanceOf(address)', [word(address)])
  return BigInt(`0x${toHex(reply)}`)
}

test('work is paid in the ledger, the epoch is signed, and the tokens claimed are what was paid out [PAY-8.1] [PAY-9.1] [PAY-9.2]', async () => {
  const town = await build()
  const { world } = town
  for (const owner of ['ann', 'ben', 'ann', 'cem']) world.bind(world.device(owner), owner)
  const payees = ['ann', 'ben', 'cem'].map(addressOf)
  const published: PayoutClaims[] = []
  for (let day = 0; day < 6; day++) {
    if (day < 4) work(town, 400 + 100 * day)
    const epoch = passDay(town)
    if (world.payouts.epoch(epoch) === null) continue
    signAsOther(town, epoch)
    const claims = claimsOf(town, epoch)
    expect(await post(town, claims)).toBeNull()
    published.push(claims)
    // One claims every day under what was posted a day before, the others wait.
    const usable = published.at(-2)
    if (usable !== undefined) await claim(town, usable, addressOf('ann'))
    if (day === 3) world.reopen()
  }
  expect(published.length).toBeGreaterThanOrEqual(2)
  town.machine.pass(DAY)
  const last = published.at(-1)
  if (last === undefined) throw new Error('something was posted')
  for (const payee of payees) {
    const error = await claim(town, last, payee)
    expect([null, 'NothingToClaim']).toContain(error)
    expect(await claim(town, last, payee)).toBe('NothingToClaim')
  }
  let paidMicro = 0n
  for (const payee of payees) {
    expect(world.paidMicro(payee)).toBeGreaterThan(0n)
    expect(await tokens(town, payee)).toBe(world.paidMicro(payee) * SCALE.baseUnits)
    paidMicro += world.paidMicro(payee)
  }
  expect(world.payouts.allEpochs()[0]?.totalMicro).toBe(paidMicro)
  expect(last.total).toBe(`${paidMicro * SCALE.baseUnits}`)
  expect(await tokens(town, town.distributor.address)).toBe(SUPPLY - paidMicro * SCALE.baseUnits)
  // What is not paid out is still the devices', the books balance, and so does the public log.
  expect(world.audit()).toMatchObject({ ok: true, problems: [] })
})
