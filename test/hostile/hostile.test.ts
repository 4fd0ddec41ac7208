/**
 * Every hostile module goes the way that a device sends it: a runner and its real sandbox processes. Two runners take each module that may
 * run, so that two processes that know nothing of each other must agree on outcome and fuel.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engine } from '../../device/sandbox/engine.ts'
import type { RunRequest } from '../../device/work/index.ts'
import type { UnitOutcome } from '../../protocol/messages/index.ts'
import { SANDBOX_SOURCE } from '../support/runners.ts'
import { ECHO } from '../support/tasks.ts'
import { CORPUS } from './corpus.ts'
import { type Expectation, type Hostile, UNIT_FUEL, UNIT_TIMEOUT_MS } from './entry.ts'
import { Lane, leaseOfHostile, type Observation, type Observed } from './lane.ts'

/** Far above any pause that reading a reply of the largest outputs takes, on however busy a machine. */
const BLOCKED_MS_MAX = 2_000
/** A test also waits for others that use the same runner. */
const TEST_TIMEOUT_MS = 300_000
/** A kill may come so much later than its backstop. */
const LATE_MS_MAX = 2_000
/** Modules of more bytes take long to look at, and show nothing that smaller ones do not. */
const INSPECTED_BYTES_MAX = 20_000
const TEXT = new TextEncoder().encode('still here')

let folder = ''
let first: Lane
let second: Lane

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hedgerow-hostile-'))
  await build({
    entry: { main: SANDBOX_SOURCE },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node24',
    platform: 'node',
    removeNodeProtocol: false,
    noExternal: [/.*/],
    config: false,
    silent: true,
  })
  first = new Lane(join(folder, 'main.mjs'))
  second = new Lane(join(folder, 'main.mjs'))
})

afterAll(async () => {
  const left = [...(await first.close()), ...(await second.close())]
  rmSync(folder, { recursive: true, force: true })
  expect(left).toEqual([])
})

const ECHO_LEASE = leaseOfHostile(
  {
    name: 'echo',
    make: () => ECHO,
    abi: 'reactor',
    inputs: [TEXT],
    expect: { kind: 'units', units: [], alike: false },
  },
  ECHO,
)

describe.each(Object.entries(CORPUS))('%s', (_area, entries) => {
  test.concurrent.each(entries.map((entry, index) => [entry.name, entry, index] as const))(
    '%s',
    async (_name, entry, index) => {
      const bytes = entry.make()
      expect(engine.validate(bytes), 'whether an engine accepts the module').toBe(!isInvalid(entry.expect))
      const lease = leaseOfHostile(entry, bytes)
      if (entry.expect.kind !== 'units') {
        const lane = index % 2 === 0 ? first : second
        await lane.alone(async () => {
          await lane.buried()
          const seen = await lane.observe(lease)
          check(entry, seen)
          // A process that met a module belongs to it, so with a refused one it has to go.
          const { code } = seen.observed.kind === 'failure' ? seen.observed.failure : { code: '' }
          expect(await lane.buried(), 'why processes were ended').toEqual(code === 'bad_output' ? [] : [code])
          await goesOn(lane)
        })
        return
      }
      const seen = await Promise.all([first, second].map(lane => lane.alone(() => runTwice(lane, entry, lease))))
      expect(seen[1], 'the same lease in another process').toEqual(seen[0])
    },
    TEST_TIMEOUT_MS,
  )
})

