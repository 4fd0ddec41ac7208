import { describe, expect, test } from 'vitest'
import { createDeviceLinks, type DeviceLinksComponents } from '../../../coordinator/device-links.ts'
import { type DeviceId, deviceId, LIMITS } from '../../../protocol/index.ts'
import { manualClock } from '../../support/manual-clock.ts'

const EVE = deviceId('a'.repeat(26))

/** Links of devices whose CONNECTs are all good; `members` have joined. */
function setUp() {
  const clock = manualClock()
  const members = new Set<DeviceId>()
  const kicked: string[] = []
  const charged: string[] = []
  const judged: DeviceId[] = []
  const out = { shutOut: false, shutsOutAt: Number.POSITIVE_INFINITY }
  const region = {
    fleet: {
      member: (device: DeviceId) => (members.has(device) ? { row: { counter: 0 } } : undefined),
      connected: () => undefined,
      disconnected: () => undefined,
    },
    sensing: { registry: { ofDevice: () => [] } },
    step: (work: (now: object, batch: object) => unknown) => work({}, {}),
  }
  const components = {
    region,
    clock,
    gate: {
      connect: (device: DeviceId) => {
        judged.push(device)
        return { ok: true, publicKey: new Uint8Array(32), counter: judged.length, enrolled: false }
      },
      opened: () => undefined,
      closed: () => undefined,
    },
    conduct: {
      charge: (_device: DeviceId, offence: string) => {
        charged.push(offence)
        if (charged.length >= out.shutsOutAt) out.shutOut = true
      },
      shutOut: () => (out.shutOut ? { leftMs: 1, because: 'connected too often' } : null),
    },
    kick: (_device: DeviceId, reason: string) => void kicked.push(reason),
  }
  const links = createDeviceLinks(components as unknown as DeviceLinksComponents)
  const connect = () => {
    const verdict = links.authenticateDevice({ deviceId: EVE, frame: new Uint8Array(), address: '127.0.0.1' })
    if (verdict === 'ok') links.onConnected(EVE)
    return verdict
  }
  return { links, connect, members, kicked, charged, judged, out, clock }
}

describe('a device that connects', () => {
  test('and never joins is disconnected after a while', async () => {
    const { connect, kicked, clock } = setUp()
    expect(connect()).toBe('ok')
    await clock.fire(LIMITS.strangerMsMax)
    expect(kicked).toEqual(['never_joined'])
  })

  test('and joins stays', async () => {
    const { connect, members, kicked, clock } = setUp()
    connect()
    members.add(EVE)
    await clock.fire(LIMITS.strangerMsMax)
    expect(kicked).toEqual([])
  })

  test('is charged for it, and let in no more when that was too often', () => {
    const { links, connect, charged, judged, out } = setUp()
    out.shutsOutAt = 3
    expect([connect(), connect(), connect()]).toEqual(['ok', 'ok', 'shut_out'])
    expect(charged).toEqual(['connect', 'connect', 'connect'])
    // From now on its signature is not even looked at.
    expect([connect(), judged.length]).toEqual(['shut_out', 3])
    expect(links.sessionOf(EVE)).toBe(2)
  })
})
