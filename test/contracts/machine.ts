/** An Ethereum machine within the test: transactions one after another on a clock that the test turns. */
import { createBlock } from '@ethereumjs/block'
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createLegacyTx } from '@ethereumjs/tx'
import { createAccount, createAddressFromPrivateKey, createAddressFromString } from '@ethereumjs/util'
import { createVM, runTx, type VM } from '@ethereumjs/vm'
import { type AbiItem, type Artifact, compileContracts } from '../../contracts/compile.ts'
import { addressOfKey } from '../../coordinator/payout/chain/index.ts'
import { keccak256 } from '../../coordinator/payout/chain/keccak.ts'
import { concatBytes, fromHex, toHex, utf8 } from '../../protocol/index.ts'
import { type AbiValue, callData, encodeTuple } from './abi.ts'

/** Of no chain that anybody knows, so that a chain id which is left out, or taken for granted, is noticed. */
const CHAIN_ID = 31_337
const FUNDS = 10n ** 24n
const GAS_LIMIT = 10_000_000n

/** Somebody with a key and money for gas. */
export interface Wallet {
  readonly key: Uint8Array
  readonly address: string
}

export function wallet(name: string): Wallet {
  const key = keccak256(utf8(name))
  return { key, address: addressOfKey(key) }
}

/** How a transaction or a call ended. */
export interface Outcome {
  /** Null when it went well; the name of the contract's error otherwise. */
  readonly error: string | null
  readonly reply: Uint8Array
  readonly gas: bigint
  readonly logs: readonly string[]
  /** The contract that it made. */
  readonly created: string
}

interface ErrorItem extends AbiItem {
  readonly inputs: readonly { readonly type: string }[]
}

/** A deployed contract. */
export interface Deployed {
  readonly address: string
  readonly artifact: Artifact
}

export class Machine {
  private readonly vm: VM
  private readonly common: Common
  private readonly nonces = new Map<string, bigint>()
  private readonly names = new Map<string, string>([['08c379a0', 'Error']])
  private blocks = 0n
  /** Seconds since 1970. */
  now = 1_800_000_000n

  private constructor(vm: VM, common: Common) {
    this.vm = vm
    this.common = common
  }

  static async create(): Promise<Machine> {
    const common = createCustomCommon({ chainId: CHAIN_ID }, Mainnet, { hardfork: Hardfork.Cancun })
    return new Machine(await createVM({ common }), common)
  }

  get chainId(): number {
    return Number(this.common.chainId())
  }

  pass(seconds: number | bigint): void {
    this.now += BigInt(seconds)
  }

  async deploy(from: Wallet, artifact: Artifact, args: readonly AbiValue[]): Promise<Deployed> {
    const data = concatBytes(fromHex(artifact.bytecode.slice(2)), encodeTuple(args))
    this.learn(artifact)
    const { error, created } = await this.run(from, null, data)
    if (error !== null) throw new Error(`${artifact.name} was not deployed: ${error}`)
    return { address: created, artifact }
  }

  /** What deploying would come to. */
  async tryDeploy(from: Wallet, artifact: Artifact, args: readonly AbiValue[]): Promise<string | null> {
    this.learn(artifact)
    return (await this.run(from, null, concatBytes(fromHex(artifact.bytecode.slice(2)), encodeTuple(args)))).error
  }

  /** Sends a transaction that calls a function, such as `claim(address,uint256,bytes32,bytes32[])`. */
  send(from: Wallet, { address, artifact }: Deployed, signature: string, args: readonly AbiValue[]): Promise<Outcome> {
    return this.run(from, address, dataOf(artifact, signature, args))
  }

  sendData(from: Wallet, { address }: Deployed, data: string): Promise<Outcome> {
    return this.run(from, address, fromHex(data.slice(2)))
  }

  /** Asks without changing anything. */
  async view({ address, artifact }: Deployed, signature: string, args: readonly AbiValue[] = []): Promise<Uint8Array> {
    await this.vm.stateManager.checkpoint()
    const { execResult } = await this.vm.evm.runCall({
      to: createAddressFromString(address),
      data: dataOf(artifact, signature, args),
      block: this.block(),
    })
    await this.vm.stateManager.revert()
    if (execResult.exceptionError) throw new Error(this.nameOf(execResult.returnValue))
    return execResult.returnValue
  }

  private async run(from: Wallet, to: string | null, data: Uint8Array): Promise<Outcome> {
    const sender = createAddressFromPrivateKey(from.key)
    const nonce = this.nonces.get(from.address) ?? 0n
    if (nonce === 0n) await this.vm.stateManager.putAccount(sender, createAccount({ balance: FUNDS, nonce }))
    const fields = { nonce, gasLimit: GAS_LIMIT, gasPrice: 10n, data }
    const target = to === null ? {} : { to: createAddressFromString(to) }
    const tx = createLegacyTx({ ...fields, ...target }, { common: this.common }).sign(from.key)
    this.nonces.set(from.address, nonce + 1n)
    const result = await runTx(this.vm, { tx, block: this.block(), skipHardForkValidation: true })
    const { exceptionError, returnValue, logs = [] } = result.execResult
    return {
      error: exceptionError === undefined ? null : this.nameOf(returnValue) || exceptionError.error,
      reply: returnValue,
      gas: result.totalGasSpent,
      logs: logs.map(([, topics]) => this.names.get(toHex(topics[0] ?? new Uint8Array())) ?? ''),
      created: result.createdAddress?.toString() ?? '',
    }
  }

  private block() {
    const header = { number: ++this.blocks, timestamp: this.now, gasLimit: 30_000_000n, baseFeePerGas: 7n }
    return createBlock({ header }, { common: this.common, skipConsensusFormatValidation: true })
  }

  private learn({ abi }: Artifact): void {
    for (const item of abi as readonly ErrorItem[]) {
      const signature = `${item.name}(${(item.inputs ?? []).map(({ type }) => type).join(',')})`
      const hash = toHex(keccak256(utf8(signature)))
      if (item.type === 'error') this.names.set(hash.slice(0, 8), item.name ?? '')
      if (item.type === 'event') this.names.set(hash, item.name ?? '')
    }
  }

  private nameOf(reply: Uint8Array): string {
    return this.names.get(toHex(reply.subarray(0, 4))) ?? ''
  }
}

function dataOf({ selectors, name }: Artifact, signature: string, args: readonly AbiValue[]): Uint8Array {
  const selector = selectors[signature]
  if (selector === undefined) throw new Error(`${name} has no ${signature}`)
  return callData(selector, args)
}

export type { Artifact }
export { compileContracts }
