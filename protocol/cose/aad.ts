/** What a frame is bound to beyond its bytes. */
import { encode } from '../cbor/index.ts'
import type { DeviceId, RegionId } from '../ids.ts'
import type { Direction, DownlinkClass, UplinkClass } from '../topics.ts'

/** Every kind of signed frame: those of the topics, the CONNECT password, and the right to put up a blob. */
export type FrameClass = UplinkClass | DownlinkClass | 'connect' | 'blob'

/** Where a frame belongs. */
export interface FrameContext {
  readonly regionId: RegionId
  readonly direction: Direction
  readonly device: DeviceId
  readonly class: FrameClass
}

const VERSION = 'hr/1'
const CACHE_MAX = 8_192
const cache = new Map<string, Uint8Array>()

/**
 * The external data of a frame's signature, `["hr/1", region, direction, device, class]`. It is not sent; both sides make it from
 * where the frame is found, so a frame verifies nowhere else. Remembered for the contexts used last: never change it.
 */
export function frameAad(context: FrameContext): Uint8Array {
  const name = `${context.regionId}${context.device}${context.direction}${context.class}`
  const known = cache.get(name)
  if (known !== undefined) return known
  const aad = encode([VERSION, context.regionId, context.direction, context.device, context.class])
  if (cache.size >= CACHE_MAX) cache.clear()
  cache.set(name, aad)
  return aad
}
