import { beforeEach, describe, expect, test } from 'vitest'
import { concatBytes, fromHex, toHex } from '../../protocol/index.ts'
import { bytes, callData, numberAt, word, words } from './abi.ts'
import { wallet } from './machine.ts'
import { artifact, CAP, CLAIM, councilOf, DAY, POST_ROOT, Scene } from './scene.ts'

const ann = wallet('ann').address
const ben = wallet('ben').address
const cem = wallet('cem').address
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

let scene: Scene
beforeEach(async () => {
  scene = await Scene.create()
  scene.machine.pass(DAY)
})

describe('claims [PAY-9.1]', () => {
  test('pay the payee what the root says, whoever sends them', async () => {
    const tree = await scene.postAndWait({ [ann]: 300n, [ben]: 200n })
    const outcome = await scene.claim(tree, ann)
    expect(outcome.error).toBeNull()
    expect(numberAt(outcome.reply)).toBe(300n)
    expect(outcome.logs).toContain('Claimed')
    expect(await scene.balance(ann)).toBe(300n)
    expect(await scene.balance(scene.stranger.address)).toBe(0n)
    expect(await scene.balance(scene.distributor.address)).toBe(100_000n - 300n)
    expect(await scene.number('paid()')).toBe(300n)
    expect(await scene.number('funded()')).toBe(100_000n)
  })

  test('of the same amount again are refused', async () => {
    const tree = await scene.postAndWait({ [ann]: 300n, [ben]: 200n })
    await scene.claim(tree, ann)
    expect((await scene.claim(tree, ann)).error).toBe('NothingToClaim')
    expect(await scene.balance(ann)).toBe(300n)
  })

  test('under an old root and then the new one pay the difference, and after the new one the old pays nothing [PAY-9.2]', async () => {
    const old = await scene.postAndWait({ [ann]: 300n, [ben]: 200n })
    const now = await scene.postAndWait({ [ann]: 450n, [ben]: 260n })
    expect(numberAt((await scene.claim(old, ann)).reply)).toBe(300n)
    expect(numberAt((await scene.claim(now, ann)).reply)).toBe(150n)
    expect((await scene.claim(old, ann)).error).toBe('NothingToClaim')
    expect(numberAt((await scene.claim(now, ben)).reply)).toBe(260n)
    expect((await scene.claim(old, ben)).error).toBe('NothingToClaim')
    expect(await scene.balance(ann)).toBe(450n)
    expect(await scene.balance(ben)).toBe(260n)
  })

  test('stay possible under an old root when others have claimed under a new one', async () => {
    const old = await scene.postAndWait({ [ann]: 300n, [ben]: 200n })
    const now = await scene.postAndWait({ [ann]: 900n, [ben]: 260n })
    await scene.claim(now, ann)
    expect((await scene.claim(old, ben)).error).toBeNull()
    expect(await scene.balance(ben)).toBe(200n)
  })

  test('before the delay is over are refused, at its last second too', async () => {
    scene.machine.pass(DAY)
    const tree = scene.tree({ [ann]: 300n, [ben]: 200n })
    await scene.post(tree)
    expect((await scene.claim(tree, ann)).error).toBe('RootNotUsable')
    scene.machine.pass(DAY - 1)
    expect((await scene.claim(tree, ann)).error).toBe('RootNotUsable')
    scene.machine.pass(1)
    expect((await scene.claim(tree, ann)).error).toBeNull()
  })

  test('with another amount, another payee or under another root are refused', async () => {
    const tree = await scene.postAndWait({ [ann]: 300n, [ben]: 200n })
    expect((await scene.claim(tree, ann, 301n)).error).toBe('BadProof')
    expect((await scene.claim(tree, cem, 300n, tree.proof(ann))).error).toBe('BadProof')
    expect((await scene.claim({ ...tree, root: `0x${'12'.repeat(32)}` }, ann)).error).toBe('UnknownRoot')
    expect((await scene.claim({ ...tree, root: `0x${'00'.repeat(32)}` }, ann)).error).toBe('UnknownRoot')
    expect((await scene.claim(tree, ann, 300n, [])).error).toBe('BadProof')
  })

  test('of nothing are refused', async () => {
    const tree = await scene.postAndWait({ [ann]: 0n, [ben]: 200n })
    expect((await scene.claim(tree, ann)).error).toBe('NothingToClaim')
  })

  test('of a tree for another chain or another contract are refused [PAY-9.3]', async () => {
    for (const forgery of [{ chainId: 5 }, { contract: scene.token.address }]) {
      scene.machine.pass(DAY)
      const total = (await scene.number('lastEpoch()')) === 0n ? 500n : 501n
      const tree = scene.tree({ [ann]: 300n, [ben]: 200n }, { ...forgery, total })
      expect((await scene.post(tree)).error).toBeNull()
      scene.machine.pass(DAY)
      expect((await scene.claim(tree, ann)).error).toBe('BadProof')
    }
  })

  test('never take an inner node for a leaf', async () => {
    const tree = await scene.postAndWait({ [ann]: 300n, [ben]: 200n, [cem]: 100n, [wallet('dee').address]: 50n })
    // The children of an inner node are 64 bytes, what a payee and an amount are too.
    const [sibling = '', ...rest] = tree.proof(ann)
    const payee = `0x${sibling.slice(-40)}`
    expect((await scene.claim(tree, payee, BigInt(sibling), rest)).error).toBe('BadProof')
    const dirty = callData(artifact('HedgerowDistributor').selectors[CLAIM] ?? '', [
      word(sibling),
      word(BigInt(sibling)),
      word(tree.root),
      words(rest),
    ])
    expect((await scene.machine.sendData(scene.stranger, scene.distributor, `0x${toHex(dirty)}`)).error).not.toBeNull()
  })

  test('of many at once pass over who has had theirs', async () => {
    const tree = await scene.postAndWait({ [ann]: 300n, [ben]: 200n, [cem]: 100n })
    await scene.claim(tree, ben)
    const outcome = await scene.claimMany(tree, [ann, ben, cem, ann])
    expect(outcome.error).toBeNull()
    expect(numberAt(outcome.reply)).toBe(400n)
    expect(outcome.logs).toEqual(['Claimed', 'Claimed'])
    expect(await scene.balance(ann)).toBe(300n)
    expect(await scene.balance(cem)).toBe(100n)
  })

  test('of many at once are all proven, or none is paid', async () => {
    const tree = await scene.postAndWait({ [ann]: 300n, [ben]: 200n })
    const wrong = { ...tree, amounts: new Map([...tree.amounts, [ben, 201n]]) }
    expect((await scene.claimMany(wrong, [ann, ben])).error).toBe('BadProof')
    expect(await scene.balance(ann)).toBe(0n)
    expect((await scene.claimMany({ ...tree, root: `0x${'12'.repeat(32)}` }, [ann])).error).toBe('UnknownRoot')
  })

  test('never pay more than the signed total, whatever the leaves sum to [PAY-9.4]', async () => {
    scene.machine.pass(DAY)
    const tree = scene.tree({ [ann]: 50_000n, [ben]: 400n }, { total: 500n })
    await scene.post(tree)
    scene.machine.pass(DAY)
    expect((await scene.claim(tree, ann)).error).toBe('TotalExceeded')
    expect((await scene.claim(tree, ben)).error).toBeNull()
    expect(await scene.balance(ann)).toBe(0n)
  })

  test('for the contract itself are refused, since that money would count as funded again', async () => {
    const self = scene.distributor.address
    const tree = await scene.postAndWait({ [self]: 300n, [ben]: 200n })
    expect((await scene.claim(tree, self)).error).toBe('BadPayee')
  })
})

