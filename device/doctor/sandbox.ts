/** Does the sandbox start, and is what it computes right? */
import { createHash } from 'node:crypto'
import {
  broken,
  decodeOutputs,
  type Finding,
  fromBase64,
  jobIdFromBytes,
  messageOf,
  sha256Hex,
  utf8,
  well,
} from '../../protocol/index.ts'
import type { Runner } from '../work/index.ts'

export interface SandboxPorts {
  /** Starts runners as the device does. */
  createRunner(): Promise<Pick<Runner, 'run' | 'close'>>
  monotonicMs(): number
}

/** A reactor of two functions: `alloc` gives one place for the input, and `run` gives the input back as its output. */
const ECHO =
  'AGFzbQEAAAABDAJgAX8Bf2ACf38BfgMDAgABBQMBAAEHGAMFYWxsb2MAAANydW4AAQZtZW1vcnkCAAoUAgUAQYAICwwAIACtQiCGIAGthAs='
const INPUT = 'hedgerow'
const NO_JOB = new Uint8Array(10)
const FUEL_MAX = 1_000_000
const TIMEOUT_MS = 10_000
const FIX =
  'Install Hedgerow again: sudo npm install --global hedgerow. If it stays so, the log of the device says more: journalctl -u hedgerow-device.'

export async function checkSandbox({ createRunner, monotonicMs }: SandboxPorts): Promise<Finding[]> {
  const startedMs = monotonicMs()
  try {
    const runner = await createRunner()
    try {
      const output = await runUnit(runner)
      if (output !== INPUT)
        return [
          broken(
            'sandbox',
            'A task gave another answer than it must: this machine computes wrongly.',
            'Test its memory: sudo apt-get install memtester; sudo memtester 64M 1. Do not overclock it.',
          ),
        ]
      return [
        well(
          'sandbox',
          `A task ran in the sandbox and gave the right answer, after ${Math.round(monotonicMs() - startedMs)} ms.`,
        ),
      ]
    } finally {
      await runner.close()
    }
  } catch (error) {
    return [broken('sandbox', `No task can be run: ${messageOf(error)}`, FIX)]
  }
}

async function runUnit(runner: Pick<Runner, 'run'>): Promise<string> {
  const moduleBytes = fromBase64(ECHO)
  const { outputs } = await runner.run(
    {
      jobId: jobIdFromBytes(NO_JOB),
      module: sha256Hex(createHash('sha256').update(moduleBytes).digest('hex')),
      moduleBytes,
      abi: 'reactor',
      memoryPagesMax: 16,
      unitFuelMax: FUEL_MAX,
      unitTimeoutMs: TIMEOUT_MS,
      args: [],
      inputs: [utf8(INPUT)],
      firstUnit: 0,
    },
    AbortSignal.timeout(2 * TIMEOUT_MS),
  )
  const [outcome] = decodeOutputs(outputs, 1)
  return outcome?.kind === 'ok' ? new TextDecoder().decode(outcome.bytes) : `(${outcome?.kind})`
}
