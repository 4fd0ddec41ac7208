/**
 * A device that lies, to show that lying does not pay: it answers its first lease honestly and from then on reports every
 * word once too often. Started like `hedgerow device`; the lie is put around the runner, so the device itself has no such path.
 */
import { parseArgs } from 'node:util'
import { type Runner, runDevice } from 'hedgerow/device'
import { CLAIM_VARIABLE } from '../../cli/local-devices.ts'
import { decodeOutputs, encodeOutputs, fromUtf8, type UnitOutcome, utf8 } from '../../protocol/index.ts'

const { values } = parseArgs({
  options: { folder: { type: 'string', default: '' }, label: { type: 'string' } },
  allowPositionals: true,
})

const device = runDevice({
  stateDir: values.folder,
  claim: process.env[CLAIM_VARIABLE],
  label: values.label,
  sandboxPath: new URL('../../dist/device/sandbox/main.cjs', import.meta.url).pathname,
  log: event => console.log(JSON.stringify(event)),
  wrapRunner: liar,
})

// The channel to the parent is all that keeps it running.
process.on('disconnect', stop)
process.on('SIGTERM', stop)
process.on('SIGINT', () => {})

function stop(): void {
  void device.stop().then(() => process.exit())
}

function liar(runner: Runner): Runner {
  let honest = 1
  return {
    run: async (request, signal) => {
      const result = await runner.run(request, signal)
      if (honest-- > 0) return result
      return { ...result, outputs: encodeOutputs(decodeOutputs(result.outputs, request.inputs.length).map(inflate)) }
    },
    close: () => runner.close(),
  }
}

function inflate(outcome: UnitOutcome): UnitOutcome {
  if (outcome.kind !== 'ok') return outcome
  const lines = fromUtf8(outcome.bytes).replaceAll(/\t(\d+)/g, (_, count: string) => `\t${Number(count) + 1}`)
  return { ...outcome, bytes: utf8(lines) }
}
