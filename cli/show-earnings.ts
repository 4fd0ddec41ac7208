/** What the newest receipt of a device says, and what can be proven of it. */
import { join } from 'node:path'
import {
  type EarningsFolder,
  type LogVerdict,
  openEarningsFolder,
  openIdentity,
  openReceipt,
  verifyEarnings,
} from '../device/index.ts'
import { ConfigError, type NoteKey, parseVerifierKey, type ReceiptEntry } from '../protocol/index.ts'
import { nodeSha256, nodeVerifier, systemRandom } from '../protocol/node/index.ts'
import { httpLog, httpUrlOf } from './device-earnings.ts'
import type { Output } from './output.ts'
import { formatMicro, formatTime } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { factLines } from './terminal/table.ts'
import { printable } from './terminal/text.ts'

export interface ShowEarnings {
  readonly stateDir: string
  readonly verify: boolean
  /** Verifier keys with commas between. */
  readonly witness: string | undefined
  readonly out: Output
}

/**
 * Prints the receipt and, when asked, the verdict.
 * @returns false when a rule is broken
 */
export async function showEarnings({ stateDir, verify, witness, out }: ShowEarnings): Promise<boolean> {
  const folder = openEarningsFolder(stateDir)
  const region = folder.region()
  const receipt = folder.newest()
  if (receipt === null) {
    const message = `The device in ${stateDir} has no receipt yet: the region sends one a while after it was paid first.`
    throw new ConfigError({ code: 'not_found', path: folder.path }, message)
  }
  const { id: device } = openIdentity(join(stateDir, 'device.key'), systemRandom)
  const trust = { device, regionKey: region.regionKey, verifier: nodeVerifier(), hash: nodeSha256 }
  const totals = totalsOf(openReceipt(receipt, trust).says)
  const evidence = folder.evidence()
  const witnesses = verify ? knownWitnesses(folder, witness, out) : []
  const verdict = verify
    ? await verifyEarnings({
        receipt,
        trust,
        source: httpLog(httpUrlOf(region), stateDir),
        witnesses,
        lastNote: folder.checkpoint(),
      })
    : null
  if (verdict?.ok === true && verdict.checkpoint !== null) folder.keepCheckpoint(verdict.checkpoint.note)
  const value = {
    device,
    region: region.region,
    ...totals,
    evidence,
    ...(verdict === null ? {} : { verdict: shown(verdict) }),
  }
  out.result(value, style => [
    ...factLines(factsOf(region.region, totals), style),
    ...evidence.map(name => style.bad(`The region has contradicted itself: ${join(folder.path, 'evidence', name)}`)),
    ...(verdict === null ? [] : ['', ...verdictLines(verdict, style)]),
  ])
  return verdict?.ok ?? true
}

/** Amounts as decimal texts of micro-credits. */
function totalsOf({ seq, atMs, earnedMicro, lostMicro, releasedMicro, paidOutMicro }: ReceiptEntry) {
  return {
    seq,
    atMs,
    earnedMicro: `${earnedMicro}`,
    heldMicro: `${earnedMicro - lostMicro - releasedMicro}`,
    lostMicro: `${lostMicro}`,
    availableMicro: `${releasedMicro - paidOutMicro}`,
    paidOutMicro: `${paidOutMicro}`,
  }
}

function factsOf(region: string, totals: ReturnType<typeof totalsOf>): Record<string, string> {
  return {
    region,
    receipt: `number ${totals.seq} of ${formatTime(totals.atMs)}`,
    earned: formatMicro(totals.earnedMicro),
    'held back': formatMicro(totals.heldMicro),
    lost: formatMicro(totals.lostMicro),
    available: formatMicro(totals.availableMicro),
    'paid out': formatMicro(totals.paidOutMicro),
  }
}

/** Keys that are given count from now on; without any, those that counted before. */
function knownWitnesses(folder: EarningsFolder, given: string | undefined, out: Output): NoteKey[] {
  const kept = folder.witnesses()
  if (given === undefined) {
    if (kept.length === 0) out.note('No witness is known: name two that you trust with --witness.')
    else out.note('The witnesses are those that were named the first time.')
    return kept
  }
  const keys = given.split(',').map(text => parseVerifierKey(text.trim()))
  if (kept.length === 0) {
    folder.keepWitnesses(keys)
    out.note('These witnesses are kept and count from now on: trust on first use.')
  }
  return keys
}

function shown({ ok, rules, checkpoint }: LogVerdict) {
  return { ok, broken: rules.find(rule => !rule.ok)?.name ?? null, rules, size: checkpoint?.size ?? null }
}

function verdictLines({ rules, ok }: LogVerdict, style: Style): string[] {
  const lines = rules.map(
    rule => `${rule.ok ? style.good('ok') : style.bad('BROKEN')} ${rule.name}: ${printable(rule.detail)}`,
  )
  return [...lines, ok ? style.good('verified') : style.bad('NOT VERIFIED')]
}
