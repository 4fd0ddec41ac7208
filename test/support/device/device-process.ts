/** A real device in a process of its own, with a stand-in for its sandbox: prints what it logs, a JSON text a line. */
import { join } from 'node:path'
import { runDevice } from '../../../device/index.ts'
import { FakeRunner } from './fake-parts.ts'

const [stateDir = '', claim = ''] = process.argv.slice(2)

try {
  const device = runDevice({
    stateDir,
    ...(claim === '' ? {} : { claim }),
    label: 'attic',
    sandboxPath: join(import.meta.dirname, '..', '..', '..', 'device', 'sandbox', 'main.ts'),
    log: event => console.log(JSON.stringify(event)),
    wrapRunner: () => new FakeRunner('echo'),
  })
  process.on('SIGTERM', () => void device.stop())
  const failure = await device.ended
  if (failure !== null) {
    console.error(failure.message)
    process.exitCode = 1
  }
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown)
  process.exitCode = 1
}
