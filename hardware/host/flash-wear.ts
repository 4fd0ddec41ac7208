/** What a card or chip of flash memory says of its own age. Only eMMC tells; cards keep it to themselves. */
import { peek, under } from '../kernel/files.ts'
import type { HostInit } from './root.ts'

export interface FlashWear {
  /** Such as `mmcblk0`. */
  readonly name: string
  /** What is used up of its life at most, 10..100 in steps of 10, and 110 beyond; null when it does not tell. */
  readonly usedPercent: number | null
  /** Whether it says itself that its spare blocks run out. */
  readonly nearEnd: boolean
}

/** JEDEC 84-B51: 1 is 0 to 10 %, 11 is beyond its life. */
const TENTHS_MAX = 11
const NORMAL = 1

/** Of the disk a partition such as `/dev/mmcblk0p2` is on; null when it is no such memory. */
export function readFlashWear(device: string, init: HostInit = {}): FlashWear | null {
  const name = /^\/dev\/(mmcblk\d+)/.exec(device)?.[1]
  if (name === undefined) return null
  const folder = under(init.root ?? '/', 'sys/block', name, 'device')
  const tenths = (peek(under(folder, 'life_time')) ?? '')
    .split(/\s+/)
    .map(Number)
    .filter(tenth => tenth >= 1 && tenth <= TENTHS_MAX)
  const end = Number(peek(under(folder, 'pre_eol_info')) ?? Number.NaN)
  return { name, usedPercent: tenths.length === 0 ? null : Math.max(...tenths) * 10, nearEnd: end > NORMAL }
}