describe('a root [PAY-9.4]', () => {
  const amounts = { [ann]: 300n, [ben]: 200n }

  test('needs a quorum: one signature less is too few', async () => {
    const tree = scene.tree(amounts)
    expect((await scene.post(tree, scene.sign(tree, scene.coordinators.slice(0, 1)))).error).toBe('TooFewSignatures')
    expect((await scene.post(tree, [])).error).toBe('TooFewSignatures')
    expect((await scene.post(tree, scene.sign(tree, scene.coordinators))).error).toBeNull()
  })

  test('counts no signer twice, and wants them in order', async () => {
    const tree = scene.tree(amounts)
    const [first, second] = scene.coordinators
    if (!first || !second) throw new Error('there are three')
    expect((await scene.post(tree, scene.sign(tree, [first, first]))).error).toBe('SignersNotAscending')
    expect((await scene.post(tree, scene.sign(tree, [second, first]))).error).toBe('SignersNotAscending')
  })

  test('takes no signature of a stranger, not even beside enough others', async () => {
    const tree = scene.tree(amounts)
    const signers = [...scene.coordinators.slice(0, 2), scene.stranger].sort((a, b) => (a.address < b.address ? -1 : 1))
    expect((await scene.post(tree, scene.sign(tree, signers))).error).toBe('NotASigner')
  })

  test('takes no signature with the high s, a wrong v or a wrong length', async () => {
    const tree = scene.tree(amounts)
    const [good, other] = scene.sign(tree, scene.coordinators.slice(0, 2))
    if (!good || !other) throw new Error('there are two')
    const s = ORDER - BigInt(`0x${toHex(other.subarray(32, 64))}`)
    const high = concatBytes(
      other.subarray(0, 32),
      fromHex(s.toString(16).padStart(64, '0')),
      Uint8Array.of(other[64] === 27 ? 28 : 27),
    )
    expect((await scene.post(tree, [good, high])).error).toBe('BadSignature')
    expect((await scene.post(tree, [good, concatBytes(other.subarray(0, 64), Uint8Array.of(29))])).error).toBe(
      'BadSignature',
    )
    expect((await scene.post(tree, [good, other.subarray(0, 64)])).error).toBe('BadSignature')
    expect((await scene.post(tree, [good, concatBytes(other, Uint8Array.of(0))])).error).toBe('BadSignature')
    const ofNobody = concatBytes(new Uint8Array(64), Uint8Array.of(27))
    expect((await scene.post(tree, [ofNobody, good])).error).toBe('BadSignature')
    expect((await scene.post(tree, [good, other])).error).toBeNull()
  })

  test('signed for another chain, another contract, another epoch or another total is refused [PAY-9.3]', async () => {
    const tree = scene.tree(amounts)
    const two = scene.coordinators.slice(0, 2)
    const refusals = ['NotASigner', 'SignersNotAscending', 'BadSignature']
    for (const signatures of [
      scene.sign(tree, two, { chainId: 5 }),
      scene.sign(tree, two, { contract: scene.token.address }),
      scene.sign({ ...tree, epoch: tree.epoch - 1 }, two),
      scene.sign({ ...tree, total: tree.total - 1n }, two),
    ]) {
      expect(refusals).toContain((await scene.post(tree, signatures)).error)
    }
  })

  test('grows the total by the cap at most, and never shrinks it', async () => {
    expect((await scene.post(scene.tree({ [ann]: CAP, [ben]: 1n }))).error).toBe('CapExceeded')
    await scene.postAndWait({ [ann]: CAP, [ben]: 0n })
    scene.machine.pass(DAY)
    expect((await scene.post(scene.tree({ [ann]: CAP - 1n, [ben]: 0n }))).error).toBe('TotalNotGrown')
    expect((await scene.post(scene.tree({ [ann]: 0n, [ben]: CAP }))).error).toBe('TotalNotGrown')
    expect((await scene.post(scene.tree({ [ann]: CAP, [ben]: CAP + 1n }))).error).toBe('CapExceeded')
    expect((await scene.post(scene.tree({ [ann]: CAP, [ben]: CAP }))).error).toBeNull()
  })

  test('never promises more than was ever put in', async () => {
    const poor = await Scene.create('TestToken', 499n)
    const tree = poor.tree(amounts)
    expect((await poor.post(tree)).error).toBe('NotFunded')
    await poor.fund(1n)
    expect((await poor.post(tree)).error).toBeNull()
    poor.machine.pass(DAY)
    await poor.claim(tree, ann)
    // What was paid still counts as put in, and not twice.
    expect((await poor.post(poor.tree({ [ann]: 300n, [ben]: 201n }))).error).toBe('NotFunded')
  })

  test('is of an epoch that is over and newer than any before, once a period', async () => {
    const tree = scene.tree(amounts)
    expect((await scene.post({ ...tree, epoch: tree.epoch + 1 })).error).toBe('EpochNotOver')
    expect((await scene.post(tree)).error).toBeNull()
    const next = scene.tree({ [ann]: 301n, [ben]: 200n })
    expect((await scene.post(next)).error).toBe('EpochNotNew')
    scene.machine.pass(DAY)
    expect((await scene.post({ ...next, epoch: tree.epoch })).error).toBe('EpochNotNew')
    expect((await scene.post({ ...next, epoch: tree.epoch + 1 })).error).toBeNull()
  })

  test('is one a period, so that epochs that were left out cannot be made up for at once', async () => {
    scene.machine.pass(10 * DAY)
    const tree = { ...scene.tree(amounts), epoch: scene.epoch - 5 }
    expect((await scene.post(tree)).error).toBeNull()
    const next = scene.tree({ [ann]: 301n, [ben]: 200n })
    expect((await scene.post({ ...next, epoch: tree.epoch + 1 })).error).toBe('PeriodUsed')
  })

  test('is posted once, and is never zero', async () => {
    const tree = scene.tree(amounts)
    expect((await scene.post({ ...tree, root: `0x${'00'.repeat(32)}` })).error).toBe('BadRoot')
    await scene.post(tree)
    scene.machine.pass(DAY)
    expect((await scene.post({ ...tree, epoch: tree.epoch + 1 })).error).toBe('RootExists')
  })

  test('of a total beyond 128 bits is not even read', async () => {
    const args = [word(scene.tree(amounts).root), word(1), word(2n ** 128n), bytes(new Uint8Array())]
    expect((await scene.machine.send(scene.stranger, scene.distributor, POST_ROOT, args)).error).not.toBeNull()
  })
})

