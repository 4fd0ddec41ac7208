import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Connection, Connections, newConnection } from '../../../../coordinator/broker/connections.ts'
import { deviceId, LIMITS, type Principal, submitterName } from '../../../../protocol/index.ts'
import { systemClock } from '../../../../protocol/node/index.ts'

const DEVICE: Principal = { kind: 'device', id: deviceId('a'.repeat(26)) }
const ACME: Principal = { kind: 'submitter', name: submitterName('acme') }
const OTHER: Principal = { kind: 'submitter', name: submitterName('other') }

function setUp() {
  return new Connections(systemClock, { connectionsMax: 4, connectionsPerAddressMax: 3, connectionsPerSubmitterMax: 2 })
}

function from(address: string): Connection {
  return newConnection(new Socket(), address, systemClock)
}

/** Adds a connection, each from its own address, and gives it an identity. */
let addresses = 0
function add(connections: Connections, principal: Principal, clientId: string): Connection {
  const connection = from(`10.0.0.${++addresses}`)
  expect(connections.add(connection)).toBeNull()
  expect(connections.identify(connection, principal, clientId)).toBeNull()
  return connection
}

describe('connections', () => {
  test('are capped in all', () => {
    const connections = setUp()
    for (const address of ['a', 'b', 'c', 'd']) expect(connections.add(from(address))).toBeNull()
    expect(connections.add(from('e'))).toBe('too_many_connections')
    expect(connections.size).toBe(4)
  })

  test('are capped for each address, and make room when they end', () => {
    const connections = setUp()
    const first = from('a')
    for (const connection of [first, from('a'), from('a')]) expect(connections.add(connection)).toBeNull()
    expect(connections.add(from('a'))).toBe('too_many_from_address')
    expect(connections.remove(first)).toBe(true)
    expect(connections.remove(first)).toBe(false)
    expect(connections.add(from('a'))).toBeNull()
    expect(connections.add(from('a'))).toBe('too_many_from_address')
  })

  test('are capped for each submitter', () => {
    const connections = setUp()
    const first = add(connections, ACME, '1')
    add(connections, ACME, '2')
    const third = from('z')
    connections.add(third)
    expect(connections.identify(third, ACME, '3')).toBe('too_many_of_submitter')
    expect(third.principal).toBeNull()
    connections.remove(first)
    expect(connections.identify(third, ACME, '3')).toBeNull()
  })

  test('of a submitter share what they may send, those of devices do not', () => {
    const connections = setUp()
    const [first, second] = [add(connections, ACME, '1'), add(connections, ACME, '2')]
    const [other, device] = [add(connections, OTHER, '1'), add(connections, DEVICE, '')]
    expect(second.throttle).toBe(first.throttle)
    expect(new Set([first.throttle, other.throttle, device.throttle]).size).toBe(3)
  })

  test('are not taken faster than an address may connect, and other addresses are', () => {
    const clock = { ...systemClock, nowMs: 0, monotonicMs: () => clock.nowMs }
    const connections = new Connections(clock, {
      connectionsMax: 4,
      connectionsPerAddressMax: 3,
      connectionsPerSubmitterMax: 2,
    })
    const comeAndGo = (address: string) => {
      const connection = from(address)
      const refusal = connections.add(connection)
      connections.remove(connection)
      return refusal
    }
    for (let i = 0; i < LIMITS.connectsPerAddressBurstMax; i++) expect(comeAndGo('a')).toBeNull()
    expect([comeAndGo('a'), comeAndGo('b')]).toEqual(['too_often_from_address', null])
    clock.nowMs += 1_000
    for (let i = 0; i < LIMITS.connectsPerAddressPerSecondMax; i++) expect(comeAndGo('a')).toBeNull()
    expect(comeAndGo('a')).toBe('too_often_from_address')
  })

  test('hold one connection for a device, whatever its client id', () => {
    const connections = setUp()
    const first = add(connections, DEVICE, 'one')
    expect(connections.holderOf(DEVICE, 'two')).toBe(first)
    expect(DEVICE.kind === 'device' && connections.device(DEVICE.id)).toBe(first)
    connections.remove(first)
    expect(connections.holderOf(DEVICE, 'one')).toBeNull()
  })

  test("keep submitters' client ids apart", () => {
    const connections = setUp()
    const first = add(connections, ACME, 'same')
    expect(connections.holderOf(ACME, 'same')).toBe(first)
    expect(connections.holderOf(OTHER, 'same')).toBeNull()
  })

  test('without a client id are each their own', () => {
    const connections = setUp()
    const first = add(connections, ACME, '')
    expect(connections.holderOf(ACME, '')).toBeNull()
    const second = add(connections, ACME, '')
    expect(first.identity).not.toBe(second.identity)
  })

  test('are listed', () => {
    const connections = setUp()
    const first = add(connections, ACME, '1')
    const second = add(connections, DEVICE, '2')
    expect([...connections]).toEqual([first, second])
  })
})
