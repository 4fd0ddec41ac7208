import { beforeEach, describe, expect, test } from 'vitest'
import { signDigest } from '../../coordinator/payout/chain/index.ts'
import { keccak256 } from '../../coordinator/payout/chain/keccak.ts'
import { concatBytes, utf8 } from '../../protocol/index.ts'
import { bytes, encodeTuple, list, word } from './abi.ts'
import { type Outcome, type Wallet, wallet } from './machine.ts'
import { CAP, coordinatorWallets, councilOf, DAY, Scene } from './scene.ts'

const PROPOSE = 'proposeCouncil((address[],uint256,address,uint128),bytes[])'
const INSTALL = 'installCouncil((address[],uint256,address,uint128))'
const COUNCIL = 'Council(address[] signers,uint256 threshold,address guardian,uint128 epochCap,uint256 nonce)'

interface Council {
  readonly signers: readonly Wallet[]
  readonly threshold: number
  readonly guardian: Wallet
  readonly cap: bigint
}

let scene: Scene
let next: Council
beforeEach(async () => {
  scene = await Scene.create()
  scene.machine.pass(DAY)
  const signers = [...scene.coordinators.slice(1), wallet('newcomer')].sort((a, b) => (a.address < b.address ? -1 : 1))
  next = { signers, threshold: 3, guardian: wallet('another guardian'), cap: 2n * CAP }
})

const encoded = ({ signers, threshold, guardian, cap }: Council) => councilOf(signers, threshold, guardian, cap)

async function sign(council: Council, by: readonly Wallet[], nonce = 0): Promise<Uint8Array[]> {
  const domain = await scene.machine.view(scene.distributor, 'domainSeparator()')
  const signers = keccak256(encodeTuple(council.signers.map(({ address }) => word(address))))
  const type = keccak256(utf8(COUNCIL))
  const rest = [word(council.threshold), word(council.guardian.address), word(council.cap), word(nonce)]
  const hash = keccak256(concatBytes(type, signers, encodeTuple(rest)))
  const digest = keccak256(concatBytes(Uint8Array.of(0x19, 0x01), domain, hash))
  return by.map(({ key }) => signDigest(digest, key))
}

function propose(council: Council, signatures: readonly Uint8Array[]): Promise<Outcome> {
  const args = [encoded(council), list(signatures.map(bytes))]
  return scene.machine.send(scene.stranger, scene.distributor, PROPOSE, args)
}

const install = (council: Council): Promise<Outcome> =>
  scene.machine.send(scene.stranger, scene.distributor, INSTALL, [encoded(council)])
const cancel = (by: Wallet): Promise<Outcome> => scene.machine.send(by, scene.distributor, 'cancelCouncil()', [])
const two = () => scene.coordinators.slice(0, 2)

describe('the council [PAY-9.5]', () => {
  test('is replaced by its own signatures, after the delay', async () => {
    expect((await propose(next, await sign(next, two()))).error).toBeNull()
    expect((await install(next)).error).toBe('CouncilNotUsable')
    scene.machine.pass(DAY - 1)
    expect((await install(next)).error).toBe('CouncilNotUsable')
    scene.machine.pass(1)
    const { error, logs } = await install(next)
    expect(error).toBeNull()
    expect(logs).toEqual(['CouncilInstalled'])

    const tree = scene.tree({ [wallet('ann').address]: 2n * CAP, [wallet('ben').address]: 0n })
    expect((await scene.post(tree, scene.sign(tree, two()))).error).toBe('TooFewSignatures')
    expect((await scene.post(tree, scene.sign(tree, scene.coordinators))).error).toBe('NotASigner')
    expect((await scene.post(tree, scene.sign(tree, next.signers))).error).toBeNull()
    expect((await scene.cancel(tree)).error).toBe('NotTheGuardian')
    expect((await scene.cancel(tree, next.guardian)).error).toBeNull()
  })

  test('is not replaced by too few, by strangers or by its guardian', async () => {
    const [first] = scene.coordinators
    if (!first) throw new Error('there are three')
    expect((await propose(next, await sign(next, [first]))).error).toBe('TooFewSignatures')
    expect((await propose(next, await sign(next, [first, first]))).error).toBe('SignersNotAscending')
    const strangers = coordinatorWallets(5).filter(
      ({ address }) => !scene.coordinators.some(known => known.address === address),
    )
    expect((await propose(next, await sign(next, strangers))).error).toBe('NotASigner')
    const withGuardian = [first, scene.guardian].sort((a, b) => (a.address < b.address ? -1 : 1))
    expect((await propose(next, await sign(next, withGuardian))).error).toBe('NotASigner')
  })

  test('must be a sound one, or it is not even proposed', async () => {
    const unsound = { ...next, threshold: 4 }
    expect((await propose(unsound, await sign(unsound, two()))).error).toBe('BadCouncil')
  })

  test('that waits is cancelled by the guardian alone, and its signatures are used up', async () => {
    const signatures = await sign(next, two())
    await propose(next, signatures)
    expect((await cancel(scene.stranger)).error).toBe('NotTheGuardian')
    expect((await cancel(scene.guardian)).error).toBeNull()
    expect((await cancel(scene.guardian)).error).toBe('NoPendingCouncil')
    scene.machine.pass(DAY)
    expect((await install(next)).error).toBe('NoPendingCouncil')
    expect((await propose(next, signatures)).error).not.toBeNull()
    expect((await propose(next, await sign(next, two(), 1))).error).toBeNull()
  })

  test('is the one that was signed, and is installed once', async () => {
    await propose(next, await sign(next, two()))
    scene.machine.pass(DAY)
    expect((await install({ ...next, cap: 10n * CAP })).error).toBe('NoPendingCouncil')
    expect((await install(next)).error).toBeNull()
    expect((await install(next)).error).toBe('NoPendingCouncil')
  })

  test('waits alone', async () => {
    await propose(next, await sign(next, two()))
    const other = { ...next, threshold: 2 }
    expect((await propose(other, await sign(other, two(), 1))).error).toBe('AnotherCouncilPending')
  })

  test('leaves roots that were posted before as they are', async () => {
    const ann = wallet('ann').address
    const tree = scene.tree({ [ann]: 300n, [wallet('ben').address]: 200n })
    await scene.post(tree)
    await propose(next, await sign(next, two()))
    scene.machine.pass(DAY)
    await install(next)
    expect((await scene.claim(tree, ann)).error).toBeNull()
  })
})
