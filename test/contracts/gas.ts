/** Prints what the distributor's transactions cost in gas: `node test/contracts/gas.ts [payees]`. */
import { epochTree } from '../../coordinator/payout/chain/index.ts'
import { seededRandom, toHex } from '../../protocol/index.ts'
import { DAY, Scene, type Tree } from './scene.ts'

const payees = Number(process.argv[2] ?? 10_000)
const random = seededRandom('gas')
const scene = await Scene.create()
const terms = {
  chainId: scene.machine.chainId,
  contract: scene.distributor.address,
  signers: scene.coordinators.map(({ address }) => address),
  threshold: 2,
  creditScale: { baseUnits: 1n, micro: 1n },
}
const addresses = Array.from({ length: payees }, () => `0x${toHex(random.bytes(20))}`)
const print = (what: string, gas: bigint | undefined) => console.log(`${what.padEnd(64)} ${gas}`)

/** Nine hundred of them get a base unit more each day, which the cap of the scene allows. */
function treeOf(day: number): { tree: Tree; buildMs: number } {
  const startMs = performance.now()
  const paid = addresses.map((payee, i) => ({ payee, paidMicro: i < 900 ? BigInt(day) : 0n }))
  const { message, tree } = epochTree(terms, scene.epoch, paid)
  const buildMs = performance.now() - startMs
  const amounts = new Map(paid.map(({ payee, paidMicro }) => [payee, paidMicro]))
  const proof = (payee: string) => tree.proof(payee).map(hash => `0x${toHex(hash)}`)
  return {
    tree: { root: `0x${toHex(message.root)}`, epoch: scene.epoch, total: message.total, amounts, proof },
    buildMs,
  }
}

const { artifact: distributor } = scene.distributor
console.log(`${payees} payees, contract of ${distributor.deployedBytes} bytes`)
scene.machine.pass(DAY)
const first = treeOf(1)
console.log(
  `tree and one proof: ${first.buildMs.toFixed(0)} ms to build, ${first.tree.proof(addresses[0] ?? '').length} hashes`,
)
print('postRoot, the first of all, 2 signatures', (await scene.post(first.tree)).gas)
scene.machine.pass(DAY)
const second = treeOf(2).tree
print('postRoot, a later one, 2 signatures', (await scene.post(second)).gas)
const [ann = '', ben = '', ...others] = addresses
print('claim, the first of a payee who holds no tokens', (await scene.claim(first.tree, ann)).gas)
scene.machine.pass(DAY)
print('claim, a later one', (await scene.claim(second, ann)).gas)
print('claim, the first of another payee', (await scene.claim(second, ben)).gas)
print('claim, refused as nothing is left', (await scene.claim(second, ben)).gas)
for (const count of [10, 50]) {
  const { gas } = await scene.claimMany(second, others.splice(0, count))
  print(`claimMany, each of ${count} payees who hold no tokens`, gas / BigInt(count))
}
scene.machine.pass(DAY)
const third = treeOf(3).tree
await scene.post(third)
print('cancelRoot', (await scene.cancel(third)).gas)
