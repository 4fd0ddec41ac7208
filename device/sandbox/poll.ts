import { listFuel } from '../../protocol/metering/index.ts'
import { ERRNO } from './errno.ts'
import type { UnitContext } from './unit-context.ts'

/** WASI's clocks: real time, monotonic, and the processor time of process and thread. A unit has one time for all. */
export const CLOCKS = 4

/** Subscriptions of one call; a task has nothing to wait for but the time. */
const SUBSCRIPTIONS_MAX = 1_024
/** Layout of a `subscription` of preview 1 whose kind is a clock, and of an `event`. */
const SUBSCRIPTION = { bytes: 48, userdata: 0, kind: 8, clock: 16, timeout: 24, flags: 40 } as const
const EVENT = { bytes: 32, userdata: 0 } as const
const KIND_CLOCK = 0
const FLAG_ABSOLUTE = 1
const TIME_MAX = 2n ** 64n - 1n

/** A wait for a time, in nanoseconds. */
interface Wait {
  readonly userdata: bigint
  readonly until: bigint
}

/**
 * `poll_oneoff`: the unit's time moves on to when the shortest wait is over, so nobody really waits. Schedulers need the time to move:
 * TinyGo's looks at the clock again after each wait and would wait for ever.
 * @returns an error number
 * @see spec/metering.md [CLOCK-1.2]
 */
export function pollOneoff(
  context: UnitContext,
  subscriptions: number,
  events: number,
  count: number,
  result: number,
): number {
  if (count === 0 || count >>> 0 > SUBSCRIPTIONS_MAX) return ERRNO.invalid
  context.charge(listFuel(count))
  const { memory } = context
  const list = viewOf(memory.bytes(subscriptions, count * SUBSCRIPTION.bytes))
  const target = memory.bytes(events, count * EVENT.bytes)
  const happened = viewOf(memory.bytes(result, 4))
  const waits: Wait[] = []
  for (let at = 0; at < list.byteLength; at += SUBSCRIPTION.bytes) {
    if (list.getUint8(at + SUBSCRIPTION.kind) !== KIND_CLOCK) return ERRNO.notSupported
    if (list.getUint32(at + SUBSCRIPTION.clock, true) >= CLOCKS) return ERRNO.invalid
    waits.push({
      userdata: list.getBigUint64(at + SUBSCRIPTION.userdata, true),
      until: endOf(list, at, context.timeNs),
    })
  }
  context.waitUntil(waits.reduce((first, { until }) => (until < first ? until : first), TIME_MAX))
  const over = waits.filter(({ until }) => until <= context.timeNs)
  target.fill(0, 0, over.length * EVENT.bytes)
  for (const [index, { userdata }] of over.entries()) {
    viewOf(target).setBigUint64(index * EVENT.bytes + EVENT.userdata, userdata, true)
  }
  happened.setUint32(0, over.length, true)
  return ERRNO.success
}

/** The time that the subscription at `at` waits for. */
function endOf(list: DataView, at: number, nowNs: bigint): bigint {
  const timeout = list.getBigUint64(at + SUBSCRIPTION.timeout, true)
  const absolute = (list.getUint16(at + SUBSCRIPTION.flags, true) & FLAG_ABSOLUTE) !== 0
  const until = absolute ? timeout : nowNs + timeout
  return until < TIME_MAX ? until : TIME_MAX
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
