/** Two regions and a device that moves from one to the other. */
import { beforeEach, describe, expect, test } from 'vitest'
import { createReputationAdmin } from '../../../../coordinator/admin/reputation-admin.ts'
import type { ReputationAdminApi } from '../../../../coordinator/http/reputation-api.ts'
import { openReputations, type Reputations } from '../../../../coordinator/reputation/index.ts'
import { type DeviceId, fromBase64, regionIdOf, toBase64Url } from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { DepartmentWorld, honest } from '../../../support/department-world.ts'

interface Region {
  readonly world: DepartmentWorld
  readonly admin: ReputationAdminApi
  readonly reputations: Reputations
  readonly key: string
}

/** With the same seed its first device is the same in every region. */
function open(byte: number): Region {
  const world = new DepartmentWorld({ seed: 'device' })
  world.join(['ann', honest], ['ann', honest])
  const signer = nodeSigner(new Uint8Array(32).fill(byte))
  const reputations = openReputations(world.store, world)
  const region = { step: world.step.bind(world), committed: async () => {}, fleet: world.fleet }
  const clock = { wallMs: () => world.now.wallMs }
  const components = { region, reputations, policy: world.policy, signer, verifier: nodeVerifier(), clock }
  const admin = createReputationAdmin(components, { id: regionIdOf(signer.publicKey) })
  return { world, admin, reputations, key: toBase64Url(signer.publicKey) }
}

let there: Region
let here: Region
let device: DeviceId

beforeEach(() => {
  there = open(1)
  here = open(2)
  device = [...there.world.devices.keys()][0] as DeviceId
  Object.assign(there.world.fleet.member(device)?.row ?? {}, { checksPassed: 30, unitsAccepted: 900 })
})

describe('a device that goes to another region', () => {
  test('takes a signed statement along and starts with half of its checks', async () => {
    const said = await there.admin.reputationOfDevice(device)
    expect(said).toMatchObject({
      kind: 'device',
      subject: device,
      checksPassed: 30,
      unitsAccepted: 900,
      unitsRejected: 0,
    })
    expect(said.credibility).toBeCloseTo(0.9986, 4)
    await here.admin.regionTrust(there.key)
    const imported = await here.admin.reputationImport(said.statement)
    expect(imported).toMatchObject({ device, outcome: 'applied', checks: 15 })
    expect(imported.credibility).toBeLessThan(0.999)
    expect(here.world.store.devices().find(({ id }) => id === device)?.checksPassed).toBe(15)
    await expect(here.admin.reputationImport(said.statement)).rejects.toThrow('no newer than one that was taken before')
  })

  test('gets nothing from a region that is not trusted, or not any more', async () => {
    const { statement } = await there.admin.reputationOfDevice(device)
    await expect(here.admin.reputationImport(statement)).rejects.toMatchObject({
      code: 'not_allowed',
      message: expect.stringContaining('is not trusted here: add its key'),
    })
    const { region } = await here.admin.regionTrust(there.key)
    expect(await here.admin.trustedRegions()).toMatchObject([{ region, key: there.key }])
    expect(await here.admin.regionDistrust(region)).toMatchObject({ region })
    await expect(here.admin.reputationImport(statement)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(here.admin.regionDistrust(region)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('gets nothing by a statement that was changed, or is none', async () => {
    await here.admin.regionTrust(there.key)
    const frame = fromBase64((await there.admin.reputationOfDevice(device)).statement)
    // Its last byte belongs to the signature.
    frame[frame.length - 1] = (frame[frame.length - 1] ?? 0) ^ 1
    await expect(here.admin.reputationImport(toBase64Url(frame))).rejects.toMatchObject({ code: 'bad_request' })
    await expect(here.admin.reputationImport('AAAA')).rejects.toMatchObject({ code: 'bad_request' })
    await expect(here.admin.reputationImport('not base64 !')).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('gets nothing by what is said of its owner', async () => {
    await here.admin.regionTrust(there.key)
    const said = await there.admin.reputationOfOwner('ann')
    expect(said).toMatchObject({ kind: 'owner', subject: 'ann', checksPassed: 30 })
    await expect(here.admin.reputationImport(said.statement)).rejects.toThrow('export that of the device')
  })
})

describe('a region', () => {
  test('says nothing of whom it does not know', async () => {
    await expect(there.admin.reputationOfDevice('a'.repeat(26))).rejects.toMatchObject({ code: 'not_found' })
    await expect(there.admin.reputationOfOwner('nobody')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('is not asked to trust itself, or what is no key', async () => {
    await expect(here.admin.regionTrust(here.key)).rejects.toMatchObject({ code: 'conflict' })
    await expect(here.admin.regionTrust('abc')).rejects.toThrow('is not the key of a region')
  })
})
