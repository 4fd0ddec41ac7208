/** Replays the whole public log as anybody can, with code that shares nothing with what wrote it. */
import { auditLog, createHttpSource, openLogFile } from '../../auditor/index.ts'
import { nodeSha256, nodeVerifier, systemClock } from '../../protocol/node/index.ts'

const PORTS = { hash: nodeSha256, verifier: nodeVerifier() }

/** The log in a database that nobody uses, and the rows beside it. */
export async function auditDatabase(file: string, problems: string[]): Promise<void> {
  const { source, rows } = openLogFile(file, nodeSha256)
  try {
    const report = await auditLog(PORTS, source, rows === null ? {} : { rows })
    for (const { rule, message } of report.problems) problems.push(`The audit of the database: ${rule}: ${message}`)
  } finally {
    source.close()
  }
}

/** The log as the coordinator shows it. @param size - entries that it must have at least */
export async function auditShown(url: string, size: number, problems: string[]): Promise<void> {
  const source = createHttpSource(url, { clock: systemClock, fetch })
  const report = await auditLog(PORTS, source)
  for (const { rule, message } of report.problems) problems.push(`The audit over HTTP: ${rule}: ${message}`)
  if (report.figures.entries < size)
    problems.push(`Over HTTP the log has ${report.figures.entries} entries, and ${size} were shown.`)
}
