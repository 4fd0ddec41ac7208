/** Real pseudo-terminals and real serial ports for tests of drivers; everything is closed after each test. */
import { rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type afterAll, afterEach } from 'vitest'
import type { DriverComponents } from '../../hardware/drivers/components.ts'
import { openNodeSerialPort } from '../../hardware/serial/node-port.ts'
import { openPty, type Pty } from '../../hardware/simulated/pty.ts'
import { seededRandom } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { eventually } from './eventually.ts'
import { tempDirs } from './temp-dir.ts'
import { VirtualClock } from './virtual-clock.ts'

/** Whether this machine can make pseudo-terminals; says so loudly when it cannot. */
export const HAS_PTYS: boolean = await openPty().then(
  pty => {
    pty.unplug()
    return true
  },
  (error: Error) => {
    console.warn(`SKIPPED: every test of serial sensors. ${error.message}`)
    return false
  },
)

/** What simulators run on: time is real, chance is not. */
export const simulatorParts = (seed: string) => ({ clock: systemClock, random: seededRandom(seed) })

export interface SerialBench {
  /**
   * A terminal under a name of its own that goes with it. The kernel gives the number of one that is gone to the next, perhaps to a test
   * beside this one, and a reader that waits for its own to come back would open that.
   */
  pty(): Promise<Pty>
  /** A name for a port that can be moved to another, as those under `/dev/serial/by-id`. */
  link(): { readonly path: string; pointTo(pty: Pty): void }
  /** For a driver, whose time stands still until a test lets it pass. */
  parts(): DriverComponents & { readonly clock: VirtualClock }
  /** Closes it after the test. */
  use<T extends { close(): Promise<void> } | { stop(): void }>(it: T): T
}

/** @param when - what is cleaned up after; all tests for those that run at once */
export function serialBench(when: typeof afterEach | typeof afterAll = afterEach): SerialBench {
  const cleanUps: (() => unknown)[] = []
  const tempDir = tempDirs(when)
  when(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
  })
  return {
    pty: async () => {
      const pty = named(await openPty(), join(tempDir(), 'port'))
      cleanUps.push(() => pty.unplug())
      return pty
    },
    link: () => {
      const path = join(tempDir(), 'usb-port')
      let exists = false
      return {
        path,
        pointTo: pty => {
          if (exists) unlinkSync(path)
          symlinkSync(pty.path, path)
          exists = true
        },
      }
    },
    parts: () => ({ clock: new VirtualClock(), openPort: openNodeSerialPort, root: '/' }),
    use: it => {
      cleanUps.push(() => ('close' in it ? it.close() : it.stop()))
      return it
    },
  }
}

function named(pty: Pty, path: string): Pty {
  symlinkSync(pty.path, path)
  return {
    ...pty,
    path,
    unplug: () => {
      rmSync(path, { force: true })
      pty.unplug()
    },
  }
}

/** Waits until a reader has opened a pseudo-terminal with a speed. A new one has 38 400 baud. */
export function untilOpened(pty: Pty, baudRate = 9_600): Promise<unknown> {
  return eventually(`${pty.path} is opened at ${baudRate} baud`, async () => (await pty.baudRate()) === baudRate)
}
