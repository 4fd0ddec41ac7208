import { expect, test } from 'vitest'
import { toHex, utf8 } from '../../../../protocol/bytes.ts'
import { encode } from '../../../../protocol/cbor/index.ts'
import { type FrameContext, frameAad } from '../../../../protocol/cose/index.ts'
import { deviceId, regionId } from '../../../../protocol/ids.ts'

const region = 'a'.repeat(26)
const device = 'b'.repeat(26)
const context: FrameContext = { regionId: regionId(region), device: deviceId(device), direction: 'up', class: 'result' }

test('is ["hr/1", region, direction, device, class]', () => {
  expect(frameAad(context)).toEqual(encode(['hr/1', region, 'up', device, 'result']))
  expect(toHex(frameAad(context))).toBe(
    `856468722f31781a${toHex(utf8(region))}627570781a${toHex(utf8(device))}66726573756c74`,
  )
})

test('the same place gives the same bytes, another place others', () => {
  const others: FrameContext[] = [
    { ...context, regionId: regionId(device) },
    { ...context, device: deviceId(region) },
    { ...context, direction: 'dn' },
    { ...context, class: 'hello' },
    { ...context, regionId: regionId(device), device: deviceId(region) },
  ]
  const seen = new Set([context, context, ...others].map(place => toHex(frameAad(place))))
  expect(seen.size).toBe(1 + others.length)
})

test('stays right past what it remembers', () => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  for (let i = 0; i < 9_000; i++) {
    const name = [...i.toString(32).padStart(26, '0')].map(digit => alphabet[Number.parseInt(digit, 32)]).join('')
    frameAad({ ...context, device: deviceId(name) })
  }
  expect(frameAad(context)).toEqual(encode(['hr/1', region, 'up', device, 'result']))
})
