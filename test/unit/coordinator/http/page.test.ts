import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readPageFiles } from '../../../../coordinator/http/page/index.ts'
import { ConfigError } from '../../../../protocol/index.ts'
import { httpHarness } from '../../../support/coordinator-http.ts'
import { ask } from '../../../support/http-client.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const start = httpHarness()
const tempDir = tempDirs()
const SCRIPT = 'console.log("hello");'.repeat(100)

function pageFolder(): string {
  const folder = tempDir()
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Hedgerow</title>')
  writeFileSync(join(folder, 'main.js'), SCRIPT)
  writeFileSync(join(folder, 'main.js.map'), '{}')
  writeFileSync(join(folder, 'assets', 'icon.svg'), '<svg/>')
  return folder
}

test('is served at / and below /dashboard/, and may do what its policy says', async () => {
  const { port } = await start({ page: readPageFiles(pageFolder()) })
  for (const path of ['/', '/?x=1', '/dashboard', '/dashboard/', '/dashboard/index.html']) {
    const answer = await ask(port, { path })
    expect([answer.status, answer.body.toString()]).toEqual([200, '<!doctype html><title>Hedgerow</title>'])
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('geolocation=()'),
    })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  }
  const icon = await ask(port, { path: '/dashboard/assets/icon.svg' })
  expect([icon.status, icon.headers['content-type']]).toEqual([200, 'image/svg+xml'])
})

test('goes compressed to whoever takes that, and not at all to whoever has it', async () => {
  const { port } = await start({ page: readPageFiles(pageFolder()) })
  const get = (encoding: string, tag = '') =>
    ask(port, { path: '/dashboard/main.js', headers: { 'accept-encoding': encoding, 'if-none-match': tag } })
  const answers = { br: await get('gzip, deflate, br;q=0.5'), gzip: await get('gzip'), plain: await get('br;q=0') }
  expect(brotliDecompressSync(answers.br.body).toString()).toBe(SCRIPT)
  expect(gunzipSync(answers.gzip.body).toString()).toBe(SCRIPT)
  expect(answers.plain.body.toString()).toBe(SCRIPT)
  expect(Object.values(answers).map(({ headers }) => headers['content-encoding'])).toEqual(['br', 'gzip', undefined])
  expect(answers.br.body.length).toBeLessThan(200)
  const tags = Object.values(answers).map(({ headers }) => String(headers.etag))
  expect(new Set(tags).size).toBe(3)
  expect((await get('br', tags[0])).status).toBe(304)
  expect((await get('br', tags[1])).status).toBe(200)
  const head = await ask(port, { method: 'HEAD', path: '/dashboard/main.js' })
  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, `${SCRIPT.length}`])
  expect((await ask(port, { method: 'POST', path: '/' })).status).toBe(405)
})

test('is what there was at the start: no other file can be named', async () => {
  const folder = pageFolder()
  const { port } = await start({ page: readPageFiles(folder) })
  writeFileSync(join(folder, 'later.js'), 'late')
  writeFileSync(join(folder, 'main.js'), 'changed')
  for (const name of [
    'later.js',
    'main.js.map',
    '../main.js',
    'assets',
    'assets/',
    'assets/../main.js',
    'main.js%00',
    '__proto__',
  ]) {
    expect((await ask(port, { path: `/dashboard/${name}` })).status, name).toBe(404)
  }
  expect((await ask(port, { path: '/dashboard/main.js' })).body.toString()).toBe(SCRIPT)
})

test('is none where it was not built, and a folder that cannot be read is said at the start', async () => {
  const { port } = await start()
  expect((await ask(port, { path: '/' })).status).toBe(404)
  expect(() => readPageFiles(join(tempDir(), 'nothing'))).toThrow(ConfigError)
  const folder = pageFolder()
  for (let i = 0; i < 512; i++) writeFileSync(join(folder, `${i}.txt`), '')
  expect(() => readPageFiles(folder)).toThrow('more than 512 files')
})
