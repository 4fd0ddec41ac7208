import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { exportLog } from '../../../auditor/index.ts'
import { ledgerExport } from '../../../cli/commands/ledger-export.ts'
import { ledgerVerify } from '../../../cli/commands/ledger-verify.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { formatVerifierKey, logKeyOf } from '../../../protocol/index.ts'
import { LogBuilder, partsOf, sourceOf, witnessOf } from '../../support/log-builder.ts'
import { writeDatabase } from '../../support/log-database.ts'
import { sampleLog } from '../../support/sample-log.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'

const COMMANDS = [ledgerVerify, ledgerExport]
const LOG = sampleLog(40)
const LOG_KEY = formatVerifierKey(logKeyOf(LOG.origin, LOG.signer.publicKey))
const tempDir = tempDirs()
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function hedgerow(line: string, io: FakeIo = fakeIo({ cwd: tempDir() })) {
  const code = await run(line.split(' '), io, COMMANDS)
  return { code, out: io.stdout.text(), err: io.stderr.text(), io }
}

/** A folder with an export of the log. */
async function exported(): Promise<string> {
  const folder = join(tempDir(), 'log')
  await exportLog(sourceOf(partsOf(LOG, [witnessOf('north')])), folder)
  return folder
}

/** Serves a folder below `/log/`. */
async function serve(folder: string): Promise<string> {
  const server = createServer((req, res) => {
    const file = join(folder, (req.url ?? '').replace('/log/', ''))
    const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true
    res.writeHead(isThere ? 200 : 404)
    res.end(isThere ? readFileSync(file) : undefined)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('ledger verify', () => {
  test('says what it has read, and that all is well', async () => {
    const { code, out, err } = await hedgerow(`ledger verify --file ${await exported()}`)
    expect(err).toBe('')
    expect(code).toBe(EXIT.ok)
    expect(out).toMatch(/^ledger verify: ok \(\d+ entries, \d+ transfers, \d+ accounts\)\n/)
    expect(out).toContain(`test (${LOG.regionId})`)
    expect(out).toContain('hedgerow/witness/north at 2027-01-15 08:00:00 UTC (not checked)')
    expect(out).toContain('10.000005 cr')
  })

  test('reads an address, given or set', async () => {
    const url = await serve(await exported())
    expect((await hedgerow(`ledger verify --url ${url}`)).code).toBe(EXIT.ok)
    const io = fakeIo({ cwd: tempDir(), env: { HEDGEROW_URL: url } })
    expect((await hedgerow('ledger verify', io)).out).toMatch(/^ledger verify: ok/)
  })

  test('reads a database row by row', async () => {
    const path = join(tempDir(), 'ledger.sqlite')
    writeDatabase(path, LOG, partsOf(LOG))
    expect((await hedgerow(`ledger verify --file ${path}`)).out).toMatch(/^ledger verify: ok/)
  })

  test('names the broken rule, and fails', async () => {
    const folder = await exported()
    const tile = join(folder, 'tile/0/000')
    const bytes = readFileSync(tile)
    bytes[32] = (bytes[32] ?? 0) ^ 1
    writeFileSync(tile, bytes)
    const { code, out } = await hedgerow(`ledger verify --file ${folder}`)
    expect(code).toBe(EXIT.failure)
    const [first, second] = out.split('\n')
    expect(first).toMatch(/^ledger verify: NOT OK \(/)
    expect(second).toMatch(/^- tree\.tile: The hash 1 of tile 0 of level 0 .* is not the hash of entry 1\.$/)
  })

  test('counts what it does not list', async () => {
    const bad = new LogBuilder()
    for (let i = 0; i < 150; i++) bad.receipt('nobody', { seq: 1 })
    const path = join(tempDir(), 'ledger.sqlite')
    writeDatabase(path, new LogBuilder(), partsOf(bad))
    const { code, out } = await hedgerow(`ledger verify --file ${path}`)
    expect(code).toBe(EXIT.failure)
    expect(out).toMatch(/^- and \d+ more$/m)
  })

  test('trusts the keys that it is given, and no others', async () => {
    const folder = await exported()
    const north = formatVerifierKey(witnessOf('north').key)
    const south = formatVerifierKey(witnessOf('south').key)
    const sure = await hedgerow(`ledger verify --file ${folder} --key ${LOG_KEY} --witness ${north}`)
    expect(sure.out).toContain('hedgerow/witness/north at 2027-01-15 08:00:00 UTC\n')
    const unsure = await hedgerow(`ledger verify --file ${folder} --witness ${north},${south}`)
    expect(unsure.out).toContain(
      'checkpoint.witness: The checkpoint has no valid cosignature of hedgerow/witness/south.',
    )
    expect(unsure.code).toBe(EXIT.failure)
    const other = formatVerifierKey(logKeyOf(LOG.origin, witnessOf('north').key.publicKey))
    expect((await hedgerow(`ledger verify --file ${folder} --key ${other}`)).out).toContain('checkpoint.key')
  })

  test.each([
    ['--key abc', EXIT.failure, "--key: 'abc' is not a verifier key, which has the form name+id+key"],
    [`--witness ${LOG_KEY}`, EXIT.failure, 'is not the key of a witness'],
    [`--key ${LOG_KEY},${LOG_KEY}`, EXIT.usage, '--key takes one key'],
    ['--url http://x --file y', EXIT.usage, 'Give --url or --file, not both'],
    ['--url ftp://x', EXIT.usage, '--url must start with http:// or https://'],
    ['--file nowhere', EXIT.failure, 'There is nothing at'],
    ['', EXIT.failure, 'No coordinator was started with the folder'],
  ])('refuses %j', async (options, code, message) => {
    const found = await hedgerow(`ledger verify ${options}`.trim())
    expect(found.err).toContain(message)
    expect(found.code).toBe(code)
  })

  test('waits for the first signature, and says when none comes', async () => {
    const io = fakeIo({ cwd: tempDir() })
    const pending = hedgerow(`ledger verify --url ${await serve(tempDir())}`, io)
    let done = false
    pending.finally(() => {
      done = true
    })
    while (!done) {
      await new Promise(resolve => setImmediate(resolve))
      await io.clock.advance(500)
    }
    const { code, err } = await pending
    expect(err).toContain('has not been signed yet')
    expect(code).toBe(EXIT.failure)
  })

  test('gives JSON without anything that JSON cannot have', async () => {
    const { out } = await hedgerow(`ledger verify --file ${await exported()} --json`)
    const report = JSON.parse(out)
    expect(report).toMatchObject({ ok: true, problems: [], problemCount: 0, region: { name: 'test' } })
    expect(report.checkpoint.root).toMatch(/^[0-9a-f]{64}$/)
    expect(report.figures.issuedMicro).toBe('10000005')
    expect(report.figures.balancesMicro.treasury).toBe('-10000005')
  })

  test('draws how far it is on a terminal, and stops when asked', async () => {
    const folder = await exported()
    const io = fakeIo({ cwd: tempDir(), isTTY: true })
    const { err } = await hedgerow(`ledger verify --file ${folder}`, io)
    expect(err).toContain(`256 of ${LOG.entries.length} entries`)
    expect(err.endsWith('\r\x1b[K')).toBe(true)
    const stopped = fakeIo({ cwd: tempDir() })
    stopped.abort()
    expect((await hedgerow(`ledger verify --file ${folder}`, stopped)).code).toBe(EXIT.interrupted)
  })
})

describe('ledger export', () => {
  test('copies a log that is audited from there, and goes on later', async () => {
    const url = await serve(await exported())
    const io = fakeIo({ cwd: tempDir() })
    const { code, out } = await hedgerow(`ledger export copy --url ${url}`, io)
    expect(code).toBe(EXIT.ok)
    expect(out).toBe(`copy: the log up to ${LOG.entries.length} entries, in 5 files, 5 of them new\n`)
    expect(existsSync(join(io.cwd, 'copy/tile/entries/000'))).toBe(true)
    expect((await hedgerow(`ledger verify --file copy`, io)).code).toBe(EXIT.ok)
    const again = await hedgerow(`ledger export copy --url ${url} --json`, fakeIo({ cwd: io.cwd }))
    expect(JSON.parse(again.out)).toEqual({ folder: 'copy', entries: LOG.entries.length, files: 5, written: 0 })
  })

  test('stops when asked', async () => {
    const io = fakeIo({ cwd: tempDir() })
    io.abort()
    const { code } = await hedgerow(`ledger export copy --url ${await serve(await exported())}`, io)
    expect(code).toBe(EXIT.interrupted)
  })
})
