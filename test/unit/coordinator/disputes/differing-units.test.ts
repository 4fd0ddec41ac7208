import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { acceptedAnswers } from '../../../../coordinator/disputes/accepted-answers.ts'
import { differingUnits } from '../../../../coordinator/disputes/differing-units.ts'
import { correctionOf, noteCorrection, RIGHT_UNITS_MAX } from '../../../../coordinator/jobs/corrections.ts'
import { rangesText } from '../../../../coordinator/jobs/suspect-units.ts'
import type { AcceptedRow } from '../../../../coordinator/store/index.ts'
import { encodeOutputs, toBase64, toHex, type UnitOutcome, utf8 } from '../../../../protocol/index.ts'

const ok = (text: string, fuel = 5): UnitOutcome => ({ kind: 'ok', fuel, bytes: utf8(text) })
const units = (wrong: readonly { unit: number }[]) => wrong.map(({ unit }) => unit)

it('[DISP-3.6] names the units that differ in what they came to or burned, and no others', () => {
  const given = [
    ok('a'),
    ok('b'),
    ok('c', 6),
    { kind: 'trap', fuel: 5, trap: 'unreachable' },
    { kind: 'exit', fuel: 5, code: 1 },
    ok(''),
  ] as const
  const right: UnitOutcome[] = [
    ok('a'),
    ok('B'),
    ok('c', 7),
    { kind: 'trap', fuel: 5, trap: 'divide_by_zero' },
    { kind: 'exit', fuel: 5, code: 1 },
    { kind: 'out_of_fuel', fuel: 5 },
  ]
  const wrong = differingUnits({ first: 40, count: 6 }, encodeOutputs(given), right)
  expect(units(wrong)).toEqual([41, 42, 43, 45])
  expect(wrong.map(({ right: outcome }) => outcome)).toEqual([right[1], right[2], right[3], right[5]])
})

it('[DISP-3.6] names all units of a run whose accepted outputs are gone', () => {
  expect(units(differingUnits({ first: 7, count: 2 }, undefined, [ok('a'), ok('b')]))).toEqual([7, 8])
})

it('[DISP-3.6] reads accepted outputs out of rows and blobs, and leaves out what is gone or damaged', () => {
  const outputs = ['in a row', 'in a blob', 'damaged', 'gone', 'beyond'].map(text => encodeOutputs([ok(text)]))
  const digests = outputs.map(bytes => new Uint8Array(createHash('sha256').update(bytes).digest()))
  const rows = digests.map((digest, index) => ({
    firstUnit: 10 + index,
    unitCount: 1,
    digest,
    outputs: index === 0 ? outputs[0] : null,
  })) as AcceptedRow[]
  const blobs = new Map([
    [toHex(digests[1] as Uint8Array), outputs[1]],
    [toHex(digests[2] as Uint8Array), outputs[0]],
    [toHex(digests[4] as Uint8Array), outputs[4]],
  ])
  const file = {
    job: { id: 'j' },
    lease: { firstUnit: 10, unitCount: 4 },
    runs: rows.slice(0, 4).map(({ firstUnit, digest }) => ({ first: firstUnit, count: 1, digest: toHex(digest) })),
  }
  const store = {
    *acceptedOutputs(_: string, from = 0) {
      yield* rows.filter(({ firstUnit }) => firstUnit >= from)
    },
  }
  const answers = acceptedAnswers(store as never, digest => blobs.get(toHex(digest)) ?? null, file as never)
  expect([...answers]).toEqual([
    [10, outputs[0]],
    [11, outputs[1]],
  ])
})

/** What is read again after it was kept. */
function kept(wrong: { unit: number; right: UnitOutcome }[]) {
  const write = noteCorrection('d', wrong)
  if (write.table !== 'meta') throw new Error('it is kept as a note')
  const found = correctionOf({ meta: key => (key === write.key ? write.value : null) }, 'd')
  return { ...found, wrong: rangesText(found?.wrong as never), size: write.value.length }
}

it('[DISP-3.6] keeps what is right as long as it is small, and how a unit ended where it has no output', () => {
  const large = utf8('x'.repeat(20_000))
  const found = kept([
    { unit: 3, right: ok('three') },
    { unit: 4, right: { kind: 'ok', fuel: 9, bytes: large } },
    { unit: 5, right: { kind: 'trap', fuel: 1, trap: 'unreachable' } },
    { unit: 9, right: { kind: 'exit', fuel: 2, code: 3 } },
    { unit: 11, right: { kind: 'out_of_fuel', fuel: 4 } },
  ])
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  expect(found.wrong).toBe('3-5, 9, 11')
  expect(found.right).toEqual([
    { unit: 3, outcome: 'ok', fuel: 5, bytes: 5, sha256: sha256(utf8('three')), base64: toBase64(utf8('three')) },
    { unit: 4, outcome: 'ok', fuel: 9, bytes: 20_000, sha256: sha256(large) },
    { unit: 5, outcome: 'trap', fuel: 1, detail: 'unreachable' },
    { unit: 9, outcome: 'exit', fuel: 2, detail: '3' },
    { unit: 11, outcome: 'out_of_fuel', fuel: 4 },
  ])
  expect(correctionOf({ meta: () => null }, 'd')).toBeNull()
})

it('[DISP-3.6] bounds the note of a lease of which every other unit is wrong', () => {
  const found = kept(Array.from({ length: 32_768 }, (_, i) => ({ unit: 2 * i, right: ok('y'.repeat(300)) })))
  expect(found.right).toHaveLength(RIGHT_UNITS_MAX)
  expect(found.right?.filter(({ base64 }) => base64 !== undefined).length).toBe(Math.floor(16_384 / 300))
  expect(found.size).toBeLessThan(150_000)
  const { wrong } = correctionOf(
    {
      meta: () =>
        (
          noteCorrection(
            'd',
            Array.from({ length: 32_768 }, (_, i) => ({ unit: 2 * i, right: ok('') })),
          ) as { value: string }
        ).value,
    },
    'd',
  ) as never as { wrong: Iterable<{ first: number; count: number }> }
  const ranges = [...wrong]
  expect(ranges).toHaveLength(4_096)
  expect(ranges.at(-1)).toEqual({ first: 8_190, count: 65_534 - 8_190 + 1 })
})
