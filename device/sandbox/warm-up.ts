import { ABIS, type Abi } from '../../protocol/messages/index.ts'
import { METERING_VERSION } from '../../protocol/metering/index.ts'
import { decodeRequest, encodeRequest, type SandboxRequest } from './ipc.ts'
import { runUnits } from './run-units.ts'
import { Task } from './task.ts'
import { TaskModule } from './task-module.ts'
import { warmUpModule } from './warm-up-module.ts'

/** With one round a first lease takes half a millisecond longer; further ones bring nothing. */
const ROUNDS = 2
const FRAME_HEAD_BYTES = 4
/** Some of everything that a lease says. */
const LOAD = { kind: 'load', memoryPagesMax: 2, metering: METERING_VERSION } as const
const RUN = {
  kind: 'run',
  job: new Uint8Array(10),
  firstUnit: 0,
  args: ['argument'],
  inputs: [new Uint8Array(8)],
  unitFuelMax: 1_000_000,
} as const

/**
 * Does what a first lease makes a sandbox do, with modules of its own: reads requests, checks, meters and compiles, runs a unit. The
 * engine has then compiled the sandbox's own code. Nothing of it is kept.
 */
export function warmUp(): void {
  for (let round = 0; round < ROUNDS; round++) ABIS.forEach(rehearse)
}

function rehearse(abi: Abi): void {
  const load = received({ ...LOAD, module: warmUpModule(abi), abi })
  const run = received(RUN)
  if (load.kind !== 'load' || run.kind !== 'run') return
  runUnits(
    new Task(new TaskModule(load.module, load)),
    run,
    () => 0,
    () => {},
  )
}

/** A request as it comes out of its frame. */
function received(request: SandboxRequest): SandboxRequest {
  return decodeRequest(encodeRequest(request).subarray(FRAME_HEAD_BYTES))
}
