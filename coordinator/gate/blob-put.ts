/** May this device put this blob up? Its signature over the blob's name and size says so. */
import {
  decodeBlobPut,
  deviceId,
  frameAad,
  fromBase64,
  openSign1,
  type RegionId,
  type Sha256Hex,
  toHex,
  type Verifier,
} from '../../protocol/index.ts'
import type { Fleet } from '../fleet/fleet.ts'

export interface BlobPutRequest {
  /** The `X-Hedgerow-Device` header. */
  device: string
  /** What follows `Hedgerow ` in the `Authorization` header. */
  authorization: string
  sha256: Sha256Hex
  size: number
}

/** Whether a device that is in good standing signed for exactly this blob. Never throws. */
export function createBlobPutCheck(
  components: { fleet: Pick<Fleet, 'member'>; verifier: Verifier },
  init: { regionId: RegionId },
): (request: BlobPutRequest) => boolean {
  return ({ device, authorization, sha256, size }) => {
    try {
      const id = deviceId(device)
      const row = components.fleet.member(id)?.row
      if (row?.standing !== 'joined') return false
      const aad = frameAad({ regionId: init.regionId, direction: 'up', device: id, class: 'blob' })
      const put = decodeBlobPut(openSign1(fromBase64(authorization), aad, row.publicKey, components.verifier))
      return toHex(put.digest) === sha256 && put.size === size
    } catch {
      return false
    }
  }
}
