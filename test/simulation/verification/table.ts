/** Every kind of cheat against the region's checks, as a table with the theory beside it. */
import { PLANS } from './cheats.ts'
import { spotCheckError, spotCheckErrorWorst, votingError } from './theory.ts'
import { runTrial, type TrialOptions, type TrialOutcome } from './trial.ts'

const SHARES = [0.01, 0.05, 0.2]
/** Of each kind, since it is chance when the first of them is caught, and much depends on that. */
const FLEETS = 4
const DEVICES = 100
const UNITS_PER_DEVICE = 800
const THETA = 0.999

const WIDTHS = [5, 12, 24, 7, 7, 7, 9, 7, 9, 9, 9, 9, 9, 8, 7]
const HEADS = [
  ...['f', 'kind', 'cheats', 'first', 'steady', 'all', 'accepted', 'tried', 'wrong', 'share'],
  ...['stated', 'theory', 'worst s', 'caught', 'honest'],
]

const LEGEND = [
  `The sum of ${FLEETS} fleets in each row: ${DEVICES} devices of ${DEVICES} owners, ${DEVICES * UNITS_PER_DEVICE} units of a lease each, theta ${THETA}, the region's assumed share of saboteurs 0.1.`,
  'first, steady, all: leases for each accepted unit in the first tenth, the second half and the whole of the job.',
  'tried: wrong answers returned. wrong, share: wrong units accepted when the job is done. stated: what the job says of that.',
  'theory, worst s: spot checks with blacklisting (Sarmenta) at the share of leases that was compared, at this and at the worst rate of cheating.',
  'caught: cheats caught, of how many. honest: honest devices punished.\n',
]

const exponential = (value: number): string => (value === 0 ? '0' : value.toExponential(1))
const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i < 3 ? cell.padEnd(WIDTHS[i] ?? 0) : cell.padStart(WIDTHS[i] ?? 0))).join(' ')

/** What a row tells of a trial, or of several. */
type RowFigures = Omit<TrialOutcome, 'leasesUntilCaught'>

/** Counts added up; leases for each unit on average, since the fleets have as many units. */
function sumOf(outcomes: readonly TrialOutcome[]): RowFigures {
  const sum = (value: (outcome: TrialOutcome) => number) => outcomes.reduce((total, one) => total + value(one), 0)
  return {
    units: sum(one => one.units),
    cheatsTried: sum(one => one.cheatsTried),
    wrongUnits: sum(one => one.wrongUnits),
    expectedWrongUnits: sum(one => one.expectedWrongUnits),
    cheaters: sum(one => one.cheaters),
    cheatersCaught: sum(one => one.cheatersCaught),
    honestPunished: sum(one => one.honestPunished),
    copiesFirst: sum(one => one.copiesFirst) / outcomes.length,
    copiesSteady: sum(one => one.copiesSteady) / outcomes.length,
    copiesAll: sum(one => one.copiesAll) / outcomes.length,
  }
}

function rowOf({ f, kind, plan }: Omit<TrialOptions, 'seed'>, outcome: RowFigures): string {
  const { copiesFirst, copiesSteady, copiesAll, units, wrongUnits } = outcome
  // Each lease beyond the first of a unit compares two.
  const q = Math.min(1, (2 * (copiesAll - 1)) / copiesAll)
  const n = UNITS_PER_DEVICE * copiesAll
  return line([
    ...[`${f}`, kind, plan.name],
    ...[copiesFirst, copiesSteady, copiesAll].map(copies => copies.toFixed(3)),
    ...[`${units}`, `${outcome.cheatsTried}`, `${wrongUnits}`],
    ...[wrongUnits / units, outcome.expectedWrongUnits / units].map(exponential),
    ...[spotCheckError(f, plan.rate, q, n), spotCheckErrorWorst(f, q, n)].map(exponential),
    ...[`${outcome.cheatersCaught}/${outcome.cheaters}`, `${outcome.honestPunished}`],
  ])
}

/**
 * @param print - takes one line
 * @param shares - of the devices that cheat, one block of the table for each
 */
export function printVerification(print: (text: string) => void, shares: readonly number[] = SHARES): void {
  for (const text of LEGEND) print(text)
  print(line(HEADS))
  for (const f of shares) {
    for (const kind of ['independent', 'colluding'] as const) {
      for (const plan of PLANS) {
        const options = { devices: DEVICES, f, kind, plan, theta: THETA, unitsPerDevice: UNITS_PER_DEVICE }
        const fleets = Array.from({ length: FLEETS }, (_, fleet) => `sim/${f}/${kind}/${plan.name}/${fleet}`)
        print(rowOf(options, sumOf(fleets.map(seed => runTrial({ ...options, seed })))))
      }
    }
    const votes = [2, 3].map(m => `${m}-first ${exponential(votingError(m, f))}`).join(', ')
    print(`      voting instead, all cheats of one mind and cheating always: ${votes}\n`)
  }
}
