import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRun, type Lease, type Run, type Vote } from '../../../../coordinator/jobs/job.ts'
import { sliceVote, splitRun } from '../../../../coordinator/jobs/split-run.ts'
import { decodeOutputs, encodeOutputs, type UnitOutcome, utf8 } from '../../../../protocol/index.ts'

const FIRST = 100
const lease = {} as Lease
const ok = (text: string, fuel = 7): UnitOutcome => ({ fuel, kind: 'ok', bytes: utf8(text) })
const trap: UnitOutcome = { fuel: 7, kind: 'trap', trap: 'unreachable' }
const exit: UnitOutcome = { fuel: 7, kind: 'exit', code: 1 }
const empty: UnitOutcome = { fuel: 7, kind: 'out_of_fuel' }

function voteOf(outcomes: readonly UnitOutcome[]): Vote {
  const outputs = encodeOutputs([...outcomes])
  const digest = createHash('sha256').update(outputs).digest('hex')
  const failedUnits = outcomes.filter(({ kind }) => kind !== 'ok').length
  const fuel = outcomes.reduce((sum, outcome) => sum + outcome.fuel, 0)
  return { lease, outputs, digest, failedUnits, fuel, isBlob: false }
}

/** What stands for something else than an output; `A` is the output `a` for one fuel more. */
const SIGNS: Readonly<Record<string, UnitOutcome>> = { '!': trap, '?': exit, '0': empty, A: ok('a', 8) }

/** A run with a vote for each text, one character a unit. */
function runOf(...votes: readonly string[]): Run {
  const run = createRun(FIRST, votes[0]?.length ?? 0)
  run.votes = votes.map(text => voteOf([...text].map(unit => SIGNS[unit] ?? ok(unit))))
  return run
}

const shape = (pieces: readonly Run[]): string[] => pieces.map(({ first, count }) => `${first - FIRST}+${count}`)

describe('a run whose votes differ', () => {
  it.each<[votes: string[], pieces: string[]]>([
    [
      ['aaaa', 'aaba'],
      ['0+2', '2+1', '3+1'],
    ],
    [
      ['aaaa', 'baaa'],
      ['0+1', '1+3'],
    ],
    [
      ['aaaa', 'aaab'],
      ['0+3', '3+1'],
    ],
    [
      ['aaaa', 'aabb'],
      ['0+2', '2+2'],
    ],
    [['aaaa', 'bbbb'], ['0+4']],
    [
      ['aaaa', 'abaa', 'abca'],
      ['0+1', '1+1', '2+1', '3+1'],
    ],
    [['aabb', 'aabb'], ['0+4']],
    [
      ['a!aa', 'aaaa'],
      ['0+1', '1+1', '2+2'],
    ],
    [
      ['a!aa', 'a?aa'],
      ['0+1', '1+1', '2+2'],
    ],
    [['a!aa', 'a!aa'], ['0+4']],
    [
      ['a!aa', 'a0aa'],
      ['0+1', '1+1', '2+2'],
    ],
    [
      ['aaaa', 'aAaa'],
      ['0+1', '1+1', '2+2'],
    ],
  ])('%j is cut into %j [VERIFY-2.2]', (votes, pieces) => {
    expect(shape(splitRun(runOf(...votes)))).toEqual(pieces)
  })

  it('is redone whole rather than cut into thousands', () => {
    const alternating = (length: number) => Array.from({ length }, (_, i) => (i % 2 === 0 ? 'a' : 'b')).join('')
    expect(splitRun(runOf('a'.repeat(64), alternating(64)))).toHaveLength(64)
    const run = runOf('a'.repeat(65), alternating(65))
    expect(splitRun(run)).toEqual([run])
  })

  it('keeps every unit of every vote, and its leases', () => {
    const letters = fc.stringMatching(/^[abA!?0]{24}$/)
    fc.assert(
      fc.property(fc.array(letters, { minLength: 2, maxLength: 4 }), texts => {
        const run = runOf(...texts)
        run.leases.add(lease)
        const pieces = splitRun(run)
        const again = run.votes.map((_, index) =>
          pieces.flatMap(piece => decodeOutputs(piece.votes[index]?.outputs ?? new Uint8Array(), piece.count)),
        )
        expect(again).toEqual(run.votes.map(vote => decodeOutputs(vote.outputs, run.count)))
        for (const piece of pieces) expect([...piece.leases]).toEqual([lease])
        expect(pieces.map(piece => piece.first)).toEqual(
          pieces.map((_, index) => pieces.slice(0, index).reduce((at, piece) => at + piece.count, FIRST)),
        )
      }),
    )
  })
})

describe('a part of a vote', () => {
  it('is the vote that part would have been', () => {
    const whole = voteOf([ok('a'), trap, ok('c'), exit])
    expect(sliceVote(whole, 1, 2)).toEqual(voteOf([trap, ok('c')]))
    expect(sliceVote({ ...whole, isBlob: true }, 0, 4)).toEqual(whole)
  })
})
