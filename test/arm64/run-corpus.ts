/**
 * Runs a corpus in one process, on whatever processor it is started on. Reads the cases from standard input and prints what became of
 * them, one line of JSON for each.
 */
import { readFileSync } from 'node:fs'
import { sha256 } from '@noble/hashes/sha2.js'
import { engine } from '../../device/sandbox/engine.ts'
import { fromHex, toHex } from '../../protocol/bytes.ts'
import { type MeterShape, meterModule } from '../../protocol/metering/index.ts'
import { nameOf, STALE } from '../differential/compare.ts'
import { type EngineRun, runInEngine } from '../differential/engine-run.ts'
import { plainModule } from '../differential/plain-module.ts'
import type { CorpusLine, CorpusResult, Trace } from './results.ts'

for (const line of readFileSync(0, 'utf8').split('\n')) {
  if (line !== '') process.stdout.write(`${JSON.stringify(resultOf(JSON.parse(line)))}\n`)
}

function resultOf({ name, module, input, fuelMax, pagesMax, plain }: CorpusLine): CorpusResult {
  const bytes = fromHex(module)
  const meter = (shape: MeterShape) => meterModule(bytes, { memoryPagesMax: pagesMax, shape })
  const [fast, exact] = [meter('fast'), meter('exact')]
  const pages = { initial: fast.memory.initialPages, maximum: fast.memory.maximumPages }
  const run = (code: Uint8Array, limit: number | null) =>
    runInEngine({ module: new engine.Module(code), pages, fuelMax: limit, input: fromHex(input) })
  const exactRun = run(exact.bytes, fuelMax)
  const fastRun = run(fast.bytes, fuelMax)
  return {
    name,
    modules: toHex(sha256(Buffer.concat([fast.bytes, exact.bytes]))),
    metered: traceOf(STALE.has(nameOf(fastRun.ending)) ? exactRun : fastRun),
    exact: traceOf(exactRun),
    plain: plain ? traceOf(run(plainModule(bytes, pagesMax), null)) : null,
  }
}

function traceOf({ ending, fuel, memory, output, globals }: EngineRun): Trace {
  if (ending.kind === 'out_of_fuel') return { ending: ending.kind, fuel, digest: null }
  const values = [...globals].map(([index, value]) => `${index}=${value}`)
  const rest = `${ending.kind === 'ok' ? ending.value : ''}/${ending.kind === 'exit' ? ending.code : ''}/${values.join()}`
  const digest = sha256(Buffer.concat([memory, Uint8Array.from(output), Buffer.from(rest)]))
  return { ending: nameOf(ending), fuel, digest: toHex(digest) }
}
