import { describe, expect, it } from 'vitest'
import { parseMqttAddress } from '../../../../device/link/mqtt-address.ts'
import { mqttFailure } from '../../../../device/link/mqtt-failure.ts'

const ADDRESS = 'mqtt://region.example:1883'

function failed(code: string | number | undefined, message = 'boom') {
  return mqttFailure(ADDRESS, Object.assign(new Error(message), code === undefined ? {} : { code }), 10_000)
}

describe('mqttFailure', () => {
  it.each([
    ['ECONNREFUSED', 'unreachable', 'cannot be reached: nobody listens there.'],
    ['ENOTFOUND', 'unreachable', 'cannot be reached: there is no such name.'],
    [4, 'refused', 'refuses the connection: it does not accept the signed counter of this device.'],
    [5, 'refused', 'refuses the connection: it does not let this device in.'],
    [77, 'refused', 'refuses the connection: it answers with code 77.'],
    ['ECONNRESET', 'closed', 'closed the connection.'],
    [undefined, 'closed', 'closed the connection.'],
  ])('puts %s in plain words', (code, kind, words) => {
    const failure = failed(code)
    expect(failure.code).toBe(kind)
    expect(failure.message).toContain(ADDRESS)
    expect(failure.message.endsWith(words)).toBe(true)
  })

  it('knows silence', () => {
    expect(failed(undefined, 'connack timeout').message).toBe(`The broker at ${ADDRESS} does not answer within 10 s.`)
  })
})

describe('parseMqttAddress', () => {
  it.each([
    ['mqtt://pi.local:1884', { host: 'pi.local', port: 1884, tls: false }],
    ['mqtt://10.0.0.7', { host: '10.0.0.7', port: 1883, tls: false }],
    ['mqtts://region.example', { host: 'region.example', port: 8883, tls: true }],
    ['mqtt://[::1]:2000', { host: '::1', port: 2000, tls: false }],
  ])('reads %s', (address, parts) => {
    expect(parseMqttAddress(address)).toEqual(parts)
  })

  it.each(['region.example:1883', 'http://region.example', 'ws://region.example', 'mqtt://', ''])(
    'refuses %j',
    address => {
      expect(() => parseMqttAddress(address)).toThrow(/must have the form mqtt:\/\/host:port/)
    },
  )
})
