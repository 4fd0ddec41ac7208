/** Prints the distributor as JSON, its ABI and its bytecode: `node contracts/build.ts > HedgerowDistributor.json`. */
import { join } from 'node:path'
import { compileContracts } from './compile.ts'

const artifact = compileContracts([join(import.meta.dirname, 'HedgerowDistributor.sol')]).get('HedgerowDistributor')
process.stdout.write(`${JSON.stringify(artifact, null, 2)}\n`)
