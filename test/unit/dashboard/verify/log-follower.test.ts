import { describe, expect, test } from 'vitest'
import { auditLog } from '../../../../auditor/index.ts'
import { LogFollower } from '../../../../dashboard/verify/log-follower.ts'
import { logKeyOf, portableSha256, portableVerifier } from '../../../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../../../protocol/node/index.ts'
import { LogBuilder, type LogParts, partsOf, sourceOf } from '../../../support/log-builder.ts'
import { sampleLog } from '../../../support/sample-log.ts'

const ports = { hash: portableSha256, verifier: portableVerifier() }
const keyOf = (log: LogBuilder) => logKeyOf(log.origin, log.signer.publicKey)

/** A source whose log can grow, or be put in another's place. */
function changingSource(parts: LogParts) {
  let current = sourceOf(parts)
  return {
    name: 'a log',
    checkpoint: () => current.checkpoint(),
    entries: (index: number, width: number) => current.entries(index, width),
    set: (next: LogParts) => {
      current = sourceOf(next)
    },
  }
}

/** The log as it was after so many entries. */
function beginningOf(log: LogBuilder, size: number): LogBuilder {
  const short = new LogBuilder(false)
  short.entries.push(...log.entries.slice(0, size))
  return short
}

describe('a replay in the browser', () => {
  const log = sampleLog(40)

  test("comes to the same figures as the auditor's, with portable hashes and signatures", async () => {
    const parts = partsOf(log)
    const books = await new LogFollower(ports, sourceOf(parts), keyOf(log)).advance()
    const report = await auditLog({ hash: nodeSha256, verifier: nodeVerifier() }, sourceOf(parts))
    expect(books).toMatchObject({
      size: log.entries.length,
      rootMatches: true,
      sumMicro: 0n,
      problemCount: 0,
      region: 'test',
    })
    expect(books?.figures).toEqual(report.figures)
  })

  test('adds up flows that give the balances of the accounts', async () => {
    const books = await new LogFollower(ports, sourceOf(partsOf(log)), keyOf(log)).advance()
    const ofForm = new Map<string, bigint>()
    for (const { from, to, amountMicro } of books?.flows ?? []) {
      ofForm.set(from, (ofForm.get(from) ?? 0n) - amountMicro)
      ofForm.set(to, (ofForm.get(to) ?? 0n) + amountMicro)
    }
    for (const [form, balanceMicro] of ofForm) {
      expect([form, balanceMicro]).toEqual([form, books?.figures.balancesMicro[form as 'fee']])
    }
    expect(ofForm.size).toBeGreaterThan(5)
  })

  test.each([1, 255, 256, 257, 290])('goes on from %i entries without reading them again', async size => {
    const source = changingSource(partsOf(beginningOf(log, size)))
    const follower = new LogFollower(ports, source, keyOf(log))
    expect((await follower.advance())?.size).toBe(size)
    source.set(partsOf(log))
    const seen: number[] = []
    const books = await follower.advance(entries => void seen.push(entries))
    expect(books).toMatchObject({ size: log.entries.length, rootMatches: true, problemCount: 0 })
    expect(seen.length).toBe(Math.ceil(log.entries.length / 256) - Math.floor(size / 256))
    const whole = await new LogFollower(ports, sourceOf(partsOf(log)), keyOf(log)).advance()
    expect(books?.figures).toEqual(whole?.figures)
    expect(await follower.advance()).toEqual(books)
  })

  test('finds a past that has been changed meanwhile', async () => {
    const source = changingSource(partsOf(beginningOf(log, 290)))
    const follower = new LogFollower(ports, source, keyOf(log))
    await follower.advance()
    const other = beginningOf(log, log.entries.length)
    other.entries[2] = { ...log.entries[2], amountMicro: 11_000_000n } as (typeof log.entries)[number]
    source.set(partsOf(other))
    const books = await follower.advance()
    expect(books?.rootMatches).toBe(false)
    expect(books?.problems.map(({ rule }) => rule)).toContain('tree.root')
  })

  test('finds a log that has become shorter', async () => {
    const source = changingSource(partsOf(log))
    const follower = new LogFollower(ports, source, keyOf(log))
    await follower.advance()
    source.set(partsOf(beginningOf(log, 200)))
    const books = await follower.advance()
    expect(books?.rootMatches).toBe(false)
    expect(books?.problems.map(({ rule }) => rule)).toEqual(['tree.size'])
  })

  test('refuses a checkpoint of another key', async () => {
    const other = logKeyOf(log.origin, log.signerOf('somebody').publicKey)
    await expect(new LogFollower(ports, sourceOf(partsOf(log)), other).advance()).rejects.toThrow('no signature')
  })

  test('has nothing to say of a log without a checkpoint', async () => {
    const source = { ...sourceOf(partsOf(log)), checkpoint: async () => null }
    expect(await new LogFollower(ports, source, keyOf(log)).advance()).toBeNull()
  })

  test('names a broken rule', async () => {
    const bad = new LogBuilder()
    bad.transfer({ kind: 'refund', debit: 'fee', credit: 'submitter:alice', amountMicro: 1n, purpose: 'refund/x' })
    const books = await new LogFollower(ports, sourceOf(partsOf(bad)), keyOf(bad)).advance()
    expect(books?.problems.map(({ rule }) => rule)).toContain('transfer.route')
  })
})
