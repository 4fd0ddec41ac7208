/** `node verify-history.ts FILE`: audits the database of a log as `hedgerow ledger verify --file` does, and tells what it took. */
import { auditLog, openLogFile } from '../../../auditor/index.ts'
import { nodeSha256, nodeVerifier } from '../../../protocol/node/index.ts'

export interface HistoryVerdict {
  readonly entries: number
  readonly transfers: number
  readonly seconds: number
  /** Resident memory of this process at its highest. */
  readonly peakMiB: number
  /** Broken rules, in words. */
  readonly problems: readonly string[]
}

async function verify(file: string): Promise<HistoryVerdict> {
  const startMs = performance.now()
  const { source, rows } = openLogFile(file, nodeSha256)
  const options = rows === null ? {} : { rows }
  const { figures, problems } = await auditLog({ hash: nodeSha256, verifier: nodeVerifier() }, source, options)
  source.close()
  return {
    entries: figures.entries,
    transfers: figures.transfers,
    seconds: (performance.now() - startMs) / 1_000,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
    problems: problems.map(({ rule, message }) => `${rule}: ${message}`),
  }
}

const [file = ''] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await verify(file)))
