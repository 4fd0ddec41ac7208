/** What running a corpus on a machine comes to. */
import { join } from 'node:path'
import { toHex } from '../../protocol/bytes.ts'
import type { CorpusCase } from './corpus.ts'
import { type Machine, runOn } from './machine.ts'

/** A case as it travels to the process that runs it, byte strings in hexadecimal. */
export type CorpusLine = Omit<CorpusCase, 'module' | 'input'> & { readonly module: string; readonly input: string }

/** What a run left to see. */
export interface Trace {
  readonly ending: string
  readonly fuel: number | null
  /** Of the memory, what was written, the returned value and the globals; null where the fuel ran out, and it does not matter. */
  readonly digest: string | null
}

/** What became of one case. */
export interface CorpusResult {
  readonly name: string
  /** Digest of the module in its shapes: rewriting is the same everywhere too. */
  readonly modules: string
  /** Of the `fast` shape, but of the `exact` one where the former's fuel is stale. */
  readonly metered: Trace
  readonly exact: Trace
  /** Of the module as it is, for cases that ask for it. */
  readonly plain: Trace | null
}

const SCRIPT = join(import.meta.dirname, 'run-corpus.ts')

/** Runs all cases in a fresh process of a machine, and returns their results in the same order. */
export async function resultsOn(
  machine: Machine,
  cases: readonly CorpusCase[],
  signal: AbortSignal,
): Promise<CorpusResult[]> {
  const lines = cases.map(({ module, input, ...rest }): CorpusLine => {
    return { ...rest, module: toHex(module), input: toHex(input) }
  })
  const output = await runOn(machine, SCRIPT, { input: lines.map(line => JSON.stringify(line)).join('\n'), signal })
  const results = output.split('\n').filter(line => line !== '')
  return results.map(line => JSON.parse(line) as CorpusResult)
}

/** Results without what plain modules did, which may differ. */
export function meteredOf(results: readonly CorpusResult[]): Omit<CorpusResult, 'plain'>[] {
  return results.map(({ plain: _, ...rest }) => rest)
}
