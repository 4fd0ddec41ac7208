/** What a Raspberry Pi's firmware remembers since the machine started: whether power or heat ever held it back. */
import { peek, under } from '../kernel/files.ts'
import type { HostInit } from './root.ts'
import type { RunCommand } from './run-command.ts'

/** Of this start of the machine. */
export interface ThrottledHistory {
  readonly underVoltageNow: boolean
  readonly throttledNow: boolean
  readonly underVoltageOnce: boolean
  readonly throttledOnce: boolean
}

/** Deprecated by the kernel, and gone from newer ones: the program that asks the firmware comes first. */
const FILE = 'sys/devices/platform/soc/soc:firmware/get_throttled'

const UNDER_VOLTAGE = 1 << 0
const THROTTLED = (1 << 2) | (1 << 3)
/** The same bits sixteen higher say whether it has been so since the start. */
const ONCE = 16

/** Null on other boards, and where nobody tells. */
export async function readThrottledHistory(run: RunCommand, init: HostInit = {}): Promise<ThrottledHistory | null> {
  const said = await run('vcgencmd', ['get_throttled'])
  const text = /^throttled=0x([\da-f]+)$/i.exec(said ?? '')?.[1] ?? peek(under(init.root ?? '/', FILE))
  if (text === null || !/^(0x)?[\da-f]+$/i.test(text)) return null
  const bits = Number.parseInt(text.replace(/^0x/i, ''), 16)
  return {
    underVoltageNow: (bits & UNDER_VOLTAGE) !== 0,
    throttledNow: (bits & THROTTLED) !== 0,
    underVoltageOnce: ((bits >>> ONCE) & UNDER_VOLTAGE) !== 0,
    throttledOnce: ((bits >>> ONCE) & THROTTLED) !== 0,
  }
}
