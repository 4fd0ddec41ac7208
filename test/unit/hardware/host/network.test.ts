import { describe, expect, it } from 'vitest'
import { readDefaultInterface, readTrafficBytes } from '../../../../hardware/host/network.ts'
import { writeTree } from '../../../support/sysfs.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()

const HEADING = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
const WIFI = 'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0'
const MODEM = 'wwan0\t00000000\t0101A80A\t0003\t0\t0\t700\t00000000\t0\t0\t0'
const MODEM_FIRST = MODEM.replace('700', '50')
const WIFI_DOWN = WIFI.replace('0003', '0002')
const LAN = 'eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0'
const HALF = 'tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0'
const ZERO = '0'.repeat(32)
const V6 = `${ZERO} 00 ${ZERO} 00 fe80000000000000021122fffe334455 00000400 00000003 00000000 00450003    usb0`
const V6_REJECT = `${ZERO} 00 ${ZERO} 00 ${ZERO} ffffffff 00000001 00000001 00200200       lo`

describe('readDefaultInterface', () => {
  it.each([
    ['the only way', [LAN, WIFI], [], 'wlan0'],
    ['the way with the smallest metric', [WIFI, MODEM], [], 'wlan0'],
    ['the modem when it comes first', [WIFI, MODEM_FIRST], [], 'wwan0'],
    ['a way that is up', [WIFI_DOWN, MODEM], [], 'wwan0'],
    ['the whole default route, not half of it', [HALF, MODEM], [], 'wwan0'],
    ['IPv4 before IPv6', [WIFI], [V6], 'wlan0'],
    ['IPv6 alone', [LAN], [V6_REJECT, V6], 'usb0'],
    ['no way', [LAN], [V6_REJECT], null],
  ])('finds %s', (_, v4, v6, found) => {
    const root = newFolder()
    writeTree(root, { 'proc/net/route': [HEADING, ...v4].join('\n'), 'proc/net/ipv6_route': v6.join('\n') })
    expect(readDefaultInterface({ root })).toBe(found)
  })

  it('finds none where the kernel tells nothing', () => {
    expect(readDefaultInterface({ root: newFolder() })).toBeNull()
  })
})

describe('readTrafficBytes', () => {
  it('adds both directions', () => {
    const root = newFolder()
    const folder = 'sys/class/net/wwan0/statistics'
    writeTree(root, { [`${folder}/rx_bytes`]: '5000000000', [`${folder}/tx_bytes`]: '12' })
    expect(readTrafficBytes('wwan0', { root })).toBe(5_000_000_012)
    expect(readTrafficBytes('eth0', { root })).toBeNull()
  })
})
