import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type AuditOptions,
  auditLog,
  createHttpSource,
  exportLog,
  type LogSource,
  openLogFile,
} from '../../../auditor/index.ts'
import { formatVerifierKey, logKeyOf, parseVerifierKey, utf8 } from '../../../protocol/index.ts'
import { nodeSha256, nodeVerifier, systemClock } from '../../../protocol/node/index.ts'
import { LogBuilder, type LogParts, partsOf, sourceOf, witnessOf } from '../../support/log-builder.ts'
import { sampleLog } from '../../support/sample-log.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const ports = { hash: nodeSha256, verifier: nodeVerifier() }
const audit = (source: LogSource, options?: AuditOptions) => auditLog(ports, source, options)
const rulesOf = async (source: LogSource, options?: AuditOptions) =>
  (await audit(source, options)).problems.map(({ rule }) => rule)

const tempDir = tempDirs()
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

describe('a log that keeps every rule', () => {
  const log = sampleLog(40)
  const parts = partsOf(log, [witnessOf('north')])

  test('adds up to its figures', async () => {
    const report = await audit(sourceOf(parts), { witnesses: [witnessOf('north').key] })
    expect(report.problems).toEqual([])
    expect(report).toMatchObject({ ok: true, region: { id: log.regionId, name: 'test' } })
    const { figures, checkpoint } = report
    expect(figures).toMatchObject({
      entries: log.entries.length,
      devices: 5,
      jobs: 42,
      jobsOpen: 1,
      campaigns: 1,
      epochs: 2,
    })
    expect(figures).toMatchObject({ bindings: 1, disputes: 2, pending: 2, issuedMicro: 10_000_005n })
    expect(Object.values(figures.balancesMicro).reduce((sum, micro) => sum + micro, 0n)).toBe(0n)
    expect(figures.balancesMicro.holdback).toBe(figures.heldMicro)
    expect(checkpoint?.size).toBe(log.entries.length)
    expect(checkpoint?.cosignatures).toEqual([{ name: 'hedgerow/witness/north', timeS: 1_800_000_000, verified: true }])
  })

  test('is told with what nobody could check', async () => {
    const { notes } = await audit(sourceOf(parts))
    expect(notes.join(' ')).toContain('key is the one that it names itself')
    expect(notes.join(' ')).toContain('listed and not checked')
  })

  test('tells how far it is', async () => {
    const seen: number[] = []
    await auditLog(ports, sourceOf(parts), {}, ({ entries, size }) => void seen.push(entries, size))
    const size = log.entries.length
    expect(seen).toEqual([256, size, size, size])
  })

  test.each([0, 1, 2, 3, 255, 256, 257, 511, 512])('of %i entries', async size => {
    const short = new LogBuilder()
    while (short.entries.length < size) short.fund(1n)
    short.entries.length = size
    const report = await audit(sourceOf(partsOf(short)))
    expect(report.problems).toEqual([])
    expect(report.figures.entries).toBe(size)
  })

  test('of three levels of tiles', async () => {
    const long = new LogBuilder()
    while (long.entries.length < 65_536 + 300) long.fund(1n)
    const report = await audit(sourceOf(partsOf(long)))
    expect(report.problems).toEqual([])
    expect(report.checkpoint?.size).toBe(long.entries.length)
  })
})

describe('what is signed', () => {
  const log = sampleLog()
  const parts = () => partsOf(log, [witnessOf('north')])
  const other = logKeyOf(log.origin, new LogBuilder().signerOf('somebody').publicKey)

  test('by another key than was given', async () => {
    expect(await rulesOf(sourceOf(parts()), { key: other })).toEqual(['checkpoint.key', 'checkpoint.origin'])
    const own = parseVerifierKey(formatVerifierKey(logKeyOf(log.origin, log.signer.publicKey)))
    expect(await rulesOf(sourceOf(parts()), { key: own })).toEqual([])
  })

  test('of another log', async () => {
    const another = sampleLog()
    Object.assign(another.entries[0] as object, { publicKey: other.publicKey })
    expect(await rulesOf(sourceOf(partsOf(another)))).toContain('checkpoint.origin')
  })

  test('damaged', async () => {
    const { note, ...rest } = parts()
    // Size, root and signature in turn.
    const forged = note.replace(`\n${log.entries.length}\n`, `\n${log.entries.length - 1}\n`)
    expect(await rulesOf(sourceOf({ note: forged, ...rest }))).toEqual(expect.arrayContaining(['checkpoint.signature']))
    expect(await rulesOf(sourceOf({ note: 'no note', ...rest }))).toEqual(['checkpoint.form'])
  })

  test('by fewer witnesses than were asked for', async () => {
    const witnesses = [witnessOf('north').key, witnessOf('south').key]
    expect(await rulesOf(sourceOf(parts()), { witnesses })).toEqual(['checkpoint.witness'])
    const unsigned = { ...sourceOf(parts()), checkpoint: async () => null }
    expect(await rulesOf(unsigned, { witnesses })).toEqual(['checkpoint.witness', 'checkpoint.witness'])
  })

  test('by a witness whose line is wrong', async () => {
    const { note, ...rest } = parts()
    const lines = note.split('\n')
    const damaged = lines.map(line =>
      line.includes('witness') ? line.replace(/.(?=..$)/, c => (c === 'A' ? 'B' : 'A')) : line,
    )
    const source = sourceOf({ note: damaged.join('\n'), ...rest })
    expect(await rulesOf(source, { knownWitnesses: [witnessOf('north').key] })).toEqual(['checkpoint.cosignature'])
    expect(await rulesOf(source, { witnesses: [witnessOf('north').key] })).toEqual(['checkpoint.witness'])
  })

  test('over other entries', async () => {
    const good = parts()
    const longer = sampleLog().fund(1n)
    expect(await rulesOf(sourceOf({ ...partsOf(longer), note: good.note }))).toEqual([])
    expect(await rulesOf(sourceOf({ ...good, note: partsOf(longer).note }))).toContain('log.unreadable')
    const changed = sampleLog()
    Object.assign(changed.entries.at(-1) as object, { feeBasisPoints: 401 })
    expect(await rulesOf(sourceOf({ ...partsOf(changed), note: good.note }))).toEqual(['tree.root'])
  })
})

