import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  checkAddresses,
  checkCertificate,
  checkDescriptors,
  checkLedger,
  checkReady,
  checkWitnesses,
  readCoordinatorState,
} from '../../../../coordinator/doctor/index.ts'
import type { Witness } from '../../../../coordinator/http/witness-api.ts'
import { openHeadGuard } from '../../../../coordinator/settlement/head-guard.ts'
import { openSqliteStore } from '../../../../coordinator/store/index.ts'
import type { Finding } from '../../../../protocol/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()
const NOW = Date.UTC(2026, 5, 1)
const told = (findings: readonly Finding[]) => findings.map(({ verdict, says }) => `${verdict}: ${says}`)

const touch = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port }, () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })

describe('the ledger', () => {
  /** A folder whose log has so many entries. */
  function region(entries: number) {
    const folder = newFolder()
    const store = openSqliteStore(join(folder, 'ledger.sqlite'))
    store.commit(
      Array.from({ length: entries }, (_, index) => ({
        table: 'entry' as const,
        row: { index, bytes: Uint8Array.of(index) },
      })),
    )
    const guard = openHeadGuard(join(folder, 'log-head.json'))
    const look = () => told(checkLedger({ folder, state: readCoordinatorState(folder), readHead: () => guard.read() }))
    return { folder, store, guard, look }
  }

  test('of a folder without a coordinator', () => {
    const folder = newFolder()
    const found = checkLedger({ folder, state: readCoordinatorState(folder), readHead: () => null })
    expect(told(found)[0]).toContain('broken: No coordinator was started')
  })

  test('that is in use is left alone', () => {
    const { store, look } = region(3)
    expect(look()).toEqual([
      'ok: The database was sound when the coordinator started, and it holds all that was signed.',
    ])
    store.commit([{ table: 'meta', key: 'still', value: 'mine' }])
    store.close()
  })

  test('that holds what was signed', async () => {
    const { store, guard, look } = region(5)
    store.close()
    expect(look()).toEqual(['ok: The database is sound.', 'ok: The log was not signed yet.'])
    await guard.write({ size: 4, root: new Uint8Array(32) })
    expect(look()[1]).toBe('ok: The log holds all 4 entries that were signed, and 1 to be signed.')
  })

  test('that was restored from an older day', async () => {
    const { store, guard, look } = region(5)
    store.close()
    await guard.write({ size: 9, root: new Uint8Array(32) })
    expect(look()[1]).toMatch(/^broken: The region has signed 9 entries, and the database holds 5/)
  })

  test('whose head was lost or damaged', () => {
    const { folder, store, look } = region(5)
    store.commit([{ table: 'checkpoint', row: { size: 5, note: 'note', atMs: NOW } }])
    store.close()
    expect(look()[1]).toContain('broken: The file log-head.json is missing')
    writeFileSync(join(folder, 'log-head.json'), '{')
    expect(look()[1]).toMatch(/^broken: .*is damaged/)
  })

  test('that is damaged', () => {
    const { folder, store, look } = region(5)
    store.close()
    writeFileSync(join(folder, 'ledger.sqlite'), 'no database at all, for more than a hundred bytes'.repeat(5))
    expect(look()[0]).toMatch(/^broken: .*cannot be read: .*not a database/)
  })
})