test('no two of the modules have one name', () => {
  const names = Object.values(CORPUS).flatMap(entries => entries.map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(800)
})

/** Runs a lease of units that end, and again in the same process. */
async function runTwice(lane: Lane, entry: Hostile, lease: RunRequest): Promise<Observed> {
  const seen = await lane.observe(lease)
  check(entry, seen)
  const { observed } = await lane.observe(lease)
  expect(observed, 'a second lease in the same process').toEqual(seen.observed)
  if (observed.kind === 'units') {
    if (lane === first) await limited(observed.outcomes, lease)
    else if (lease.moduleBytes.length <= INSPECTED_BYTES_MAX) await inspected(observed.outcomes[0], lease)
  }
  await goesOn(lane)
  return observed
}

/** With exactly the fuel that it needs each unit ends as before; with one less, it runs out. */
async function limited(outcomes: readonly UnitOutcome[], lease: RunRequest): Promise<void> {
  const needed = Math.max(...outcomes.map(({ fuel }) => fuel))
  if (needed < 2 || needed === lease.unitFuelMax) return
  for (const unitFuelMax of [needed, needed - 1]) {
    const { observed } = await first.observe({ ...lease, unitFuelMax })
    expect(observed, `limited to ${unitFuelMax}`).toEqual({
      kind: 'units',
      outcomes: outcomes.map(outcome =>
        outcome.fuel > unitFuelMax ? { kind: 'out_of_fuel', fuel: unitFuelMax } : outcome,
      ),
    })
  }
}

/** A developer who looks at a unit sees what its lease gives, and where the fuel went. */
async function inspected(outcome: UnitOutcome | undefined, lease: RunRequest): Promise<void> {
  const seen = await second.inspect(lease)
  expect(seen.outcome, 'the outcome of the profiled form').toEqual(outcome)
  // Host functions' own charges are nobody's, and what is charged past the limit is not paid.
  if (outcome?.kind !== 'out_of_fuel') expect(seen.profiledFuel).toBeLessThanOrEqual(outcome?.fuel ?? 0)
}

/** A module that is fine runs as ever, and processes that had to go are gone. */
async function goesOn(lane: Lane): Promise<void> {
  const { observed } = await lane.observe(ECHO_LEASE)
  expect(observed.kind === 'units' ? observed.outcomes.map(withoutFuel) : observed).toEqual([
    { kind: 'ok', bytes: TEXT },
  ])
  await lane.buried()
}

function check(entry: Hostile, { observed, elapsedMs, blockedMs }: Observation): void {
  const { expect: expected } = entry
  expect(blockedMs, 'time for which the device did nothing else').toBeLessThan(BLOCKED_MS_MAX)
  const fuelMax = entry.unitFuelMax ?? UNIT_FUEL
  switch (expected.kind) {
    case 'units': {
      expect(observed).toMatchObject({ kind: 'units' })
      const outcomes = observed.kind === 'units' ? observed.outcomes : []
      expect(outcomes.map(withoutFuel)).toEqual(expected.units)
      for (const { kind, fuel } of outcomes) {
        expect(fuel).toSatisfy(Number.isInteger)
        expect(fuel).toBeGreaterThanOrEqual(0)
        if (kind === 'out_of_fuel') expect(fuel).toBe(fuelMax)
        else expect(fuel).toBeLessThanOrEqual(fuelMax)
      }
      if (expected.alike) expect(new Set(outcomes.map(({ fuel }) => fuel)).size, 'different amounts of fuel').toBe(1)
      return
    }
    case 'refused':
      expect(observed).toMatchObject({ kind: 'failure', failure: { code: 'bad_module' } })
      if (observed.kind !== 'failure' || observed.failure.code !== 'bad_module') return
      expect(observed.failure.section).toContain(expected.section)
      expect(observed.failure.reason).toMatch(expected.reason)
      // It is shown to people, in terminals.
      expect(observed.message).toMatch(/^[^\p{Cc}\p{Cf}]{20,}\.$/u)
      return
    case 'no result':
      expect(observed).toMatchObject({ kind: 'failure', failure: { code: expected.code } })
      if (expected.reason) expect(observed.kind === 'failure' && observed.message).toMatch(expected.reason)
      if (expected.code === 'timeout')
        expect(elapsedMs).toBeLessThan((entry.unitTimeoutMs ?? UNIT_TIMEOUT_MS) + LATE_MS_MAX)
  }
}

function withoutFuel({ fuel: _fuel, ...outcome }: UnitOutcome): object {
  return outcome
}

const isInvalid = (expected: Expectation) => expected.kind === 'refused' && expected.invalid
