import { expect, it, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { Census } from '../../../../coordinator/fleet/census.ts'
import { Fleet } from '../../../../coordinator/fleet/fleet.ts'
import { networkOf } from '../../../../coordinator/fleet/network.ts'
import { claimProof, deviceId, keyThumbprint, ownerName } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest } from '../../../support/department-world.ts'
import { present } from '../../../support/present.ts'

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:7:1::/64', '2001:db8:7::/48'],
  ['127.0.0.1', 'private'],
  ['192.168.1.4', 'private'],
  ['10.2.3.4', 'private'],
  ['172.20.0.1', 'private'],
  ['172.32.0.1', '172.32.0.0/24'],
  ['0:0:0:0::/64', 'private'],
  ['fd12:3456:789a:1::/64', 'private'],
  ['fe80:0:0:0::/64', 'private'],
  ['', ''],
])('%s is on the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it('[VERIFY-5.2] counts a device as caught while it is, among those that have worked', () => {
  const census = new Census()
  const joined = (number: number, unitsAccepted: number) => {
    const id = deviceId('abcdefghijklmnopqrstuvwxyz234567'.charAt(number).repeat(26))
    return { id, standing: 'joined' as 'joined' | 'caught', unitsAccepted, unitsRejected: 0 }
  }
  for (let number = 0; number < 30; number++) census.add(joined(number, 5))
  census.add(joined(30, 0))
  expect(census.caughtShare).toBe(0)
  const row = joined(31, 0)
  census.add(row)
  census.change(row, () => {
    row.standing = 'caught'
  })
  expect(census.caughtShare).toBeCloseTo(1 / (31 + 20))
  expect([...census.caught]).toEqual([row.id])
  census.change(row, () => {
    row.standing = 'joined'
  })
  expect([census.caughtShare, census.caught.size]).toEqual([0, 0])
})

it('keeps where a device connects from, and for a stranger until it is enrolled', () => {
  const thumbprint = new Uint8Array(32).fill(7)
  const claim = { id: '0'.repeat(16), key: new Uint8Array(32).fill(1), owner: ownerName('ann') }
  const settings = { saboteurShare: 0.1, devicesMax: 10, regionThumbprint: thumbprint }
  const fleet = new Fleet([], [{ ...claim, expiresAtMs: 10, usedBy: null }], settings)
  const publicKey = new Uint8Array(32).fill(2)
  const device = deviceId('a'.repeat(26))
  fleet.connected(device, 1, '203.0.113.0/24')
  const proof = claimProof(claim.key, keyThumbprint(publicKey), thumbprint)
  const join = { device, publicKey, session: 1, claimId: new Uint8Array(8), proof, label: '' }
  expect(fleet.join(join, 0, new Batch())).toBe('joined')
  expect(fleet.member(device)?.network).toBe('203.0.113.0/24')
  fleet.connected(device, 2, '198.51.100.0/24')
  expect(fleet.member(device)?.network).toBe('198.51.100.0/24')
})

test('[VERIFY-5.2] where more were caught than is assumed, nobody is believed as much as before', () => {
  const world = new DepartmentWorld()
  const ids = world.join(...Array.from({ length: 40 }, (_, i): [string, typeof honest] => [`owner${i}`, honest]))
  for (const id of ids) present(world.fleet.member(id)).row.checksPassed = 50
  const last = present(world.fleet.member(present(ids.at(-1))))
  const before = world.fleet.credibility(last)
  expect(before).toBeGreaterThan(0.999)
  for (const id of ids.slice(0, 20)) {
    world.step((now, batch) => world.jobs.convict(present(world.fleet.member(id)), 'lied', now, batch))
  }
  expect(world.fleet.saboteurShare).toBe(0.45)
  expect(world.fleet.credibility(last)).toBeLessThan(before)
})