describe('the guardian [PAY-9.5]', () => {
  const amounts = { [ann]: 300n, [ben]: 200n }

  test('cancels a root that does not count yet, and the signatures for it are used up', async () => {
    const tree = scene.tree(amounts)
    await scene.post(tree)
    const outcome = await scene.cancel(tree)
    expect(outcome.error).toBeNull()
    expect(outcome.logs).toEqual(['RootCancelled'])
    scene.machine.pass(2 * DAY)
    expect((await scene.claim(tree, ann)).error).toBe('UnknownRoot')
    expect((await scene.post(tree)).error).toBe('EpochNotNew')
    // Signed anew for a later epoch it is another decision.
    expect((await scene.post({ ...tree, epoch: scene.epoch })).error).toBeNull()
  })

  test('cancels what was built on it too, and not what it was built on', async () => {
    const first = await scene.postAndWait(amounts)
    scene.machine.pass(DAY - (Number(scene.machine.now) % DAY) - 10)
    const second = scene.tree({ [ann]: 400n, [ben]: 200n })
    expect((await scene.post(second)).error).toBeNull()
    scene.machine.pass(20)
    const third = scene.tree({ [ann]: 500n, [ben]: 300n })
    expect((await scene.post(third)).error).toBeNull()
    const { error, logs } = await scene.cancel(second)
    expect(error).toBeNull()
    expect(logs).toEqual(['RootCancelled', 'RootCancelled'])
    expect(await scene.number('latestRoot()')).toBe(BigInt(first.root))
    scene.machine.pass(2 * DAY)
    expect((await scene.claim(second, ann)).error).toBe('UnknownRoot')
    expect((await scene.claim(third, ann)).error).toBe('UnknownRoot')
    expect((await scene.claim(first, ann)).error).toBeNull()
    // The cap counts from the root that is left.
    expect((await scene.post(scene.tree({ [ann]: 500n, [ben]: CAP + 1n }))).error).toBe('CapExceeded')
    expect((await scene.post(scene.tree({ [ann]: 500n, [ben]: CAP }))).error).toBeNull()
  })

  test('cannot cancel what counts, or what there is not', async () => {
    const tree = await scene.postAndWait(amounts)
    expect((await scene.cancel(tree)).error).toBe('RootInEffect')
    expect((await scene.cancel({ ...tree, root: `0x${'12'.repeat(32)}` })).error).toBe('UnknownRoot')
  })

  test('is the only one who cancels, and can do nothing else', async () => {
    const tree = scene.tree(amounts)
    const [first] = scene.coordinators
    if (!first) throw new Error('there are three')
    expect((await scene.post(tree, scene.sign(tree, [scene.guardian, scene.guardian]))).error).not.toBeNull()
    expect((await scene.post(tree, scene.sign(tree, byAddress([first, scene.guardian])))).error).toBe('NotASigner')
    await scene.post(tree)
    expect((await scene.cancel(tree, scene.stranger)).error).toBe('NotTheGuardian')
    expect((await scene.cancel(tree, first)).error).toBe('NotTheGuardian')
    const names = artifact('HedgerowDistributor').abi.filter(
      ({ type, name }) => type === 'function' && name !== undefined,
    )
    expect(
      names.map(({ name }) => name).filter(name => /withdraw|sweep|rescue|upgrade|pause|owner/i.test(name ?? '')),
    ).toEqual([])
  })
})

