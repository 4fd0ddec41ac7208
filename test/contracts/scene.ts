/** A distributor with a token in it, three coordinators of which two must sign, and a guardian. */
import { join } from 'node:path'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { rootDigest, signDigest } from '../../coordinator/payout/chain/index.ts'
import { fromHex } from '../../protocol/index.ts'
import { type AbiValue, bytes, list, numberAt, struct, word, words } from './abi.ts'
import {
  type Artifact,
  compileContracts,
  type Deployed,
  Machine,
  type Outcome,
  type Wallet,
  wallet,
} from './machine.ts'

const SOURCES = [
  join(import.meta.dirname, '../../contracts/HedgerowDistributor.sol'),
  join(import.meta.dirname, 'tokens.sol'),
]
const artifacts = compileContracts(SOURCES)

export const DAY = 86_400
export const SUPPLY = 1_000_000n
export const CAP = 1_000n
const LEAF = ['uint256', 'address', 'address', 'uint256']

export const POST_ROOT = 'postRoot(bytes32,uint64,uint128,bytes[])'
export const CLAIM = 'claim(address,uint256,bytes32,bytes32[])'
export const CLAIM_MANY = 'claimMany((address,uint256,bytes32[])[],bytes32)'

export function artifact(name: string): Artifact {
  const found = artifacts.get(name)
  if (!found) throw new Error(`There is no contract ${name}.`)
  return found
}

/** A root with what its payees may claim, in the tree of OpenZeppelin. */
export interface Tree {
  readonly root: string
  readonly epoch: number
  readonly total: bigint
  readonly amounts: ReadonlyMap<string, bigint>
  proof(payee: string): string[]
}

/** What differs from what a sound tree or signature is made of. */
export interface Forgery {
  readonly chainId?: number
  readonly contract?: string
  readonly total?: bigint
}

export class Scene {
  readonly machine: Machine
  readonly token: Deployed
  readonly distributor: Deployed
  /** By ascending address. */
  readonly coordinators: readonly Wallet[]
  readonly owner = wallet('owner')
  readonly guardian = wallet('guardian')
  readonly stranger = wallet('stranger')

  private constructor(machine: Machine, token: Deployed, distributor: Deployed, coordinators: readonly Wallet[]) {
    this.machine = machine
    this.token = token
    this.distributor = distributor
    this.coordinators = coordinators
  }

  static async create(tokenName = 'TestToken', fundedWith = 100_000n): Promise<Scene> {
    const machine = await Machine.create()
    const owner = wallet('owner')
    const coordinators = coordinatorWallets(3)
    const token = await machine.deploy(owner, artifact(tokenName), [word(SUPPLY)])
    const council = councilOf(coordinators, 2, wallet('guardian'))
    const args = [word(token.address), council, word(DAY), word(DAY)]
    const distributor = await machine.deploy(owner, artifact('HedgerowDistributor'), args)
    const scene = new Scene(machine, token, distributor, coordinators)
    if (fundedWith > 0n) await scene.fund(fundedWith)
    return scene
  }

  fund(amount: bigint): Promise<Outcome> {
    const args = [word(this.distributor.address), word(amount)]
    return this.machine.send(this.owner, this.token, 'transfer(address,uint256)', args)
  }

  /** The newest epoch that is over. */
  get epoch(): number {
    return Number(this.machine.now / BigInt(DAY)) - 1
  }

  tree(amounts: Readonly<Record<string, bigint>>, { chainId, contract, total }: Forgery = {}): Tree {
    const entries = Object.entries(amounts)
    const leafChain = chainId ?? this.machine.chainId
    const leafContract = contract ?? this.distributor.address
    const values = entries.map(([payee, amount]) => [`${leafChain}`, leafContract, payee, `${amount}`])
    const tree = StandardMerkleTree.of(values, LEAF)
    const sum = entries.reduce((all, [, amount]) => all + amount, 0n)
    return {
      root: tree.root,
      epoch: this.epoch,
      total: total ?? sum,
      amounts: new Map(entries),
      proof: payee => tree.getProof(entries.findIndex(([known]) => known === payee)),
    }
  }

  /** Signatures over a root, in the order of the wallets. */
  sign({ root, epoch, total }: Tree, signers: readonly Wallet[], forgery: Forgery = {}): Uint8Array[] {
    const { chainId = this.machine.chainId, contract = this.distributor.address } = forgery
    const digest = rootDigest({ chainId, contract }, { root: fromHex(root.slice(2)), epoch, total })
    return signers.map(({ key }) => signDigest(digest, key))
  }

  post(
    tree: Tree,
    signatures: readonly Uint8Array[] = this.sign(tree, this.coordinators.slice(0, 2)),
  ): Promise<Outcome> {
    const args = [word(tree.root), word(tree.epoch), word(tree.total), list(signatures.map(bytes))]
    return this.machine.send(this.stranger, this.distributor, POST_ROOT, args)
  }

  /** Posts a root a period after the last one, and waits until it counts. */
  async postAndWait(amounts: Readonly<Record<string, bigint>>): Promise<Tree> {
    this.machine.pass(DAY)
    const tree = this.tree(amounts)
    const { error } = await this.post(tree)
    if (error !== null) throw new Error(error)
    this.machine.pass(DAY)
    return tree
  }

  claim(
    tree: Tree,
    payee: string,
    amount = tree.amounts.get(payee) ?? 0n,
    proof = tree.proof(payee),
  ): Promise<Outcome> {
    const args = [word(payee), word(amount), word(tree.root), words(proof)]
    return this.machine.send(this.stranger, this.distributor, CLAIM, args)
  }

  claimMany(tree: Tree, payees: readonly string[]): Promise<Outcome> {
    const claims = payees.map(payee =>
      struct(word(payee), word(tree.amounts.get(payee) ?? 0n), words(tree.proof(payee))),
    )
    return this.machine.send(this.stranger, this.distributor, CLAIM_MANY, [list(claims), word(tree.root)])
  }

  cancel(tree: Tree, by: Wallet = this.guardian): Promise<Outcome> {
    return this.machine.send(by, this.distributor, 'cancelRoot(bytes32)', [word(tree.root)])
  }

  async balance(address: string): Promise<bigint> {
    return numberAt(await this.machine.view(this.token, 'balanceOf(address)', [word(address)]))
  }

  /** A number that the distributor tells without being asked for anything else. */
  async number(signature: string): Promise<bigint> {
    return numberAt(await this.machine.view(this.distributor, signature))
  }
}

/** Wallets by ascending address. */
export function coordinatorWallets(count: number): Wallet[] {
  const wallets = Array.from({ length: count }, (_, i) => wallet(`coordinator ${i}`))
  return wallets.sort((a, b) => (a.address < b.address ? -1 : 1))
}

export function councilOf(signers: readonly Wallet[], threshold: number, guardian: Wallet, cap = CAP): AbiValue {
  const addresses = words(signers.map(({ address }) => address))
  return struct(addresses, word(threshold), word(guardian.address), word(cap))
}
