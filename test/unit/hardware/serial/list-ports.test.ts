import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listSerialPorts } from '../../../../hardware/serial/list-ports.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()

/** A tree as the kernel and udev show it: files by their content, links by `-> target` from the root. */
function tree(files: Record<string, string>): string {
  const root = newFolder()
  for (const [path, content] of Object.entries(files)) {
    const full = join(root, path)
    mkdirSync(dirname(full), { recursive: true })
    if (content.startsWith('-> ')) symlinkSync(relative(dirname(full), join(root, content.slice(3))), full)
    else writeFileSync(full, content)
  }
  return root
}

/** A USB adapter as the kernel shows it, with its port. */
function usb(name: string, socket: string, about: Record<string, string>): Record<string, string> {
  const device = `sys/devices/usb1/${socket}`
  const port = `${device}/${socket}:1.0/${name}`
  const files = Object.entries(about).map(([file, text]) => [`${device}/${file}`, `${text}\n`])
  return {
    ...Object.fromEntries(files),
    [`${port}/tty/${name}/dev`]: '188:0\n',
    [`${port}/tty/${name}/device`]: `-> ${port}`,
    [`sys/class/tty/${name}`]: `-> ${port}/tty/${name}`,
    [`dev/${name}`]: '',
  }
}

const CH340 = { idVendor: '1a86', idProduct: '7523', product: 'USB Serial' }
const FTDI = { idVendor: '0403', idProduct: '6001', manufacturer: 'FTDI', product: 'FT232R USB UART', serial: 'A10K' }
const PI_PINS = {
  'sys/devices/platform/soc/fe201000.serial/driver': '',
  'sys/class/tty/ttyAMA0/device': '-> sys/devices/platform/soc/fe201000.serial',
  'dev/ttyAMA0': '',
  'dev/serial0': '-> dev/ttyAMA0',
}
const none = { vendorId: null, productId: null, manufacturer: null, product: null, serial: null }

describe('listSerialPorts', () => {
  test('names an adapter with a serial number by that', () => {
    const root = tree({
      ...usb('ttyUSB3', '1-1.2', FTDI),
      'dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A10K-if00-port0': '-> dev/ttyUSB3',
      'dev/serial/by-path/platform-fd500000-usb-0:1.2:1.0-port0': '-> dev/ttyUSB3',
    })
    expect(listSerialPorts(root)).toEqual([
      {
        path: '/dev/ttyUSB3',
        stablePath: '/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A10K-if00-port0',
        kind: 'usb',
        vendorId: '0403',
        productId: '6001',
        manufacturer: 'FTDI',
        product: 'FT232R USB UART',
        serial: 'A10K',
      },
    ])
  })

  test('names adapters without one by their sockets, since two of a kind share one name', () => {
    const root = tree({
      ...usb('ttyUSB0', '1-1.1', CH340),
      ...usb('ttyUSB1', '1-1.3', CH340),
      'dev/serial/by-id/usb-1a86_USB_Serial-if00-port0': '-> dev/ttyUSB1',
      'dev/serial/by-path/usb-0:1.1:1.0-port0': '-> dev/ttyUSB0',
      'dev/serial/by-path/usb-0:1.3:1.0-port0': '-> dev/ttyUSB1',
    })
    expect(listSerialPorts(root).map(({ path, stablePath }) => [path, stablePath])).toEqual([
      ['/dev/ttyUSB0', '/dev/serial/by-path/usb-0:1.1:1.0-port0'],
      ['/dev/ttyUSB1', '/dev/serial/by-path/usb-0:1.3:1.0-port0'],
    ])
  })

  test('knows the pins of a Raspberry Pi', () => {
    expect(listSerialPorts(tree(PI_PINS))).toEqual([
      { path: '/dev/ttyAMA0', stablePath: '/dev/serial0', kind: 'uart', ...none },
    ])
  })

  test('leaves out what no sensor is on: consoles, pseudo-terminals, and the UARTs a PC does not have', () => {
    const root = tree({
      'sys/class/tty/tty1/dev': '4:1\n',
      'sys/class/tty/ptmx/dev': '5:2\n',
      'sys/devices/platform/serial8250/x': '',
      'sys/class/tty/ttyS0/device': '-> sys/devices/platform/serial8250',
      'sys/class/tty/ttyS0/type': '4\n',
      'sys/class/tty/ttyS1/device': '-> sys/devices/platform/serial8250',
      'sys/class/tty/ttyS1/type': '0\n',
      'sys/class/tty/ttyS2/type': '4\n',
    })
    expect(listSerialPorts(root).map(({ path }) => path)).toEqual(['/dev/ttyS0'])
  })

  test('sorts by number, and says the plain name where there is no better', () => {
    const root = tree({
      ...usb('ttyUSB10', '1-2', CH340),
      ...usb('ttyUSB9', '1-3', CH340),
      ...usb('ttyACM0', '1-4', FTDI),
    })
    expect(listSerialPorts(root).map(({ stablePath }) => stablePath)).toEqual([
      '/dev/ttyACM0',
      '/dev/ttyUSB9',
      '/dev/ttyUSB10',
    ])
  })

  test('finds nothing where there is nothing, and reads whatever this machine has', () => {
    expect(listSerialPorts(newFolder())).toEqual([])
    expect(listSerialPorts().every(({ stablePath }) => stablePath.startsWith('/dev/'))).toBe(true)
  })
})
