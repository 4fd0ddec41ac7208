/** Two whole coordinators that witness each other, and a device that gets its receipt for real work. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  ConfigError,
  decodeBundle,
  decodeEntry,
  entriesPath,
  type LogEntry,
  openCheckpoint,
  parseVerifierKey,
  tileWidth,
  verifyCosignature,
} from '../../protocol/index.ts'
import { nodeVerifier } from '../../protocol/node/index.ts'
import { eventually } from '../support/eventually.ts'
import { ECHO } from '../support/tasks.ts'
import { TestRegion, taskOf } from '../support/test-region.ts'

const policy = { checkpointMs: 200, receiptMs: 200 }
const verifier = nodeVerifier()

interface Card {
  logKey: string
  witnessKey: string
}

const cardOf = async (region: TestRegion): Promise<Card> =>
  (await fetch(`${region.coordinator.httpUrl}/log/card`)).json() as Promise<Card>

/** The log as anybody reads it. */
async function readLog(region: TestRegion): Promise<{ note: string; size: number; entries: LogEntry[] }> {
  const { httpUrl } = region.coordinator
  const note = await (await fetch(`${httpUrl}/log/checkpoint`)).text()
  const { size } = openCheckpoint(note, parseVerifierKey((await cardOf(region)).logKey), verifier)
  const entries: LogEntry[] = []
  for (let index = 0; index * 256 < size; index++) {
    const width = tileWidth(0, index, size)
    const bundle = await (await fetch(`${httpUrl}/log/${entriesPath(index, width)}`)).arrayBuffer()
    entries.push(...decodeBundle(new Uint8Array(bundle), width).map(bytes => decodeEntry(bytes)))
  }
  return { note, size, entries }
}

test('work ends in a receipt that is in a cosigned log, and is there after a restart', async () => {
  await using meadow = await TestRegion.start({ policy })
  await using hill = await TestRegion.start({ policy })
  await meadow.admin.witnessAdd({ url: hill.coordinator.httpUrl })
  await hill.admin.witnessAdd({ url: meadow.coordinator.httpUrl })
  const { device, log } = await meadow.join('alice')
  const submitter = await meadow.submitter('lab')
  const split = { kind: 'range', from: 0, to: 30, chunk: 3 } as const
  const aggregate = { kind: 'concat' } as const
  const handle = await submitter.submit({ task: taskOf(ECHO), verify: 'trust', split, aggregate })
  await handle.result()
  const { earnedMicro } = await meadow.member(device)
  const { note, size, entries } = await eventually('all earnings are on a cosigned receipt', async () => {
    const read = await readLog(meadow)
    const [hillSeen] = await meadow.admin.witnessList()
    const last = read.entries.findLast(entry => entry.type === 'receipt')
    return `${last?.earnedMicro}` === earnedMicro && hillSeen?.cosignedByThem?.size === read.size ? read : null
  })
  expect(entries.slice(0, 4).map(({ type }) => type)).toEqual(['genesis', 'policy', 'price', 'device'])
  expect(entries.findLast(({ type }) => type === 'receipt')).toMatchObject({ device: device.id, lostMicro: 0n })
  expect(verifyCosignature(note, parseVerifierKey((await cardOf(hill)).witnessKey), verifier)).not.toBeNull()
  expect((await hill.admin.witnessList())[0]).toMatchObject({ cosignedByUs: size, conflict: null })
  await eventually('the device keeps it', () => log.some(({ event }) => event === 'receipt_kept'))

  await meadow.stopCoordinator()
  await meadow.startCoordinator()
  await eventually('the device is back', () => device.state === 'joined')
  expect((await readLog(meadow)).size).toBe(size)
  expect([...meadow.fatal, ...hill.fatal]).toEqual([])
})

test('[LOG-8.2] a coordinator whose head guard names more than its database holds does not start', async () => {
  await using meadow = await TestRegion.start({ policy })
  const { size } = await eventually('a checkpoint', () => readLog(meadow).catch(() => null))
  await meadow.stopCoordinator()
  const guard = join(meadow.stateDir, 'log-head.json')
  const { root } = JSON.parse(readFileSync(guard, 'utf8')) as { root: string }
  writeFileSync(guard, JSON.stringify({ size: size + 1, root }))
  const refusal = await meadow.startCoordinator().catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(ConfigError)
  expect((refusal as ConfigError).message).toContain('It looks as if ledger.sqlite was restored from a backup.')
})
