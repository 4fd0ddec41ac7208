import { expect, test } from 'vitest'
import { addressBytes, namesOf, permittedFor } from '../../../../coordinator/tls/names.ts'

const machine = { hostname: 'box', addresses: ['127.0.0.1', '192.168.1.10', '2001:db8::5', 'fe80::1%eth0'] }

test('a region for this machine is in the certificate as this machine', () => {
  expect(namesOf({ host: '127.0.0.1', publicHost: '127.0.0.1', ...machine })).toEqual({
    dns: ['localhost'],
    ips: ['127.0.0.1', '::1'],
  })
})

test('one for every network is there by its name, its private addresses and what devices are told', () => {
  expect(namesOf({ host: '0.0.0.0', publicHost: 'Region.Example', ...machine })).toEqual({
    dns: ['localhost', 'region.example', 'box', 'box.local'],
    ips: ['127.0.0.1', '::1', '192.168.1.10', 'fe80::1'],
  })
  expect(namesOf({ host: '::', publicHost: '[2001:db8::5]', ...machine }).ips).toContain('2001:db8::5')
})

test('what is no name is left out', () => {
  expect(namesOf({ host: '0.0.0.0', publicHost: 'a_b', hostname: '-x', addresses: [] }).dns).toEqual(['localhost'])
})

test('an authority may vouch for private networks and its own names alone', () => {
  const { dns, networks } = permittedFor({
    dns: ['localhost', 'box.local', 'region.example'],
    ips: ['10.1.2.3', '203.0.113.9'],
  })
  expect(dns).toEqual(['localhost', 'local', 'region.example'])
  const texts = networks.map(net => Buffer.from(net).toString('hex'))
  expect(texts).toContain('0a000000ff000000')
  expect(texts).toContain('cb007109ffffffff')
  expect(texts).toContain(`fc${'00'.repeat(15)}fe${'00'.repeat(15)}`)
  expect(texts).toHaveLength(10)
})

test('is the same for the same names in another order, so that nothing is made anew', () => {
  const one = permittedFor({ dns: ['b.example', 'a.example'], ips: ['203.0.113.9', '198.51.100.1'] })
  expect(permittedFor({ dns: ['a.example', 'b.example'], ips: ['198.51.100.1', '203.0.113.9'] })).toEqual(one)
})

test.each([
  ['192.0.2.1', 'c0000201'],
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['2001:db8::5', '20010db8000000000000000000000005'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.1', `${'00'.repeat(10)}ffffc0000201`],
])('%s in bytes', (address, hex) => {
  expect(Buffer.from(addressBytes(address)).toString('hex')).toBe(hex)
})
