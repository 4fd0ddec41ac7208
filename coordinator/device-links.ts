/** Devices' connections: joins the broker, which authenticates and delivers, to the gate, the fleet and the departments. */
import type { DeviceId, UplinkClass } from '../protocol/index.ts'
import type { BrokerHooks } from './broker/index.ts'
import type { Gate } from './gate/gate.ts'
import { applyUplink, type UplinkComponents } from './uplink.ts'

export interface DeviceLinksComponents extends UplinkComponents {
  gate: Gate
}

interface Link {
  session: number
  publicKey: Uint8Array
}

export type DeviceHooks = Pick<BrokerHooks, 'authenticateDevice' | 'onUplink' | 'onConnected' | 'onDisconnected'>

export interface DeviceLinks extends DeviceHooks {
  /** The session of a connected device, or null. */
  sessionOf(device: DeviceId): number | null
}

export function createDeviceLinks(components: DeviceLinksComponents): DeviceLinks {
  const { region, gate } = components
  const links = new Map<DeviceId, Link>()
  const accepted = new Map<DeviceId, Link>()

  return {
    sessionOf: device => links.get(device)?.session ?? null,
    authenticateDevice: ({ deviceId, frame }) => {
      // A stranger has no row yet, but a captured CONNECT of its live connection must not work twice either.
      const lastCounter = region.fleet.member(deviceId)?.row.counter ?? links.get(deviceId)?.session ?? null
      const verdict = gate.connect(deviceId, frame, lastCounter)
      if (!verdict.ok) return verdict.reason
      region.step(() => region.fleet.connected(deviceId, verdict.counter))
      accepted.set(deviceId, { session: verdict.counter, publicKey: verdict.publicKey })
      return 'ok'
    },
    onConnected: device => {
      const link = accepted.get(device)
      accepted.delete(device)
      if (!link) return
      links.set(device, link)
      gate.opened(device, link.session, link.publicKey)
    },
    onDisconnected: device => {
      links.delete(device)
      gate.closed(device)
      region.step((now, batch) => {
        region.fleet.disconnected(device, now.monotonicMs)
        if (region.sensing.registry.ofDevice(device).length > 0) batch.emit({ kind: 'sensors-changed', device })
      })
    },
    onUplink: (device: DeviceId, name: UplinkClass, payload: Uint8Array) => {
      const link = links.get(device)
      const uplink = link && gate.open(device, name, payload)
      if (uplink) applyUplink(components, device, link.publicKey, uplink)
    },
  }
}
