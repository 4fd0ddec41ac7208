import { stripVTControlCharacters } from 'node:util'
import { decode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { qrFileOf } from '../../../../cli/qr/file.ts'
import { qrSymbol } from '../../../../cli/qr/symbol.ts'
import { terminalLines } from '../../../../cli/qr/terminal.ts'
import { encodeClaimCode, regionName, seededRandom } from '../../../../protocol/index.ts'
import { pixelsOf, pixelsOfSvg, readQr } from '../../../support/qr-pixels.ts'

const random = seededRandom('qr')
const plain = {
  mqttUrl: 'mqtt://coordinator.local:1883',
  region: regionName('home'),
  regionKeyThumbprint: random.bytes(32),
  secret: random.bytes(16),
}
const codes = [
  encodeClaimCode(plain),
  encodeClaimCode({ ...plain, mqttUrl: 'mqtts://192.168.1.10:8883', caKeySha256: random.bytes(32) }),
  encodeClaimCode({ ...plain, mqttUrl: `mqtts://${'region.'.repeat(20)}example`, caKeySha256: random.bytes(32) }),
]

describe.each(codes)('the claim %s', code => {
  test('is what a camera reads from the PNG', () => {
    const { width, height, data, channels } = decode(qrFileOf(code, 'x.PNG') as Uint8Array)
    expect(channels).toBe(1)
    const row = (y: number) => Array.from(data.subarray(y * width, (y + 1) * width), value => value < 128)
    expect(
      readQr(
        pixelsOf(
          Array.from({ length: height }, (_, y) => row(y)),
          1,
        ),
      ),
    ).toBe(code)
  })

  test('is what it reads from the SVG', () => {
    expect(readQr(pixelsOfSvg(qrFileOf(code, 'x.svg') as string))).toBe(code)
  })

  test.each([true, false])('is what it reads from a dark terminal, with colours %s', colours => {
    expect(readQr(pixelsOfTerminal(terminalLines(qrSymbol(code, 'screen'), colours), { dark: true }))).toBe(code)
  })

  test('is what it reads from a light terminal with colours', () => {
    expect(readQr(pixelsOfTerminal(terminalLines(qrSymbol(code, 'screen'), true), { dark: false }))).toBe(code)
  })
})

test('a symbol has its quiet zone, of four modules on each side', () => {
  const symbol = qrSymbol('hello', 'screen')
  const edge = [...symbol.slice(0, 4), ...symbol.slice(-4)]
  expect(edge.flat().some(Boolean)).toBe(false)
  expect(symbol.some(row => row.slice(0, 4).some(Boolean) || row.slice(-4).some(Boolean))).toBe(false)
  expect(symbol[4]?.[4]).toBe(true)
})

test('a claim of a home network fits a terminal of eighty columns and thirty lines', () => {
  const lines = terminalLines(qrSymbol(codes[1] ?? '', 'screen'), false)
  expect(lines.length).toBeLessThanOrEqual(30)
  expect(lines[0]?.length).toBeLessThanOrEqual(80)
})

/** What a terminal shows: its own colours, unless it is told others; a cell is two modules high. */
function pixelsOfTerminal(lines: readonly string[], { dark }: { dark: boolean }) {
  const rows = lines.flatMap(line => {
    const painted = line.startsWith('\x1b[30;107m') && line.endsWith('\x1b[0m')
    // Whether ink is dark: told to be black, or the terminal's own on its own background.
    const inkIsDark = painted || !dark
    const cells = [...stripVTControlCharacters(line)]
    const half = (inked: string) => cells.map(cell => inked.includes(cell) === inkIsDark)
    return [half('▀█'), half('▄█')]
  })
  return pixelsOf(rows, 4)
}
