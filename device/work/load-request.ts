import { TaskError } from '../../protocol/errors.ts'
import { inspectModule, prepareModule } from '../../protocol/metering/index.ts'
import type { LoadRequest } from '../sandbox/ipc.ts'
import type { RunRequest } from './runner.ts'

/**
 * The module of a lease, checked and rewritten for the sandbox.
 * @throws {TaskError} `bad_module`
 */
export function loadRequest(request: RunRequest): LoadRequest {
  const { abi, memoryPagesMax } = request
  const info = inspectModule(request.moduleBytes)
  if (info.abi !== abi) {
    const reason = `it is a ${info.abi} module, the lease says ${abi}`
    throw new TaskError(
      { code: 'bad_module', section: 'export section', offset: 0, reason },
      `The module cannot be run: ${reason}.`,
    )
  }
  const { bytes, resettable } = prepareModule(request.moduleBytes, { memoryPagesMax })
  const { initialPages, maximumPages } = info.memory
  return {
    kind: 'load',
    module: bytes,
    abi,
    initialPages,
    maximumPages: Math.min(maximumPages ?? memoryPagesMax, memoryPagesMax),
    resettable,
  }
}
