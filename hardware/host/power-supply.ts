/** What the machine runs on. Reads `/sys/class/power_supply`, loads nothing. */
import { list, peek, under } from '../kernel/files.ts'
import { countOf, type HostInit } from './root.ts'

/** The state of the machine's own supply. */
export interface Power {
  readonly onBattery: boolean
  /** Charge of its emptiest battery, 0..100; null when it does not tell. */
  readonly chargePercent: number | null
}

const CLASS = 'sys/class/power_supply'

/** Null on a machine without a battery that the kernel knows: it is not on battery as far as anybody can tell. */
export function readPower(init: HostInit = {}): Power | null {
  const root = init.root ?? '/'
  const supplies = list(under(root, CLASS)).map(name => {
    const field = (file: string) => peek(under(root, CLASS, name, file)) ?? ''
    return { type: field('type'), scope: field('scope'), field }
  })
  // A battery of scope `Device` is a mouse's or a headset's.
  const own = supplies.filter(({ scope }) => scope !== 'Device')
  const batteries = own.filter(({ type, field }) => /^(Battery|UPS)$/.test(type) && field('present') !== '0')
  if (batteries.length === 0) return null
  const mains = own.filter(({ type }) => /^(Mains|USB|Wireless)/.test(type)).map(({ field }) => field('online'))
  const isFed = mains.some(online => countOf(online) !== null && online !== '0')
  const charges = batteries.map(({ field }) => countOf(field('capacity'))).filter(charge => charge !== null)
  return {
    onBattery: !isFed && batteries.some(({ field }) => field('status') === 'Discharging'),
    chargePercent: charges.length === 0 ? null : Math.min(100, ...charges),
  }
}
