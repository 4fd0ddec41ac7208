/** What a transfer paid for, and how its amount came about. */
import { formatCredits, fuelPrice, type JobId } from '../../protocol/index.ts'
import type { Explanation } from '../http/admin-api.ts'
import type { JobRow, Store, TransferPhase, TransferRow } from '../store/rows.ts'

/** The run that a device was paid for, and at what price. */
export interface PaidRun {
  gigafuelPriceMicro: bigint
  /** Null when the run was taken back since, because its device was caught. */
  fuel: number | null
}

const credits = (micro: bigint): string => `${formatCredits(micro)} credits`

/**
 * The run behind a payment to a device; null for every other transfer.
 * @param rowOf - a job's row, running or over
 */
export function paidRun(
  transfer: TransferRow,
  store: Pick<Store, 'acceptedRun'>,
  rowOf: (id: JobId) => JobRow | null,
): PaidRun | null {
  if (transfer.kind !== 'pay' || !transfer.purpose.startsWith('pay/')) return null
  const [, id = '', , run = ''] = transfer.purpose.split('/')
  const row = rowOf(id as JobId)
  if (!row) return null
  const [first, count] = run.split('+').map(Number)
  const accepted = first === undefined ? null : store.acceptedRun(row.id, first)
  const fuel = accepted !== null && accepted.unitCount === count ? accepted.fuel : null
  return { gigafuelPriceMicro: row.gigafuelPriceMicro, fuel }
}

/** Says what a transfer was for; `run` is what a payment to a device paid for. */
export function explainPayment(transfer: TransferRow, run: PaidRun | null): Explanation {
  const { kind, phase, purpose, debit, credit, amountMicro, atMs, id } = transfer
  const reasons = [paymentReason(kind, purpose.split('/')), ...phaseReason(phase)]
  if (run) reasons.push(priceReason(run))
  return {
    summary: `${credits(amountMicro)} ${PHASE_WORDS[phase]} from ${debit} to ${credit}.`,
    reasons,
    facts: { id, kind, phase, debit, credit, amountMicro: `${amountMicro}`, ...runFacts(run), purpose, atMs },
  }
}

const PHASE_WORDS: Record<TransferPhase, string> = {
  single: 'went',
  pending: 'were set aside to go',
  post: 'that were set aside went',
  void: 'that were set aside did not go',
  expire: 'that were set aside did not go',
}

function phaseReason(phase: TransferPhase): string[] {
  if (phase === 'pending') return ['They are neither spent nor received until this is decided.']
  if (phase === 'void') return ['What was not needed of them is free again.']
  return phase === 'expire' ? ['The time to decide ran out, so they are free again.'] : []
}

function runFacts(run: PaidRun | null): Record<string, string | number> {
  if (!run) return {}
  const { fuel, gigafuelPriceMicro } = run
  return { ...(fuel === null ? {} : { fuel }), gigafuelPriceMicro: `${gigafuelPriceMicro}` }
}

/** A job of before work was metered has a price of 0, and its payments cannot be reckoned again. */
function priceReason({ fuel, gigafuelPriceMicro }: PaidRun): string {
  if (gigafuelPriceMicro === 0n) return 'The work was priced by the unit, before work was metered.'
  if (fuel === null) return 'The device was caught later, and the units were done again by others.'
  const priceMicro = fuelPrice(fuel, gigafuelPriceMicro)
  return `That burned ${fuel} fuel, which at ${credits(gigafuelPriceMicro)} for 10^9 costs ${credits(priceMicro)}, rounded up; the region's fee is part of it.`
}

function paymentReason(kind: TransferRow['kind'], parts: readonly string[]): string {
  const [, first = '', second = '', third = ''] = parts
  switch (kind) {
    case 'fund':
      return `The region issued credits to the submitter ${first}.`
    case 'escrow':
      return `The budget of ${first}, a job or a campaign, was set aside when it was accepted.`
    case 'pay': {
      if (parts[0] === 'sense') return sensingReason(parts)
      return `Lease ${second} of job ${first} answered ${unitsOf(third)} rightly. The amount is the price of the fuel less the region's fee; what of that is no whole micro-credit is carried to the device's next payment.`
    }
    case 'fee':
      return `The region's fee on everything that ${first}, a job or a campaign, paid.`
    case 'refund':
      return `What ${first}, a job or a campaign, did not need of its budget.`
    case 'release':
      return `Earnings of device ${first} that were held for a whole window without a wrong result coming out.`
    case 'slash':
      return `Device ${first} returned a wrong result, so its holdback was taken.`
    case 'deposit':
      return `Whoever opened dispute ${first} vouches for it with this.`
    case 'award':
      return `Dispute ${first} was decided so.`
    case 'payout':
      return `Earnings of device ${second} were paid out with epoch ${first}.`
    case 'dust':
      return `When ${first}, a job or a campaign, ended, what devices are owed beyond whole micro-credits was put by, or given to the region where less is owed now.`
  }
}

/** `sense/<campaign>/<window>/<sensor>/<revision>` */
function sensingReason([, campaign = '', windowMs = '', sensor = '', revision = '']: readonly string[]): string {
  const window = new Date(Number(windowMs)).toISOString()
  const late = revision === '1' ? '' : ` that came late (revision ${revision})`
  return (
    `Sensor ${sensor} had readings accepted${late} in the window from ${window} of campaign ${campaign}. ` +
    "The amount is their price less the region's fee."
  )
}

/** `unit 3`, or `units 3 to 7`, of a run such as `3+5`. */
function unitsOf(run: string): string {
  const [first = 0, count = 0] = run.split('+').map(Number)
  return count === 1 ? `unit ${first}` : `units ${first} to ${first + count - 1}`
}
