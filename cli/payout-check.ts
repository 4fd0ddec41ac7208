/** Checks an epoch of another region from its public log, before this coordinator signs for it. */
import { auditLog, createHttpSource, type LogSource, openLogFile } from '../auditor/index.ts'
import { type ChainTerms, PayoutReplay } from '../coordinator/payout/index.ts'
import { ConfigError, equalBytes, type NoteKey, toHex } from '../protocol/index.ts'
import { nodeSha256, nodeVerifier, systemClock } from '../protocol/node/index.ts'

/** An epoch that the log and the terms of the contract agree on. */
export interface CheckedEpoch {
  readonly root: Uint8Array
  readonly epoch: number
  /** In base units of the token. */
  readonly total: bigint
  readonly payees: number
  readonly epochMicro: bigint
}

/**
 * Audits the whole log, works out the epoch's root from its transfers, and compares.
 * @param place - address of a coordinator, or path of an export or a database
 * @param key - the log's key; the one that its first entry names when null
 * @throws {ConfigError} `damaged` naming what is wrong, `not_found` when the epoch is not in the log
 */
export async function checkEpoch(
  terms: ChainTerms,
  epoch: number,
  place: string,
  key: NoteKey | null,
): Promise<CheckedEpoch> {
  const { epochTree } = await import('../coordinator/payout/chain/index.ts')
  const replay = new PayoutReplay(epoch)
  const rows = {
    begin: () => {},
    entry: (_index: number, entry: Parameters<PayoutReplay['apply']>[0]) => replay.apply(entry),
    ending: () => {},
    payout: () => {},
    finish: () => {},
  }
  const source = openSource(place)
  try {
    const ports = { hash: nodeSha256, verifier: nodeVerifier() }
    const report = await auditLog(ports, source, key === null ? { rows } : { rows, key })
    const [problem] = report.problems
    if (problem !== undefined) throw refused(source, `it breaks the rule ${problem.rule}: ${problem.message}`)
  } finally {
    source.close()
  }
  const [problem] = replay.problems
  if (problem !== undefined) throw refused(source, problem)
  const { closed } = replay
  if (closed === null) {
    throw new ConfigError(
      { code: 'not_found', path: place },
      `The log of ${source.name} has no payout of epoch ${epoch}.`,
    )
  }
  if (closed.entry.method !== 'chain') throw refused(source, `epoch ${epoch} was not paid out on a chain`)
  const { message } = epochTree(terms, epoch, closed.paid)
  if (!equalBytes(message.root, closed.entry.root)) {
    const found = `its transfers give the root ${toHex(message.root)} for this contract, and it says ${toHex(closed.entry.root)}`
    throw refused(source, `${found}; compare contract, chain and scale with the other coordinator's settings`)
  }
  return { ...message, payees: closed.entry.payees, epochMicro: closed.entry.epochMicro }
}

function openSource(place: string): LogSource {
  if (/^https?:\/\//.test(place)) return createHttpSource(place, { clock: systemClock, fetch })
  return openLogFile(place, nodeSha256).source
}

function refused(source: LogSource, reason: string): ConfigError {
  return new ConfigError(
    { code: 'damaged', path: source.name, reason },
    `The log of ${source.name} is not to be signed for: ${reason}.`,
  )
}
