/** Audits entries of a log as they are, without a tree or a signature over them. */

import type { Problem, RuleCode } from '../../auditor/index.ts'
import { Problems } from '../../auditor/problems.ts'
import { Replay } from '../../auditor/replay/replay.ts'
import { decodeEntry, encodeEntry, type LogEntry } from '../../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../../protocol/node/index.ts'

/** Rules that worlds without real keys break: their devices and regions are names only. */
export const KEYLESS: readonly RuleCode[] = ['genesis.key', 'device.key']

/**
 * Replays entries as they would be read from a log.
 * @param ignored - rules that are not looked at
 * @returns what an auditor finds wrong with them
 */
export function auditEntries(entries: Iterable<LogEntry>, ignored: Iterable<RuleCode> = []): readonly Problem[] {
  return replayEntries(entries, ignored).problems
}

/** {@link auditEntries}, with the state that the entries lead to. */
export function replayEntries(
  entries: Iterable<LogEntry>,
  ignored: Iterable<RuleCode> = [],
): { replay: Replay; problems: readonly Problem[] } {
  const problems = new Problems(ignored)
  const replay = new Replay({ hash: nodeSha256, verifier: nodeVerifier() }, problems)
  let index = 0
  for (const entry of entries) replay.apply(index++, decodeEntry(encodeEntry(entry)))
  replay.finish()
  return { replay, problems: problems.list }
}

/** The same of a store's log. */
export function auditStore(
  store: { entryCount(): number; entries(from: number, to: number): Uint8Array[] },
  ignored: Iterable<RuleCode> = KEYLESS,
): readonly Problem[] {
  return auditEntries(store.entries(0, store.entryCount()).map(decodeEntry), ignored)
}
