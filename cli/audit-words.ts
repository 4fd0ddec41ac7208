/** What an audit came to, in words. */
import type { AuditReport, Cosignature } from '../auditor/index.ts'
import { toHex } from '../protocol/index.ts'
import { formatCount, formatMicro, formatTime } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { factLines } from './terminal/table.ts'
import { printable } from './terminal/text.ts'

/** The lines of the report; the first says whether all is well. */
export function auditLines(report: AuditReport, style: Style): string[] {
  const { ok, figures, problems, problemCount, notes } = report
  const { entries, transfers, accounts } = figures
  const counted = `${formatCount(entries)} entries, ${formatCount(transfers)} transfers, ${formatCount(accounts)} accounts`
  const more = problemCount - problems.length
  return [
    `ledger verify: ${ok ? style.good('ok') : style.bad('NOT OK')} (${counted})`,
    ...problems.map(({ rule, message }) => `- ${style.bad(rule)}: ${printable(message)}`),
    ...(more > 0 ? [`- and ${formatCount(more)} more`] : []),
    ...factLines(factsOf(report), style),
    ...notes.map(note => style.dim(note)),
  ]
}

function factsOf({ region, checkpoint, figures }: AuditReport): Record<string, string> {
  const { balancesMicro } = figures
  return {
    region: region === null ? 'unknown' : `${region.name} (${region.id})`,
    ...(checkpoint === null
      ? { checkpoint: 'none yet' }
      : {
          checkpoint: `${formatCount(checkpoint.size)} entries, root ${toHex(checkpoint.root)}`,
          cosigned: checkpoint.cosignatures.map(cosignatureWords).join(', ') || 'by nobody',
        }),
    devices: formatCount(figures.devices),
    jobs: `${formatCount(figures.jobs)}, ${formatCount(figures.jobsOpen)} of them open`,
    campaigns: `${formatCount(figures.campaigns)}, ${formatCount(figures.campaignsOpen)} of them open`,
    payments: formatCount(figures.payments),
    receipts: formatCount(figures.receipts),
    'payout epochs': formatCount(figures.epochs),
    disputes: formatCount(figures.disputes),
    issued: formatMicro(figures.issuedMicro),
    'with submitters': formatMicro(balancesMicro.submitter),
    'in escrow': formatMicro(balancesMicro.escrow),
    earned: formatMicro(figures.earnedMicro),
    'held back': formatMicro(figures.heldMicro),
    lost: formatMicro(figures.lostMicro),
    available: formatMicro(balancesMicro.available),
    'paid out': formatMicro(figures.paidOutMicro),
    fees: formatMicro(balancesMicro.fee),
    slashed: formatMicro(balancesMicro.slashed),
    'pending transfers': formatCount(figures.pending),
  }
}

function cosignatureWords({ name, timeS, verified }: Cosignature): string {
  const when = timeS === null ? '' : ` at ${formatTime(timeS * 1_000)}`
  return `${name}${when}${verified ? '' : ' (not checked)'}`
}

/** The report as JSON can have it: amounts as text, byte strings as hexadecimal. */
export function auditJson({ checkpoint, figures, ...rest }: AuditReport): unknown {
  const { balancesMicro, ...counts } = figures
  return {
    ...rest,
    checkpoint: checkpoint === null ? null : { ...checkpoint, root: toHex(checkpoint.root) },
    figures: { ...texts(counts), balancesMicro: texts(balancesMicro) },
  }
}

function texts(values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value]),
  )
}