describe('tokens', () => {
  const amounts = { [ann]: 300n, [ben]: 200n }

  test('that return nothing are paid out', async () => {
    const silent = await Scene.create('SilentToken')
    silent.machine.pass(DAY)
    const tree = await silent.postAndWait(amounts)
    expect((await silent.claim(tree, ann)).error).toBeNull()
    expect(await silent.balance(ann)).toBe(300n)
  })

  test('that say false have not paid, and the claim can be made again', async () => {
    const refusing = await Scene.create('RefusingToken')
    refusing.machine.pass(DAY)
    const tree = await refusing.postAndWait(amounts)
    const refuse = (on: bigint) => refusing.machine.send(refusing.owner, refusing.token, 'refuse(bool)', [word(on)])
    await refuse(1n)
    expect((await refusing.claim(tree, ann)).error).toBe('TransferFailed')
    expect(await refusing.number('paid()')).toBe(0n)
    await refuse(0n)
    expect((await refusing.claim(tree, ann)).error).toBeNull()
    expect(await refusing.balance(ann)).toBe(300n)
  })

  test('that call back find the money gone and the door shut', async () => {
    const wicked = await Scene.create('ReentrantToken')
    wicked.machine.pass(DAY)
    const tree = await wicked.postAndWait(amounts)
    const selector = artifact('HedgerowDistributor').selectors[CLAIM] ?? ''
    for (const payee of [ann, ben]) {
      const again = callData(selector, [
        word(ben),
        word(tree.amounts.get(ben) ?? 0n),
        word(tree.root),
        words(tree.proof(ben)),
      ])
      await wicked.machine.send(wicked.owner, wicked.token, 'arm(bytes)', [bytes(again)])
      expect((await wicked.claim(tree, payee)).error).toBeNull()
      expect(numberAt(await wicked.machine.view(wicked.token, 'called()'))).toBe(1n)
      expect(numberAt(await wicked.machine.view(wicked.token, 'succeeded()'))).toBe(0n)
    }
    expect(await wicked.balance(ann)).toBe(300n)
    expect(await wicked.balance(ben)).toBe(200n)
    expect(await wicked.number('paid()')).toBe(500n)
  })

  test('that keep a fee harm their payees only, as is documented', async () => {
    const dear = await Scene.create('FeeToken', 0n)
    await dear.fund(500n)
    expect(await dear.number('funded()')).toBe(450n)
    dear.machine.pass(DAY)
    const tree = dear.tree(amounts)
    expect((await dear.post(tree)).error).toBe('NotFunded')
    await dear.fund(60n)
    expect((await dear.post(tree)).error).toBeNull()
    dear.machine.pass(DAY)
    await dear.claim(tree, ann)
    expect(await dear.balance(ann)).toBe(270n)
    expect((await dear.claim(tree, ann)).error).toBe('NothingToClaim')
    expect((await dear.claim(tree, ben)).error).toBeNull()
  })
})

