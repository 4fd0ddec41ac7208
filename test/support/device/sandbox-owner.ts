/** A process that owns a sandbox, as a device does, and lets it loop for ever: prints the sandbox's id once a unit runs in it. */
import { createRunner } from '../../../device/work/index.ts'
import { LIMITS } from '../../../protocol/limits.ts'
import { systemClock } from '../../../protocol/node/clock.ts'
import { leaseOf } from '../module-leases.ts'
import { command, op } from '../wasm-module.ts'

const [sandboxPath = ''] = process.argv.slice(2)
const started: unknown[] = []
const log = (event: { readonly event: string; readonly pid?: unknown }) => {
  if (event.event === 'sandbox_started') started.push(event.pid)
}
const runner = createRunner({ clock: systemClock, log }, { sandboxPath })
const endless = command(op.forever())
// The first process answers this, and is then given the loop; a second one only waits.
await runner.run(leaseOf(endless, [''], { unitFuelMax: 1 }))
void runner.run(leaseOf(endless, [''], { unitFuelMax: LIMITS.unitFuelMax, unitTimeoutMs: LIMITS.unitTimeoutMsMax }))
setTimeout(() => console.log(started[0]), 200)
