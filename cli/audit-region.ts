/** Audits the log of a running region up to now: waits until what has been booked so far is signed. */
import { type AuditReport, auditLog, createHttpSource } from '../auditor/index.ts'
import type { Clock } from '../protocol/index.ts'
import { nodeSha256, nodeVerifier } from '../protocol/node/index.ts'
import type { AdminClient } from './admin-client.ts'
import { sleep } from './wait.ts'

const POLL_MS = 100

/** @returns what an auditor finds, once every transfer that the region had at the call is below a signed checkpoint */
export async function auditRegion(
  api: Pick<AdminClient, 'httpUrl' | 'ledgerBalance'>,
  clock: Clock,
  stop: AbortSignal,
): Promise<AuditReport> {
  const { transfers } = await api.ledgerBalance()
  const ports = { hash: nodeSha256, verifier: nodeVerifier() }
  const source = createHttpSource(api.httpUrl, { clock, fetch })
  for (let seen: string | null = null; ; await sleep(clock, POLL_MS, stop)) {
    stop.throwIfAborted()
    const checkpoint = await source.checkpoint()
    if (checkpoint === null || checkpoint === seen) continue
    seen = checkpoint
    const report = await auditLog(ports, source)
    if (!report.ok || report.figures.transfers >= transfers) return report
  }
}
