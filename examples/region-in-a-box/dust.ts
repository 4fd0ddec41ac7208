/** Particle counters on pseudo-terminals: to the devices they are ports like any other. */
import type { Io } from '../../cli/io.ts'
import { openPty, type Pty } from '../../hardware/simulated/pty.ts'
import { simulateSds011 } from '../../hardware/simulated/sds011.ts'
import { HardwareError } from '../../protocol/index.ts'
import { systemRandom } from '../../protocol/node/index.ts'

export interface DustCounters {
  /** Where each device finds its counter; empty on a machine that has no pseudo-terminals to give. */
  readonly ports: ReadonlyMap<string, string>
  close(): void
}

/** One for each of these devices, each with an identity of its own. */
export async function openDustCounters(io: Io, devices: readonly string[]): Promise<DustCounters> {
  const ptys = new Map<string, Pty>()
  const close = () => {
    for (const pty of ptys.values()) pty.unplug()
  }
  try {
    for (const [index, device] of devices.entries()) {
      const pty = await openPty()
      ptys.set(device, pty)
      await simulateSds011(pty, { clock: io.clock, random: systemRandom }, { id: Uint8Array.of(0x5d, index + 1) })
    }
  } catch (error) {
    close()
    if (!(error instanceof HardwareError) || error.code !== 'not_installed') throw error
    io.stderr.write(`Without particle counters: ${error.message}\n`)
    return { ports: new Map(), close: () => {} }
  }
  return { ports: new Map([...ptys].map(([device, { path }]) => [device, path])), close }
}
