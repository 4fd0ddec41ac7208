/** What a frame is bound to beyond its bytes. */
import { encode } from '../cbor/index.ts'
import type { DeviceId, RegionId } from '../ids.ts'
import type { Direction, DownlinkClass, UplinkClass } from '../topics.ts'

/**
 * Every kind of signed frame: those of the topics, the CONNECT password, the right to put up a blob, what a device states apart from
 * its connection, and what a region says of a device's or an owner's past.
 */
export type FrameClass = UplinkClass | DownlinkClass | 'connect' | 'blob' | 'statement' | 'reputation'

/** Somebody whom a region's word is about: a device by its id, or an owner by name. */
export type Subject = DeviceId | `owner:${string}`

/** Where a frame belongs. */
export interface FrameContext {
  readonly regionId: RegionId
  readonly direction: Direction
  /** The device whose topic it is, or whom the frame is about. */
  readonly device: Subject
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
