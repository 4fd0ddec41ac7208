/** Compiles Solidity with the compiler from npm, the same way in tests and for deployment. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import solc from 'solc'

/** The oldest machine that knows everything the contract uses (transient storage). */
const EVM_VERSION = 'cancun'
/** Posting and claiming happen often, deploying once. */
const OPTIMIZER_RUNS = 10_000

/** A compiled contract. */
export interface Artifact {
  readonly name: string
  readonly abi: readonly AbiItem[]
  /** What a deployment sends, followed by the constructor's arguments. `0x…` */
  readonly bytecode: string
  /** Selectors by signature, such as `claim(address,uint256,bytes32,bytes32[])`, without `0x`. */
  readonly selectors: Readonly<Record<string, string>>
  readonly deployedBytes: number
}

/** One function, event or error, as `solc` describes it. */
export interface AbiItem {
  readonly type: string
  readonly name?: string
}

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>
}

interface CompiledContract {
  readonly abi: readonly AbiItem[]
  readonly evm: {
    readonly bytecode: { readonly object: string }
    readonly deployedBytecode: { readonly object: string }
    readonly methodIdentifiers: Readonly<Record<string, string>>
  }
}

/**
 * Compiles the contracts of some files.
 * @returns by name
 * @throws when the compiler has anything to complain about, warnings included
 */
export function compileContracts(paths: readonly string[]): Map<string, Artifact> {
  const sources = Object.fromEntries(paths.map(path => [basename(path), { content: readFileSync(path, 'utf8') }]))
  const outputs = ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.methodIdentifiers']
  const input = {
    language: 'Solidity',
    sources,
    settings: {
      evmVersion: EVM_VERSION,
      optimizer: { enabled: true, runs: OPTIMIZER_RUNS },
      outputSelection: { '*': { '*': outputs } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput
  const complaints = (output.errors ?? []).filter(({ severity }) => severity !== 'info')
  if (complaints.length > 0) throw new Error(complaints.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const artifacts = new Map<string, Artifact>()
  for (const file of Object.values(output.contracts ?? {})) {
    for (const [name, { abi, evm }] of Object.entries(file)) {
      const { bytecode, deployedBytecode, methodIdentifiers: selectors } = evm
      const deployedBytes = deployedBytecode.object.length / 2
      artifacts.set(name, { name, abi, bytecode: `0x${bytecode.object}`, selectors, deployedBytes })
    }
  }
  return artifacts
}
