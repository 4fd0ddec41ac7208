/** The governor's reader of the machine that this process runs on: real clock, real topics. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '../protocol/index.ts'
import { systemClock, systemRandom } from '../protocol/node/index.ts'
import { type GovernorPolicy, type HostReader, hostReader, type OpenTopic } from './governor/index.ts'
import { listenToTopic } from './link/mqtt-link.ts'
import type { Log } from './log.ts'

export interface ReadHereInit {
  /** The device's folder, where the month's traffic is kept. */
  readonly stateDir: string
  /** The device's process. Only its own reader keeps counts. */
  readonly devicePid: number
  readonly log: Log
}

/** Begins to listen to the policy's topics; closing the reader ends that. */
export function readHere(policy: GovernorPolicy, { stateDir, devicePid, log }: ReadHereInit): HostReader {
  const openTopic: OpenTopic = (address, hear) =>
    listenToTopic({ ...address, clientId: `hedgerow-${toHex(systemRandom.bytes(6))}` }, hear)
  const traffic = { path: join(stateDir, 'traffic.json'), boot: bootId() ?? '', keeps: devicePid === process.pid }
  return hostReader({ clock: systemClock, log, openTopic }, { policy, ownPid: devicePid, traffic })
}

/** How Linux names this start of the machine; null elsewhere. */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return null
  }
}
