/**
 * The sandbox process: checks, meters and compiles one module at a time and runs its units, for a device that holds the keys, the files and
 * the network this process is started without. It ends when its standard input does, and after trouble of the host.
 */
import { assert, messageOf, TaskError } from '../../protocol/errors.ts'
import { METERING_VERSION } from '../../protocol/metering/index.ts'
import { decodeRequest, encodeReply, type LoadRequest, type SandboxReply, type SandboxRequest } from './ipc.ts'
import { PipeChannel } from './pipe-channel.ts'
import { inspectUnit, runUnits } from './run-units.ts'
import { Task } from './task.ts'
import { TaskModule } from './task-module.ts'
import { warmUp } from './warm-up.ts'

const channel = new PipeChannel(0, 1)
const reply = (message: SandboxReply) => channel.write(encodeReply(message))
const monotonicMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000
let task: Task | null = null

reply({ kind: 'ready' })
try {
  for (let frame = channel.read(); frame !== null; frame = channel.read()) reply(answer(decodeRequest(frame)))
} catch (thrown) {
  reply({ kind: 'trouble', reason: messageOf(thrown) })
  process.exitCode = 1
}

function answer(request: SandboxRequest): SandboxReply {
  if (request.kind === 'load') return load(request)
  if (request.kind === 'warm') {
    warmUp()
    return { kind: 'warm' }
  }
  assert(task !== null, 'a module is loaded before it runs')
  return request.kind === 'run' ? runUnits(task, request, monotonicMs, reply) : inspectUnit(task, request, monotonicMs)
}

function load(request: LoadRequest): SandboxReply {
  assert(request.metering === METERING_VERSION, 'a device asks its sandbox only for what both can do')
  try {
    task = new Task(new TaskModule(request.module, request), { collect })
    return { kind: 'loaded' }
  } catch (thrown) {
    if (!(thrown instanceof TaskError) || thrown.info.code !== 'bad_module') throw thrown
    const { section, offset, reason } = thrown.info
    return { kind: 'refused', section, offset, reason, message: thrown.message }
  }
}

/** The process is started with `--expose-gc`. This kind of collection also gives back what an ordinary one leaves to a thread. */
function collect(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
