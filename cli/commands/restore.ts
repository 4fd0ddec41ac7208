import { resolve } from 'node:path'
import { auditJson, auditLines } from '../audit-words.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { coordinatorFolder, stateFolder } from '../state.ts'
import { CountLine } from '../terminal/count-line.ts'
import { formatCount, formatTime } from '../terminal/format.ts'

/** `hedgerow restore` */
export const restore = defineCommand({
  name: 'restore',
  summary: 'lay a backup out as a region’s folder, and audit it',
  details:
    'Takes the newest backup of DIR, or the one that DIR is. Nothing may be in the region’s folder yet. Every entry and row is audited before\n' +
    'you start the coordinator. A region that signed more of its log after this backup than its witnesses forgot refuses to start, since it would\n' +
    'fork the log: docs/operations.md says what is left to do then.',
  positionals: [{ name: 'DIR', describe: 'what hedgerow backup wrote' }],
  examples: [
    { line: 'hedgerow restore /media/usb/hedgerow --state region', does: 'then: hedgerow coordinator --state region' },
  ],
  run: async ({ options, args: [from = ''], io, out }) => {
    const stateDir = coordinatorFolder(stateFolder(io, options.state))
    const { restoreBackup } = await import('../../coordinator/backup/index.ts')
    const { auditLog, openLogFile } = await import('../../auditor/index.ts')
    const { nodeSha256, nodeVerifier } = await import('../../protocol/node/index.ts')
    const line = new CountLine(io)
    try {
      const manifest = await restoreBackup(resolve(io.cwd, from), stateDir, blobs =>
        line.update(`${formatCount(blobs)} blobs`),
      )
      const { source, rows, knownWitnesses } = openLogFile(resolve(stateDir, 'ledger.sqlite'), nodeSha256)
      using _closed = { [Symbol.dispose]: () => source.close() }
      const report = await auditLog(
        { hash: nodeSha256, verifier: nodeVerifier() },
        source,
        {
          knownWitnesses,
          ...(rows === null ? {} : { rows }),
        },
        ({ entries, size }) => line.update(`${formatCount(entries)} of ${formatCount(size)} entries`),
      )
      line.clear()
      out.result({ ...manifest, folder: stateDir, audit: auditJson(report) }, style => [
        `${style.bold(stateDir)}: region ${manifest.region} as of ${formatTime(manifest.atMs)}`,
        ...auditLines(report, style),
      ])
      return report.ok ? EXIT.ok : EXIT.failure
    } finally {
      line.clear()
    }
  },
})
