/** What the public log says, entry by entry, in sentences. */
import { formatCredits } from '../../protocol/amounts.ts'
import { toHex } from '../../protocol/bytes.ts'
import type { LogEntry, TransferEntry, VerdictEntry } from '../../protocol/settlement/entry.ts'
import { count, counted, dateTime } from '../ui/format.ts'

/** One entry for a list. */
export interface EntryWords {
  /** What kind of entry it is: a word or two. */
  readonly title: string
  readonly text: string
}

const KIND_TITLES: Record<TransferEntry['kind'], string> = {
  fund: 'Funding',
  escrow: 'Escrow',
  pay: 'Payment',
  fee: 'Fee',
  refund: 'Refund',
  release: 'Release',
  slash: 'Slash',
  deposit: 'Deposit',
  award: 'Award',
  payout: 'Payout',
  dust: 'Dust',
}

const PHASES: Record<TransferEntry['phase'], string> = {
  single: '',
  pending: 'set aside',
  post: 'posted',
  void: 'voided',
  expire: 'expired',
}

/** The words of an entry. Names in it are the region's and peers' texts: show them as text. */
export function entryWords(entry: LogEntry): EntryWords {
  switch (entry.type) {
    case 'genesis':
      return { title: 'Beginning', text: `The region ${entry.region} (${entry.regionId}) opens its log.` }
    case 'opening':
      return { title: 'Opening', text: `${counted(entry.balances.length, 'account')} held money before the log began.` }
    case 'policy': {
      const fee = entry.feeBasisPoints / 100
      const held = hours(entry.holdbackWindowMs)
      return {
        title: 'Rules',
        text: `The fee is ${fee} %, earnings are held for ${held}, an epoch is ${hours(entry.epochMs)}.`,
      }
    }
    case 'transfer':
      return transferWords(entry)
    case 'device':
      return { title: 'Device', text: `The device ${shortId(entry.device)} of ${entry.owner} is enrolled.` }
    case 'standing':
      return {
        title: 'Standing',
        text: `The device ${shortId(entry.device)} is ${entry.standing}${entry.reason === '' ? '.' : `: ${entry.reason}`}`,
      }
    case 'job':
      return {
        title: 'Job',
        text: `${entry.submitter} hands in the job ${entry.job}: ${counted(entry.units, 'unit')}, at most ${credits(entry.budgetMicro)} cr, ${credits(entry.gigafuelPriceMicro)} cr a gigafuel.`,
      }
    case 'job-end': {
      const result = entry.result === null ? '' : `; its answer has the SHA-256 ${toHex(entry.result).slice(0, 12)}…`
      return { title: 'Job over', text: `The job ${entry.job} is ${entry.state}${result}.` }
    }
    case 'campaign':
      return {
        title: 'Campaign',
        text: `${entry.submitter} hands in the campaign ${entry.campaign}: ${credits(entry.priceMicro)} cr a reading, at most ${credits(entry.budgetMicro)} cr.`,
      }
    case 'campaign-end':
      return { title: 'Campaign over', text: `The campaign ${entry.campaign} is over.` }
    case 'verdict':
      return verdictWords(entry)
    case 'receipt':
      return {
        title: 'Receipt',
        text: `Receipt ${entry.seq} of ${shortId(entry.device)}: ${credits(entry.earnedMicro)} cr earned in all, ${credits(entry.lostMicro)} cr lost, ${credits(entry.releasedMicro)} cr released, ${credits(entry.paidOutMicro)} cr paid out.`,
      }
    case 'price': {
      const use = entry.utilisationBasisPoints / 100
      return {
        title: 'Prices',
        text: `From epoch ${entry.epoch} on a gigafuel costs ${credits(entry.gigafuelPriceMicro)} cr; ${use} % of what was on offer had been at work.`,
      }
    }
    case 'payout':
      return {
        title: 'Epoch paid',
        text: `Epoch ${entry.epoch} is closed: ${credits(entry.epochMicro)} cr to ${counted(entry.payees, 'payee')}, by ${entry.method}.`,
      }
    case 'binding':
      return {
        title: 'Address',
        text: `Earnings of ${shortId(entry.device)} go to 0x${toHex(entry.address).slice(0, 8)}… from ${dateTime(entry.effectiveAtMs)} on; the device signed that.`,
      }
    case 'dispute':
      return {
        title: 'Dispute',
        text: `The decision about ${entry.subject} is disputed; ${credits(entry.depositMicro)} cr are deposited.`,
      }
    case 'dispute-end':
      return {
        title: 'Dispute over',
        text: `The dispute ${shortId(entry.dispute)} is ${entry.outcome}: ${entry.detail}`,
      }
  }
}

function verdictWords({ campaign, windowMs, revision, lines }: VerdictEntry): EntryWords {
  const readings = lines.reduce((sum, line) => sum + line.readings, 0)
  const accepted = lines.reduce((sum, line) => sum + line.accepted, 0)
  const of = `${counted(readings, 'reading')} of ${counted(lines.length, 'sensor')}`
  return {
    title: 'Verdict',
    text: `Of ${of} in the window from ${dateTime(windowMs)}, ${count(accepted)} accepted (campaign ${campaign}, revision ${revision}).`,
  }
}

function transferWords({ kind, phase, debit, credit, amountMicro, purpose, basis }: TransferEntry): EntryWords {
  const how = PHASES[phase] === '' ? '' : `, ${PHASES[phase]}`
  const why =
    basis === null
      ? ''
      : basis.kind === 'run'
        ? `, for ${count(basis.fuel)} fuel`
        : `, for ${counted(basis.readings, 'reading')}`
  return {
    title: KIND_TITLES[kind],
    text: `${credits(amountMicro)} cr from ${account(debit)} to ${account(credit)}${why}${how} (${purpose}).`,
  }
}

/** `holdback of abcdef…wxyz` for `holdback:abcdef…`. */
export function account(id: string): string {
  const [form = '', subject = ''] = id.split(':')
  return subject === '' ? `the ${form}` : `${form} of ${shortId(subject)}`
}

const credits = (micro: bigint): string => formatCredits(micro)

function hours(ms: number): string {
  if (ms % 3_600_000 === 0) return `${count(ms / 3_600_000)} h`
  return ms % 60_000 === 0 ? `${count(ms / 60_000)} min` : `${count(ms / 1_000)} s`
}

/** An id by its first and last letters; show the whole in a title beside it. */
export const shortId = (id: string): string => (id.length > 13 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id)
