/**
 * The sandbox process: compiles one module at a time and runs its units, for a device that holds the keys, the files and the
 * network this process is started without. It ends when its standard input does.
 */
import { assert, messageOf } from '../../protocol/errors.ts'
import { engine } from './engine.ts'
import { decodeRequest, encodeReply, type LoadRequest, type SandboxReply } from './ipc.ts'
import { PipeChannel } from './pipe-channel.ts'
import { runUnits } from './run-units.ts'
import { Task } from './task.ts'

const channel = new PipeChannel(0, 1)
const reply = (message: SandboxReply) => channel.write(encodeReply(message))
const monotonicMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000
let task: Task | null = null

for (let frame = channel.read(); frame !== null; frame = channel.read()) {
  const request = decodeRequest(frame)
  if (request.kind === 'load') {
    reply(load(request))
  } else {
    assert(task !== null, 'a module is loaded before it runs')
    reply(runUnits(task, request, monotonicMs, reply))
  }
}

function load(request: LoadRequest): SandboxReply {
  try {
    task = new Task(request)
    return { kind: 'loaded' }
  } catch (thrown) {
    if (thrown instanceof engine.CompileError) return { kind: 'refused', reason: messageOf(thrown) }
    throw thrown
  }
}