describe('addresses', () => {
  test('of a coordinator that runs, and of one whose public address is another machine’s', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const running = { mqttUrl: `mqtt://127.0.0.1:${port}`, httpUrl: `http://127.0.0.1:${port}` }
    const found = await checkAddresses({ running, wanted: [], connect: touch })
    expect(found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'warning'])
    expect(found[2]?.fix).toContain('--public-host')
    const taken = await checkAddresses({ running: null, wanted: [{ name: 'HTTP', port }], connect: touch })
    expect(taken).toMatchObject([{ verdict: 'broken', fix: expect.stringContaining(`sport = :${port}`) }])
    server.close()
    await new Promise(resolve => server.once('close', resolve))
    const gone = await checkAddresses({ running, wanted: [], connect: touch })
    expect(told(gone)[0]).toContain(
      `broken: mqtt://127.0.0.1:${port}, where devices are told to go, cannot be reached from this machine (ECONNREFUSED)`,
    )
    const free = await checkAddresses({ running: null, wanted: [{ name: 'HTTP', port }], connect: touch })
    expect(told(free)).toEqual([`ok: Port ${port}, for HTTP, is free.`])
  })

  test('without a port are those of their scheme', async () => {
    const tried: [string, number][] = []
    const running = { mqttUrl: 'mqtts://[2001:db8::1]', httpUrl: 'https://region.example' }
    await checkAddresses({ running, wanted: [], connect: async (host, port) => void tried.push([host, port]) })
    expect(tried).toEqual([
      ['2001:db8::1', 8883],
      ['region.example', 443],
    ])
  })
})

test.each([
  ['1024', 100, 'ok'],
  ['1024', 1_000, 'warning'],
  ['unlimited', 1_000, undefined],
])('%s descriptors for %i devices: %s', (soft, devices, verdict) => {
  const limits = `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}                524288               files\n`
  expect(checkDescriptors({ limits, devices })[0]?.verdict).toBe(verdict)
})

test.each<[number | null, boolean, Finding['verdict'] | undefined]>([
  [400, true, 'ok'],
  [10, false, 'warning'],
  [-1, true, 'broken'],
  [null, false, undefined],
])('a certificate with %s days left', (days, isOwn, verdict) => {
  const endsMs = days === null ? null : NOW + days * 86_400_000
  expect(checkCertificate({ endsMs, isOwn, wallMs: NOW })[0]?.verdict).toBe(verdict)
})

describe('witnesses', () => {
  const WITNESS: Witness = {
    origin: 'hedgerow/x',
    url: 'http://other:8717',
    logKey: '',
    witnessKey: '',
    addedAtMs: 0,
    cosignedByUs: 1,
    cosignedByThem: { size: 9, atMs: NOW - 60_000 },
    problem: '',
    conflict: null,
  }
  test.each<[string, Partial<Witness>, Finding['verdict'], string]>([
    ['is well', {}, 'ok', 'has cosigned 9 entries'],
    [
      'went quiet',
      { cosignedByThem: { size: 9, atMs: NOW - 30 * 3_600_000 } },
      'warning',
      'cosigned last 30 hours ago',
    ],
    ['never answered', { cosignedByThem: null }, 'warning', 'has not cosigned since'],
    ['has trouble', { problem: 'It cannot be reached.' }, 'warning', 'does not cosign: It cannot be reached.'],
    ['lies', { conflict: { cosigned: 'a', other: 'b' } }, 'broken', 'two histories'],
  ])('one that %s', (_, more, verdict, says) => {
    const [finding] = checkWitnesses({ witnesses: [{ ...WITNESS, ...more }], wallMs: NOW })
    expect(finding).toMatchObject({ verdict, says: expect.stringContaining(says) })
  })

  test('none', () => {
    expect(checkWitnesses({ witnesses: [], wallMs: NOW })).toMatchObject([{ verdict: 'warning' }])
  })
})

test('a coordinator that is not ready says why, and each reason has a remedy', () => {
  const checks = (['store', 'commits', 'broker', 'checkpoint', 'disk'] as const).map(name => ({
    name,
    ok: false,
    says: `${name}.`,
  }))
  const found = checkReady({ ready: false, checks })
  expect(found.map(({ verdict, says }) => [verdict, says])).toEqual(checks.map(({ says }) => ['broken', says]))
  expect(found.every(({ fix }) => fix.length > 20)).toBe(true)
  expect(told(checkReady({ ready: true, checks: [] }))).toEqual(['ok: The coordinator runs and does its work.'])
})