describe('a deployment', () => {
  test('needs a token, sound times and a sound council', async () => {
    const { machine, owner, token, coordinators, guardian } = scene
    const [first, second, third] = coordinators
    if (!first || !second || !third) throw new Error('there are three')
    const deploy = (
      tokenAddress: string,
      council: ReturnType<typeof councilOf>,
      epochSeconds = DAY,
      delaySeconds = DAY,
    ) =>
      machine.tryDeploy(owner, artifact('HedgerowDistributor'), [
        word(tokenAddress),
        council,
        word(epochSeconds),
        word(delaySeconds),
      ])
    const sound = councilOf(coordinators, 2, guardian)
    expect(await deploy(token.address, sound)).toBeNull()
    expect(await deploy(ann, sound)).toBe('NotAToken')
    expect(await deploy(token.address, sound, 0)).toBe('BadTimes')
    expect(await deploy(token.address, sound, DAY, 0)).toBe('BadTimes')
    expect(await deploy(token.address, sound, DAY, 31 * DAY)).toBe('BadTimes')
    const nobody = { key: new Uint8Array(32), address: `0x${'00'.repeat(20)}` }
    for (const council of [
      councilOf([], 1, guardian),
      councilOf(coordinators, 0, guardian),
      councilOf(coordinators, 4, guardian),
      councilOf(coordinators, 2, nobody),
      councilOf([nobody, first], 2, guardian),
      councilOf([first, first], 2, guardian),
      councilOf([second, first, third], 2, guardian),
      councilOf(coordinators, 2, guardian, 0n),
    ]) {
      expect(await deploy(token.address, council)).toBe('BadCouncil')
    }
  })
})

const byAddress = <T extends { address: string }>(wallets: readonly T[]): T[] =>
  [...wallets].sort((a, b) => (a.address < b.address ? -1 : 1))