describe('the tree', () => {
  const log = sampleLog(40)

  test.each([
    ['a hash of an entry', 0, 5 * 32, 5],
    ['a hash in the tile that is not full', 0, 260 * 32 + 31, 260],
    ['a hash of a tile', 1, 3, null],
  ])('%s is another', async (_, level, at, entry) => {
    const parts = partsOf(log)
    const hashes = parts.levels[level] as Uint8Array
    hashes[at] = (hashes[at] ?? 0) ^ 1
    const { problems } = await audit(sourceOf(parts))
    expect(problems).toMatchObject([{ rule: 'tree.tile', entry }])
  })

  test('an entry that cannot be read is named, and the others are read', async () => {
    const parts = partsOf(log)
    parts.entries[7] = Uint8Array.of(0xff)
    const { problems, figures } = await audit(sourceOf(parts))
    expect(problems[0]).toMatchObject({ rule: 'tree.tile', entry: 7 })
    expect(problems.find(({ rule }) => rule === 'entry.form')?.entry).toBe(7)
    expect(figures.entries).toBe(log.entries.length)
  })

  test('a bundle that is cut short ends the audit', async () => {
    const source = { ...sourceOf(partsOf(log)), entries: async () => utf8('??') }
    expect(await rulesOf(source)).toContain('log.unreadable')
  })

  test('at most a hundred problems are listed, and all are counted', async () => {
    const bad = new LogBuilder()
    for (let i = 0; i < 150; i++) bad.receipt('nobody', { seq: 1 })
    const { problems, problemCount } = await audit(sourceOf(partsOf(bad)))
    expect(problems).toHaveLength(100)
    expect(problemCount).toBeGreaterThan(150)
  })
})

