import { expect, test } from 'vitest'
import { createReadiness, type ReadinessComponents } from '../../../../coordinator/metrics/readiness.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const GIB = 1_073_741_824

function readiness(more: Partial<ReadinessComponents> = {}) {
  const clock = new VirtualClock()
  let probes = 0
  const ready = createReadiness(
    {
      clock,
      probeStore: () => void probes++,
      probeBroker: async () => {},
      committed: async () => {},
      isStopped: () => false,
      log: () => ({ entries: 7, signed: 7, signedAtMs: clock.wallMs() - 3_600_000 }),
      diskFreeBytes: () => GIB,
      ...more,
    },
    { checkpointMs: 10_000 },
  )
  return { clock, ready, probes: () => probes }
}

test('is ready when all is well, and asks the disk no more than every two seconds', async () => {
  const { clock, ready, probes } = readiness()
  expect(await ready()).toMatchObject({ ready: true })
  await ready()
  expect(probes()).toBe(1)
  await clock.advance(2_001)
  await ready()
  expect(probes()).toBe(2)
})

const refuses = (message: string) => () => {
  throw new Error(message)
}

test.each<[string, string, Partial<ReadinessComponents>, RegExp]>([
  ['the store takes no writes', 'store', { probeStore: refuses('database or disk is full') }, /disk is full/],
  ['commits have ended', 'store', { isStopped: () => true }, /Nothing is committed any more/],
  ['nobody listens', 'broker', { probeBroker: async () => refuses('ECONNREFUSED')() }, /ECONNREFUSED/],
  [
    'the log is not signed any more',
    'checkpoint',
    { log: () => ({ entries: 9, signed: 7, signedAtMs: 1_700_000_000_000 - 120_000 }) },
    /^2 entries of the log are not signed yet, 120 s after the last checkpoint\.$/,
  ],
  ['the disk is nearly full', 'disk', { diskFreeBytes: () => 1_048_576 }, /^1 MiB/],
  ['the disk is gone', 'disk', { diskFreeBytes: () => null }, /cannot be asked/],
])('is not ready when %s', async (_, name, more, says) => {
  const { checks, ready } = await readiness(more).ready()
  expect(ready).toBe(false)
  expect(checks.find(check => check.name === name)).toMatchObject({ ok: false, says: expect.stringMatching(says) })
})

test('is not ready when a commit does not come to its end', async () => {
  const { clock, ready } = readiness({ committed: () => new Promise(() => {}) })
  const found = ready()
  await clock.advance(10_000)
  expect((await found).checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['commits'])
})

test('takes a log that is still short of its first checkpoint for well', async () => {
  const { ready } = readiness({ log: () => ({ entries: 3, signed: 0, signedAtMs: null }) })
  expect(await ready()).toMatchObject({ ready: true })
})
