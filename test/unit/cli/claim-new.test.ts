import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from 'fast-png'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { encodeClaimCode, regionName } from '../../../protocol/index.ts'
import { pixelsOf, pixelsOfSvg, readQr } from '../../support/qr-pixels.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeAdmin, startFakeAdmin } from './fake-admin.ts'
import { fakeIo } from './fake-io.ts'

const tempDir = tempDirs()
const code = encodeClaimCode({
  mqttUrl: 'mqtt://coordinator.local:1883',
  region: regionName('home'),
  regionKeyThumbprint: new Uint8Array(32).fill(5),
  secret: new Uint8Array(16).fill(9),
})
let admin: FakeAdmin
let cwd: string

beforeEach(async () => {
  admin = await startFakeAdmin()
  cwd = tempDir()
  admin.admitTo(join(cwd, '.hedgerow'))
  admin.answers = { 'POST /api/claims': { id: '0011223344556677', code, expiresAtMs: 1_700_000_000_000 } }
})
afterEach(() => admin.close())

async function claimNew(line: string, isTTY = false) {
  const io = fakeIo({ cwd, isTTY })
  const status = await run(['claim', 'new', '--owner', 'ann', ...line.split(' ').filter(Boolean)], io)
  return { status, out: io.stdout.text(), notes: io.stderr.text(), asked: admin.calls.length }
}

test('--qr draws the code below it', async () => {
  const { out, status } = await claimNew('--qr')
  expect(status).toBe(EXIT.ok)
  const [first, ...lines] = out.trimEnd().split('\n')
  expect(first).toBe(code)
  const rows = lines.flatMap(line => [
    [...line].map(cell => !'▀█'.includes(cell)),
    [...line].map(cell => !'▄█'.includes(cell)),
  ])
  expect(readQr(pixelsOf(rows, 4))).toBe(code)
})

test('--qr says its colours to a terminal, and leaves JSON alone', async () => {
  expect((await claimNew('--qr', true)).out).toContain('\x1b[30;107m')
  expect(JSON.parse((await claimNew('--qr --json', true)).out)).toMatchObject({ code })
})

test('--qr-file writes a picture for this user only', async () => {
  const { notes } = await claimNew('--qr-file claim.png')
  const path = join(cwd, 'claim.png')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(notes).toContain(`${path} holds the secret too: delete it when it is printed.`)
  const { width, data } = decode(readFileSync(path))
  const rows = Array.from({ length: width }, (_, y) =>
    Array.from(data.subarray(y * width, (y + 1) * width), v => v < 128),
  )
  expect(readQr(pixelsOf(rows, 1))).toBe(code)

  await claimNew('--qr-file claim.svg')
  expect(readQr(pixelsOfSvg(readFileSync(join(cwd, 'claim.svg'), 'utf8')))).toBe(code)
})

test('--count makes so many, and --sheet a label for each', async () => {
  const { out, asked } = await claimNew('--count 3 --sheet sheet.html --json')
  expect(asked).toBe(3)
  expect(JSON.parse(out)).toHaveLength(3)
  expect(readFileSync(join(cwd, 'sheet.html'), 'utf8').match(/<article>/g)).toHaveLength(3)
  expect(JSON.parse((await claimNew('--count 1 --json')).out)).toHaveLength(1)
})

test.each([
  ['--count 2 --qr', 'for several, write a --sheet'],
  ['--count 2 --qr-file x.png', 'for several, write a --sheet'],
  ['--qr-file claim.jpg', '--qr-file must end in .png or .svg'],
  ['--sheet claims.pdf', '--sheet must end in .html'],
  ['--count 501', '--count'],
])('%s is refused before anything is asked', async (line, words) => {
  const { status, notes, asked } = await claimNew(line)
  expect([status, asked]).toEqual([EXIT.usage, 0])
  expect(notes).toContain(words)
})

test('no claim is made for a file that cannot be written', async () => {
  writeFileSync(join(cwd, 'file'), '')
  const { status, notes, asked } = await claimNew('--sheet file/claims.html')
  expect(asked).toBe(0)
  expect(status).not.toBe(EXIT.ok)
  expect(notes).toMatch(/claims\.html cannot be used: it cannot be written/)
  expect(existsSync(join(cwd, 'claims.html'))).toBe(false)
})