/** Serves the folder of an export; `answer` may answer instead. */
async function serve(
  folder: string,
  answer: (path: string) => { status: number; body?: Uint8Array } | null = () => null,
) {
  const asked: string[] = []
  const server = createServer((req, res) => {
    const path = (req.url ?? '').replace('/log/', '')
    asked.push(path)
    const own = answer(path)
    const file = join(folder, path)
    const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true
    res.writeHead(own?.status ?? (isThere ? 200 : 404))
    res.end(own?.body ?? (isThere && own === null ? readFileSync(file) : undefined))
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock = {
    ...systemClock,
    setTimeout: (fn: () => void, ms: number) => systemClock.setTimeout(fn, Math.min(ms, ms > 10_000 ? ms : 1)),
  }
  return { source: createHttpSource(url, { clock, fetch }), asked, url }
}

describe('an export', () => {
  const files = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => statSync(join(folder, path)).isFile())

  test('has the layout of tlog-tiles, and is audited like what it was made of', async () => {
    const folder = join(tempDir(), 'log')
    const parts = partsOf(sampleLog(40))
    const size = parts.entries.length
    expect(await exportLog(sourceOf(parts), folder)).toMatchObject({ entries: size, files: 5, written: 5 })
    const width = size - 256
    expect(files(folder).sort()).toEqual(
      [
        'checkpoint',
        'tile/0/000',
        `tile/0/001.p/${width}`,
        'tile/1/000.p/1',
        'tile/entries/000',
        `tile/entries/001.p/${width}`,
      ].sort(),
    )
    expect((await audit(openLogFile(folder, nodeSha256).source)).problems).toEqual([])
  })

  test('goes on where an older one ended, and lacks nothing when that was broken off', async () => {
    const folder = join(tempDir(), 'log')
    await exportLog(sourceOf(partsOf(sampleLog(10))), folder)
    const log = sampleLog(10)
    for (let i = 0; i < 500; i++) log.fund(1n)
    const seen: number[] = []
    const { written, files: all } = await exportLog(
      sourceOf(partsOf(log)),
      folder,
      ({ files }) => void seen.push(files),
    )
    expect(written).toBe(all)
    expect(seen).toEqual(Array.from({ length: all }, (_, i) => i + 1))
    rmSync(join(folder, 'tile/0/001'))
    expect(await exportLog(sourceOf(partsOf(log)), folder)).toMatchObject({ written: 1 })
    expect((await audit(openLogFile(folder, nodeSha256).source)).problems).toEqual([])
  })

  test('needs a checkpoint', async () => {
    const source = { ...sourceOf(partsOf(sampleLog())), checkpoint: async () => null }
    await expect(exportLog(source, tempDir())).rejects.toMatchObject({ code: 'not_found' })
  })

  test('with a file missing, too long or damaged is no log', async () => {
    const folder = join(tempDir(), 'log')
    await exportLog(sourceOf(partsOf(sampleLog(40))), folder)
    const source = () => openLogFile(folder, nodeSha256).source
    const tile = join(folder, 'tile/0/000')
    const good = readFileSync(tile)
    writeFileSync(tile, Buffer.concat([good, Buffer.alloc(1)]))
    expect(await rulesOf(source())).toEqual(['log.unreadable'])
    writeFileSync(tile, good.subarray(1))
    expect(await rulesOf(source())).toContain('tree.tile')
    rmSync(tile)
    const { problems } = await audit(source())
    expect(problems).toMatchObject([{ rule: 'log.unreadable', entry: 0 }])
    expect(problems[0]?.message).toContain('tile/0/000')
    rmSync(join(folder, 'checkpoint'))
    expect(await rulesOf(source())).toEqual(['checkpoint.form'])
    mkdirSync(join(folder, 'checkpoint'))
    await expect(audit(source())).rejects.toThrow()
  })

  test('the beginning of a whole tile stands for a part that is gone', async () => {
    const folder = join(tempDir(), 'log')
    const log = sampleLog(10)
    const { note } = partsOf(log)
    for (let i = 0; i < 500; i++) log.fund(1n)
    await exportLog(sourceOf(partsOf(log)), folder)
    writeFileSync(join(folder, 'checkpoint'), note)
    expect((await audit(openLogFile(folder, nodeSha256).source)).problems).toEqual([])
    const { source } = await serve(folder)
    expect((await audit(source)).problems).toEqual([])
  })
})

describe('over HTTP', () => {
  const exported = async (parts: LogParts = partsOf(sampleLog(40))) => {
    const folder = join(tempDir(), 'log')
    await exportLog(sourceOf(parts), folder)
    return folder
  }

  test('a log is read, by the address of the region or of the log', async () => {
    const { source, url } = await serve(await exported())
    expect((await audit(source)).ok).toBe(true)
    expect((await audit(createHttpSource(`${url}/log/`, { clock: systemClock, fetch }))).ok).toBe(true)
  })

  test('a server that is busy is asked again', async () => {
    let failures = 0
    const { source, asked } = await serve(await exported(), path =>
      path === 'checkpoint' && failures++ < 3 ? { status: failures === 1 ? 429 : 503 } : null,
    )
    expect((await audit(source)).ok).toBe(true)
    expect(asked.filter(path => path === 'checkpoint')).toHaveLength(4)
  })

  test('and not for ever', async () => {
    const { source } = await serve(await exported(), path => (path.startsWith('tile/entries') ? { status: 500 } : null))
    await expect(audit(source)).rejects.toMatchObject({ code: 'refused' })
  })

  test('no answer is a failure and not a verdict', async () => {
    const { source } = await serve(await exported())
    const [server] = servers
    server?.closeAllConnections()
    await new Promise(resolve => server?.close(resolve))
    await expect(audit(source)).rejects.toMatchObject({ code: 'unreachable' })
  })

  test('an answer is not read beyond what it may be', async () => {
    const body = new Uint8Array(100_000)
    const { source } = await serve(await exported(), path => (path === 'checkpoint' ? { status: 200, body } : null))
    expect(await rulesOf(source)).toEqual(['checkpoint.form'])
  })

  test('a log that is not signed yet is empty', async () => {
    const { source } = await serve(tempDir())
    const report = await audit(source)
    expect(report).toMatchObject({ ok: true, checkpoint: null, figures: { entries: 0 } })
    expect(report.notes).toContain('Nothing of the log is signed yet.')
  })
})
