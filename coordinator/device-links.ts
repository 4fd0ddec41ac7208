/** Devices' connections: joins the broker, which authenticates and delivers, to the gate, the fleet and the departments. */
import { type Clock, type DeviceId, LIMITS, type Timer, type UplinkClass } from '../protocol/index.ts'
import type { BrokerHooks } from './broker/index.ts'
import type { Conduct } from './conduct/index.ts'
import { networkOf } from './fleet/network.ts'
import type { Arrivals } from './gate/arrivals.ts'
import type { Gate } from './gate/gate.ts'
import { applyUplink, type UplinkComponents } from './uplink.ts'

export interface DeviceLinksComponents extends UplinkComponents {
  gate: Gate
  arrivals: Arrivals
  conduct: Pick<Conduct, 'charge' | 'shutOut'>
  clock: Clock
  /** Disconnects a device. */
  kick(device: DeviceId, reason: string): void
}

interface Link {
  session: number
  publicKey: Uint8Array
  /** Ends the connection of one that never joins. */
  timer: Timer | null
}

export type DeviceHooks = Pick<BrokerHooks, 'authenticateDevice' | 'onUplink' | 'onConnected' | 'onDisconnected'>

export interface DeviceLinks extends DeviceHooks {
  /** The session of a connected device, or null. */
  sessionOf(device: DeviceId): number | null
}

export function createDeviceLinks(components: DeviceLinksComponents): DeviceLinks {
  const { region, gate, arrivals, conduct, clock, kick } = components
  const links = new Map<DeviceId, Link>()
  const accepted = new Map<DeviceId, Link>()

  const awaitJoin = (device: DeviceId): Timer | null => {
    if (region.fleet.member(device) !== undefined) return null
    return clock.setTimeout(() => {
      if (region.fleet.member(device) === undefined) kick(device, 'never_joined')
    }, LIMITS.strangerMsMax)
  }

  return {
    sessionOf: device => links.get(device)?.session ?? null,
    authenticateDevice: ({ deviceId, frame, address }) => {
      if (conduct.shutOut(deviceId) !== null) return 'shut_out'
      // A stranger has no row yet, but a captured CONNECT of its live connection must not work twice either.
      const lastCounter = region.fleet.member(deviceId)?.row.counter ?? links.get(deviceId)?.session ?? null
      const verdict = gate.connect(deviceId, frame, lastCounter)
      if (!verdict.ok) return verdict.reason
      region.step(() => region.fleet.connected(deviceId, verdict.counter, networkOf(address)))
      conduct.charge(deviceId, 'connect')
      // Its older connection has been ended by that, and this one must not take its place.
      if (conduct.shutOut(deviceId) !== null) return 'shut_out'
      accepted.set(deviceId, { session: verdict.counter, publicKey: verdict.publicKey, timer: null })
      return 'ok'
    },
    onConnected: device => {
      const link = accepted.get(device)
      accepted.delete(device)
      if (!link) return
      link.timer = awaitJoin(device)
      links.set(device, link)
      gate.opened(device, link.session, link.publicKey)
    },
    onDisconnected: device => {
      links.get(device)?.timer?.cancel()
      links.delete(device)
      gate.closed(device)
      region.step((now, batch) => {
        region.fleet.disconnected(device, now.monotonicMs)
        if (region.sensing.registry.ofDevice(device).length > 0) batch.emit({ kind: 'sensors-changed', device })
      })
    },
    onUplink: (device: DeviceId, name: UplinkClass, payload: Uint8Array) => {
      const link = links.get(device)
      if (!link) return
      arrivals.open(device, name, payload, uplink => applyUplink(components, device, link.publicKey, uplink))
    },
  }
}
