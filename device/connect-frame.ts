import { encodeConnect, frameAad, type RegionId, sign1 } from '../protocol/index.ts'
import type { Identity } from './identity.ts'

/**
 * The password of an MQTT CONNECT: a counter that is never used twice, signed for one region and one device.
 * @see spec/clauses.md [SESSION-1.1]
 */
export function encodeConnectFrame(identity: Identity, regionId: RegionId, counter: number): Uint8Array {
  const aad = frameAad({ regionId, direction: 'up', device: identity.id, class: 'connect' })
  return sign1(encodeConnect({ counter, publicKey: identity.signer.publicKey }), aad, identity.signer)
}
