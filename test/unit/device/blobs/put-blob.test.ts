import { describe, expect, it } from 'vitest'
import { hashOf } from '../../../../device/blobs/index.ts'
import { identityOf, putBlob } from '../../../../device/index.ts'
import {
  decodeBlobPut,
  frameAad,
  fromBase64,
  openSign1,
  regionId,
  seededRandom,
  sha256Hex,
  toHex,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { scriptedHttp } from '../../../support/device/scripted-http.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const CONTENT = seededRandom('outputs').bytes(60_000)
const SHA256 = sha256Hex(hashOf(CONTENT))
const REGION_ID = regionId('b'.repeat(26))
const { id: device, signer } = identityOf(nodeSigner(seededRandom('device').bytes(32)))

function world(http: ReturnType<typeof scriptedHttp>) {
  const clock = new VirtualClock()
  const components = { clock, random: seededRandom('put'), http: http.client, device, signer }
  const target = { blobUrl: 'http://region.example:8080/blob/', regionId: REGION_ID }
  const outcome = async () => {
    const result = putBlob(components, target, SHA256, CONTENT).then(
      () => 'done',
      error => error,
    )
    await clock.advance(600_000)
    return result
  }
  return { outcome, methods: () => http.requests.map(({ method }) => method), requests: http.requests }
}

describe('putBlob', () => {
  it('puts nothing up that is there already', async () => {
    const { outcome, methods } = world(scriptedHttp({ status: 200 }))
    expect(await outcome()).toBe('done')
    expect(methods()).toEqual(['HEAD'])
  })

  it('carries a signed slip for exactly these bytes [BLOB-2.1]', async () => {
    const { outcome, requests } = world(scriptedHttp({ status: 404 }, { status: 201 }))
    expect(await outcome()).toBe('done')
    const put = requests[1]
    expect(put).toMatchObject({ method: 'PUT', url: `http://region.example:8080/blob/${SHA256}`, body: CONTENT })
    expect(put?.headers['x-hedgerow-device']).toBe(device)
    const frame = fromBase64((put?.headers.authorization ?? '').replace('Hedgerow ', ''))
    const aad = frameAad({ regionId: REGION_ID, direction: 'up', device, class: 'blob' })
    const slip = decodeBlobPut(openSign1(frame, aad, signer.publicKey, nodeVerifier()))
    expect({ digest: toHex(slip.digest), size: slip.size }).toEqual({ digest: SHA256, size: CONTENT.length })
  })

  it('asks again after a failure, since the first try may have arrived', async () => {
    const { outcome, methods } = world(
      scriptedHttp({ status: 404 }, Object.assign(new Error('reset'), { code: 'ECONNRESET' }), { status: 200 }),
    )
    expect(await outcome()).toBe('done')
    expect(methods()).toEqual(['HEAD', 'PUT', 'HEAD'])
  })

  it.each([401, 413])('gives up at once on status %i', async status => {
    const { outcome, methods } = world(scriptedHttp({ status: 404 }, { status }))
    expect(await outcome()).toMatchObject({ info: { code: 'bad_response', status } })
    expect(methods()).toEqual(['HEAD', 'PUT'])
  })

  it('gives a region without room some time, and then up', async () => {
    const { outcome, methods } = world(scriptedHttp({ status: 507 }))
    expect(await outcome()).toMatchObject({ info: { code: 'bad_response', status: 507 } })
    expect(methods()).toHaveLength(12)
  })
})
