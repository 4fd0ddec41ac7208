/** Whoever changes a byte of a log, of its tiles or of its checkpoint is found out; of rows, see `tamper-rows.test.ts`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuditReport, auditLog, exportLog, openLogFile } from '../../auditor/index.ts'
import { nodeSha256, nodeVerifier } from '../../protocol/node/index.ts'
import { type Change, changedBytes } from '../support/change-value.ts'
import { type LogParts, partsOf, placesOf, sourceOf, witnessOf } from '../support/log-builder.ts'
import { sampleLog } from '../support/sample-log.ts'

/** Long enough for a full tile. */
const LOG = sampleLog(40)
const WITNESS = witnessOf('north')
const PARTS = partsOf(LOG, [WITNESS])
const SIZE = PARTS.entries.length
const ports = { hash: nodeSha256, verifier: nodeVerifier() }
const witnesses = [WITNESS.key]

/** Any change of one byte. */
const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) })

function expectNamed({ ok, problems }: AuditReport): void {
  expect(ok).toBe(false)
  expect(problems.length).toBeGreaterThan(0)
  for (const { rule, message } of problems) expect(`${rule} ${message}`).toMatch(/^[a-z]+\.[a-z]+ .+/)
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-tamper-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('a byte that is changed is named', () => {
  test('before anything is changed nothing is', async () => {
    expect((await auditLog(ports, sourceOf(PARTS), { witnesses })).problems).toEqual([])
  })

  test('in any entry', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), change, async (index, by) => {
        const entries = PARTS.entries.map((bytes, i) => (i === index ? changedBytes(bytes, by) : bytes))
        const report = await auditLog(ports, sourceOf({ ...PARTS, entries }), { witnesses })
        expectNamed(report)
        expect(report.problems[0]).toMatchObject({ rule: 'tree.tile', entry: index })
      }),
      { numRuns: 150 },
    )
  })

  test('in any entry, though the hashes are made again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), change, async (index, by) => {
        const forged = forge(index, by)
        const report = await auditLog(ports, sourceOf(forged), { witnesses })
        expectNamed(report)
        expect(report.problems.map(({ rule }) => rule)).toContain('tree.root')
      }),
      { numRuns: 50 },
    )
  })

  test('in any tile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(PARTS.levels.length - 1), change, async (level, by) => {
        const levels = PARTS.levels.map((bytes, i) => (i === level ? changedBytes(bytes, by) : bytes))
        const report = await auditLog(ports, sourceOf({ ...PARTS, levels }), { witnesses })
        expectNamed(report)
        expect(report.problems.map(({ rule }) => rule)).toEqual(['tree.tile'])
      }),
      { numRuns: 150 },
    )
  })

  test('in the checkpoint and under it', async () => {
    const path = join(folder, 'checkpoints')
    await exportLog(sourceOf(PARTS), path)
    const bytes = new TextEncoder().encode(PARTS.note)
    await fc.assert(
      fc.asyncProperty(change, async by => {
        writeFileSync(join(path, 'checkpoint'), changedBytes(bytes, by))
        expectNamed(await auditLog(ports, openLogFile(path, nodeSha256).source, { witnesses }))
      }),
      { numRuns: 150 },
    )
  })

  test('in any file of an export', async () => {
    const path = join(folder, 'files')
    await exportLog(sourceOf(PARTS), path)
    const files = placesOf(SIZE).flatMap(({ level, index, width }) => {
      const end = `${`${index}`.padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`
      return level === 0 ? [`tile/0/${end}`, `tile/entries/${end}`] : [`tile/${level}/${end}`]
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), change, async (file, by) => {
        const bytes = readFileSync(join(path, file))
        writeFileSync(join(path, file), changedBytes(bytes, by))
        const report = await auditLog(ports, openLogFile(path, nodeSha256).source, { witnesses })
        writeFileSync(join(path, file), bytes)
        expectNamed(report)
      }),
      { numRuns: 150 },
    )
  })
})

/** The log of somebody who changes an entry and computes all hashes again, but cannot sign. */
function forge(index: number, by: Change): LogParts {
  const entries = PARTS.entries.map((bytes, i) => (i === index ? changedBytes(bytes, by) : bytes))
  return { ...partsOf(LOG, [WITNESS], entries), note: PARTS.note }
}
