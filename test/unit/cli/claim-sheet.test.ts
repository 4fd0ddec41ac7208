import { expect, test } from 'vitest'
import { claimSheet } from '../../../cli/claim-sheet.ts'
import { encodeClaimCode, regionName, seededRandom, toHex } from '../../../protocol/index.ts'
import { pixelsOfSvg, readQr } from '../../support/qr-pixels.ts'

const random = seededRandom('sheet')
const claims = Array.from({ length: 23 }, () => {
  const code = encodeClaimCode({
    mqttUrl: 'mqtts://192.168.1.10:8883',
    region: regionName('meadow'),
    regionKeyThumbprint: Uint8Array.from({ length: 32 }, (_, index) => index),
    secret: random.bytes(16),
    caKeySha256: random.bytes(32),
  })
  return { id: toHex(random.bytes(8)), code, expiresAtMs: Date.UTC(2026, 11, 21, 10, 17) }
})

test('every label holds its own claim, in the order in which they are numbered', () => {
  const html = claimSheet({ owner: 'ann', claims })
  const labels = html.match(/<article>[\s\S]*?<\/article>/g) ?? []
  expect(labels.map(label => readQr(pixelsOfSvg(label)))).toEqual(claims.map(({ code }) => code))
  expect(labels[6]).toContain(`<span>7</span> of 23, claim ${claims[6]?.id.slice(0, 8)}`)
})

test('a label says whose it is, for which region, until when and what its key looks like', () => {
  const [label = ''] = claimSheet({ owner: 'ann', claims }).match(/<article>[\s\S]*?<\/article>/g) ?? []
  for (const fact of [
    'ann',
    'meadow',
    '2026-12-21 10:17',
    '0001 0203 0405 0607 0809 0a0b 0c0d 0e0f',
    'mqtts://192.168.1.10:8883',
  ])
    expect(label).toContain(`>${fact}<`)
})

test('a page has ten labels', () => {
  const pages = claimSheet({ owner: 'ann', claims }).match(/<section>[\s\S]*?<\/section>/g) ?? []
  expect(pages.map(page => page.match(/<article>/g)?.length)).toEqual([10, 10, 3])
})

test('the sheet needs nothing from elsewhere and no script, whatever an owner is called', () => {
  const html = claimSheet({ owner: '<script>alert(1)</script>"&', claims })
  expect(html).not.toMatch(/<script|<link|@import|url\(|src=|href=/)
  expect(html).toContain('&#60;script&#62;')
  expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/)
})
