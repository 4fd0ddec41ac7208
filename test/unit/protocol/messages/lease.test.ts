import { describe, expect, test } from 'vitest'
import { jobIdFromBytes, sha256Hex } from '../../../../protocol/ids.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import { type Cut, decodeLease, encodeLease, type Grant, type LeaseTask } from '../../../../protocol/messages/index.ts'
import { METERING_VERSION } from '../../../../protocol/metering/version.ts'

const task = (cut: Cut): LeaseTask => ({
  job: jobIdFromBytes(new Uint8Array(10).fill(9)),
  module: sha256Hex('ab'.repeat(32)),
  moduleBytes: 1_000,
  abi: 'reactor',
  memoryPagesMax: 16,
  unitTimeoutMs: 1_000,
  metering: 1,
  unitFuelMax: 1_000_000_000,
  args: [],
  cut,
})
const range: Cut = { kind: 'range', from: 0, to: 100, chunk: 1 }
const grant: Grant = { leaseId: 1, task: 0, firstUnit: 0, unitCount: 10, leaseMs: 1_000, input: null }
const inline = { kind: 'inline', bytes: new Uint8Array(10) } as const
const part = {
  kind: 'range',
  blob: sha256Hex('cd'.repeat(32)),
  offset: 0,
  length: 1,
  digest: new Uint8Array(32),
} as const

/** Sends a lease of one task through the wire. */
function pass(cut: Cut, ...grants: Grant[]) {
  return decodeLease(encodeLease({ session: 1, tasks: [task(cut)], grants })).grants
}

describe('a grant and its task', () => {
  test('many grants share one task, which is stated once [LEASE-1.1]', () => {
    const grants = Array.from({ length: LIMITS.grantsPerFrameMax }, (_, i) => ({ ...grant, leaseId: i }))
    const bytes = encodeLease({ session: 1, tasks: [task(range)], grants })
    const message = decodeLease(bytes)
    expect(message.tasks).toEqual([task(range)])
    expect(message.grants).toEqual(grants)
    expect(bytes.length).toBeLessThan(5_000)
  })

  test('a grant of a task that is not stated is refused [LEASE-1.1]', () => {
    expect(() => pass(range, { ...grant, task: 1 })).toThrow('its grants[0].task must be an integer of 0 to 0')
  })

  test('a range takes no input [LEASE-1.2]', () => {
    expect(pass(range, grant)).toEqual([grant])
    expect(() => pass(range, { ...grant, input: inline })).toThrow('grants[0].input must be null for a range cut')
  })

  test.each<[string, Cut]>([
    ['bytes', { kind: 'bytes', bytes: 1 }],
    ['lines', { kind: 'lines', lines: 1 }],
    ['records', { kind: 'records', delimiter: Uint8Array.of(10, 10), records: 1 }],
    ['items', { kind: 'items' }],
  ])('%s need an input [LEASE-1.2]', (_kind, cut) => {
    expect(pass(cut, { ...grant, input: inline })).toEqual([{ ...grant, input: inline }])
    expect(pass(cut, { ...grant, input: part })).toEqual([{ ...grant, input: part }])
    expect(() => pass(cut, grant)).toThrow('grants[0].input must be an array that starts with 0 to 1')
  })
})

describe('metering', () => {
  const passTask = (changes: Partial<LeaseTask>) =>
    decodeLease(encodeLease({ session: 1, tasks: [{ ...task(range), ...changes }], grants: [grant] })).tasks

  test.each([1, METERING_VERSION, METERING_VERSION + 1, 255])(
    'version %i is read, known or not [LEASE-1.8]',
    version => {
      expect(passTask({ metering: version })).toEqual([{ ...task(range), metering: version }])
    },
  )

  test('a version and a limit of fuel are stated and bounded [LEASE-1.7]', () => {
    expect(passTask({ unitFuelMax: LIMITS.unitFuelMax })[0]?.unitFuelMax).toBe(100_000_000_000)
    expect(passTask({ unitFuelMax: 1 })[0]?.unitFuelMax).toBe(1)
    for (const metering of [0, 256]) {
      expect(() => passTask({ metering })).toThrow('tasks[0].metering must be an integer of 1 to 255')
    }
    for (const unitFuelMax of [0, LIMITS.unitFuelMax + 1]) {
      expect(() => passTask({ unitFuelMax })).toThrow('tasks[0].unitFuelMax must be an integer of 1 to 100000000000')
    }
  })
})

describe('ends', () => {
  const last = LIMITS.unitsPerJobMax - 10

  test('a run may end at the last unit of the largest job, and not after [LEASE-1.3]', () => {
    expect(pass(range, { ...grant, firstUnit: last })).toHaveLength(1)
    expect(() => pass(range, { ...grant, firstUnit: last + 1 })).toThrow('grants[0].unitCount must end the run')
  })

  test('a part may end at the last byte of the largest blob, and not after [LEASE-1.3]', () => {
    const offset = LIMITS.blobBytesMax - 1
    const cut: Cut = { kind: 'bytes', bytes: 1 }
    expect(pass(cut, { ...grant, input: { ...part, offset } })).toHaveLength(1)
    expect(() => pass(cut, { ...grant, input: { ...part, offset, length: 2 } })).toThrow(
      'grants[0].input.length must be',
    )
  })

  test('an inline input fills its bound, and not more', () => {
    const filled = (length: number): Grant => ({ ...grant, input: { kind: 'inline', bytes: new Uint8Array(length) } })
    expect(pass({ kind: 'items' }, filled(LIMITS.inlineBytesMax))).toHaveLength(1)
    expect(() => pass({ kind: 'items' }, filled(LIMITS.inlineBytesMax + 1))).toThrow('grants[0].input.bytes must be')
  })

  test.each([
    [5, 5],
    [5, 4],
    [-1, Number.MAX_SAFE_INTEGER],
  ])('a range from %i to %i is refused [LEASE-1.4]', (from, to) => {
    expect(() => pass({ kind: 'range', from, to, chunk: 1 }, grant)).toThrow('tasks[0].cut.to must be above from')
  })

  test('the widest range passes [LEASE-1.4]', () => {
    expect(pass({ kind: 'range', from: 0, to: Number.MAX_SAFE_INTEGER, chunk: 1 }, grant)).toHaveLength(1)
    expect(pass({ kind: 'range', from: Number.MIN_SAFE_INTEGER, to: 0, chunk: 1 }, grant)).toHaveLength(1)
  })
})
