/** The two keys that all vectors are signed with. Known to everybody, so never to be trusted anywhere. */
import { deviceIdOf, type FrameClass, frameAad, portableSigner, regionIdOf } from '../../protocol/cose/index.ts'
import type { Direction } from '../../protocol/topics.ts'

const seed = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => first + i)

export const DEVICE_SEED = seed(1)
export const REGION_SEED = seed(33)
export const DEVICE = portableSigner(DEVICE_SEED)
export const REGION = portableSigner(REGION_SEED)
export const DEVICE_ID = deviceIdOf(DEVICE.publicKey)
export const REGION_ID = regionIdOf(REGION.publicKey)

/** Who signs in a direction. */
export function signerOf(direction: Direction) {
  return direction === 'up' ? DEVICE : REGION
}

/** What a frame of this class is bound to. */
export function aadOf(direction: Direction, name: FrameClass): Uint8Array {
  return frameAad({ regionId: REGION_ID, direction, device: DEVICE_ID, class: name })
}
