import { describe, expect, it } from 'vitest'
import { type BlobPutRequest, createBlobPutCheck } from '../../../../coordinator/gate/blob-put.ts'
import type { DeviceStanding } from '../../../../coordinator/store/index.ts'
import {
  type DeviceId,
  deviceIdOf,
  encodeBlobPut,
  type FrameClass,
  frameAad,
  fromHex,
  type RegionId,
  regionIdOf,
  type Signer,
  seededRandom,
  sha256Hex,
  sign1,
  toBase64Url,
} from '../../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../../protocol/node/index.ts'
import { deviceRow } from '../../../support/rows.ts'

const signerOf = (name: string): Signer => nodeSigner(seededRandom(name).bytes(32))
const REGION_ID = regionIdOf(signerOf('region').publicKey)
const ELSEWHERE = regionIdOf(signerOf('elsewhere').publicKey)
const pi = signerOf('pi')
const PI = deviceIdOf(pi.publicKey)
const SHA = sha256Hex('ab'.repeat(32))

interface Slip {
  sha256?: string
  size?: number
  regionId?: RegionId
  direction?: 'up' | 'dn'
  device?: DeviceId
  class?: FrameClass
  signer?: Signer
}

/** The signed statement that a blob of this name and size will be put up. */
function slip(about: Slip = {}): string {
  const { sha256 = SHA, size = 100, regionId = REGION_ID, direction = 'up', device = PI, signer = pi } = about
  const aad = frameAad({ regionId, direction, device, class: about.class ?? 'blob' })
  return toBase64Url(sign1(encodeBlobPut({ digest: fromHex(sha256), size }), aad, signer))
}

function judge(request: Partial<BlobPutRequest> = {}, standing: DeviceStanding = 'joined'): boolean {
  const member = (id: DeviceId) =>
    id === PI
      ? {
          row: { ...deviceRow(PI), publicKey: pi.publicKey, standing },
          presence: null,
          goneSinceMs: null,
          lossesInARow: 0,
          restsUntilMs: 0,
          availability: 1,
          network: '',
          lastLeaseId: 0,
          lastModule: null,
        }
      : undefined
  const check = createBlobPutCheck({ fleet: { member }, verifier: nodeVerifier() }, { regionId: REGION_ID })
  return check({ device: PI, authorization: slip(), sha256: SHA, size: 100, ...request })
}

describe('the slip of a PUT', () => {
  it('lets a joined device put up exactly the blob it names [BLOB-2.1]', () => {
    expect(judge()).toBe(true)
  })

  const stranger = signerOf('stranger')
  it.each<[what: string, request: Partial<BlobPutRequest>]>([
    ['of another blob', { sha256: sha256Hex('cd'.repeat(32)) }],
    ['of another size', { size: 101 }],
    ['for another region', { authorization: slip({ regionId: ELSEWHERE }) }],
    ['for the other direction', { authorization: slip({ direction: 'dn' }) }],
    ['signed as another class', { authorization: slip({ class: 'result' }) }],
    ['signed by another', { authorization: slip({ signer: stranger }) }],
    [
      'of a device that is not enrolled',
      {
        device: deviceIdOf(stranger.publicKey),
        authorization: slip({ signer: stranger, device: deviceIdOf(stranger.publicKey) }),
      },
    ],
    ['of no device', { device: 'nobody' }],
    ['that is no frame', { authorization: 'AAAA' }],
    ['that is no base64', { authorization: '???' }],
    ['that is empty', { authorization: '' }],
  ])('%s is refused [BLOB-2.1]', (_what, request) => {
    expect(judge(request)).toBe(false)
  })

  it.each(['caught', 'revoked'] as const)('of a %s device is refused', standing => {
    expect(judge({}, standing)).toBe(false)
  })
})
