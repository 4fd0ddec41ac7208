/** What a second look says of the answers that were given before. Pure comparison; nothing is moved. */
import { createHash } from 'node:crypto'
import { checkOutputs, type DeviceId, fuelPrice, toHex, type UnitOutcome } from '../../protocol/index.ts'
import type { Retrial } from '../jobs/job.ts'
import { answersOf, outputsOf } from '../jobs/retrial.ts'
import type { JobRow } from '../store/rows.ts'
import type { CaseFile, CaseRun, LostVote } from './case-file.ts'
import { differingUnits, type WrongUnit } from './differing-units.ts'
import type { Party } from './dispute.ts'

/** A device that was paid for answers that the second look contradicts. A run is paid as one, and so it is wrong as one. */
export interface WrongDoer {
  readonly device: DeviceId
  readonly units: number
  /** What it was paid for them. */
  readonly paidMicro: bigint
  /** The rest of their price. */
  readonly feeMicro: bigint
}

/** An answer that was voted down and was right. */
export interface Vindicated {
  readonly vote: LostVote
  /** What its units burned that it was not paid for. */
  readonly unpaidFuel: number
  /** Units that counted against it: the first of its runs that were decided wrongly. */
  readonly rejectedUnits: number
}

export interface Finding {
  /** Whether whoever disputed was right. */
  readonly upheld: boolean
  /** Units whose accepted answer is wrong, in order. */
  readonly wrong: readonly WrongUnit[]
  readonly wrongDoers: readonly WrongDoer[]
  readonly vindicated: readonly Vindicated[]
  /** Devices whose answers were accepted and stand. */
  readonly right: readonly DeviceId[]
}

/**
 * Compares what was accepted and what was voted down with what the second look came to, byte for byte and fuel for fuel.
 * @see spec/clauses.md [DISP-3.1]
 */
export function findingOf(file: CaseFile, retrial: Retrial, party: Party): Finding {
  const answers = answersOf(retrial)
  const isRight = (first: number, count: number, digest: string) => {
    return digestOf(outputsOf(retrial, answers, first, count)) === digest
  }
  const wrong = file.runs.filter(({ first, count, digest }) => !isRight(first, count, digest))
  const vindicated = file.lost
    .filter(({ lease }) => isRight(lease.firstUnit, lease.unitCount, toHex(lease.digest ?? new Uint8Array())))
    .map(vote => vindicate(vote, file, retrial, answers, wrong))
  const wrongDoers = wrongDoersOf(file.job, wrong)
  const guilty = new Set(wrongDoers.map(({ device }) => device))
  const paid = file.runs.flatMap(run => run.paid.map(({ device }) => device))
  return {
    upheld:
      party.kind === 'device'
        ? vindicated.some(({ vote }) => vote.lease.id === file.lease.id)
        : wrong.some(run => run.paid.some(({ lease }) => lease === file.lease.id)),
    wrong: wrong.flatMap(run => {
      const at = run.first - retrial.first
      return differingUnits(run, file.answers?.get(run.first), answers.slice(at, at + run.count))
    }),
    wrongDoers,
    vindicated,
    right: [...new Set(paid)].filter(device => !guilty.has(device)),
  }
}

function vindicate(
  vote: LostVote,
  { runs }: CaseFile,
  retrial: Retrial,
  answers: readonly UnitOutcome[],
  wrong: readonly CaseRun[],
): Vindicated {
  const { id, firstUnit, unitCount } = vote.lease
  const { fuel } = checkOutputs(outputsOf(retrial, answers, firstUnit, unitCount), unitCount)
  const paidFuel = runs
    .filter(({ paid }) => paid.some(({ lease }) => lease === id))
    .reduce((sum, run) => sum + run.fuel, 0)
  const first = wrong.find(run => run.first >= firstUnit && run.first + run.count <= firstUnit + unitCount)
  return { vote, unpaidFuel: fuel - paidFuel, rejectedUnits: first?.count ?? 0 }
}

function wrongDoersOf(job: JobRow, wrong: readonly CaseRun[]): WrongDoer[] {
  const sums = new Map<DeviceId, Omit<WrongDoer, 'device'>>()
  for (const { count, fuel, paid } of wrong) {
    const priceMicro = fuelPrice(fuel, job.gigafuelPriceMicro)
    for (const { device, amountMicro } of paid) {
      const { units, paidMicro, feeMicro } = sums.get(device) ?? { units: 0, paidMicro: 0n, feeMicro: 0n }
      const restMicro = priceMicro - amountMicro
      sums.set(device, { units: units + count, paidMicro: paidMicro + amountMicro, feeMicro: feeMicro + restMicro })
    }
  }
  return [...sums].map(([device, sum]) => ({ device, ...sum }))
}

const digestOf = (outputs: Uint8Array): string => createHash('sha256').update(outputs).digest('hex')
