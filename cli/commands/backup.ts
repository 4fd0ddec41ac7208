import { copyFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { BackupManifest } from '../../coordinator/backup/index.ts'
import { ConfigError, TransportError } from '../../protocol/index.ts'
import { type AdminClient, createAdminClient } from '../admin-client.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { RefusedError } from '../http-request.ts'
import { coordinatorFolder, readAdminFile, stateFolder } from '../state.ts'
import { CountLine } from '../terminal/count-line.ts'
import { formatBytes, formatCount, formatCounted } from '../terminal/format.ts'
import { trustFor } from '../trust.ts'

const KEEP_DEFAULT = 7

type Copied = Pick<BackupManifest, 'region' | 'entries'>

/** `hedgerow backup` */
export const backup = defineCommand({
  name: 'backup',
  summary: 'copy a region, running or not, into a folder',
  details:
    'Writes DIR/<time> with the database, the keys and the certificates, and the blobs of all backups once into DIR/blobs. The region goes on\n' +
    'meanwhile. Whoever has the folder has the region’s keys: keep it as safe as the region. Run it on the machine of the coordinator, as its user.',
  positionals: [{ name: 'DIR', describe: 'where backups are kept, best on another disk; made when it is not there' }],
  options: {
    keep: {
      type: 'integer',
      value: 'N',
      min: 1,
      max: 10_000,
      default: KEEP_DEFAULT,
      describe: 'how many backups to keep; older ones are deleted',
    },
  },
  examples: [
    { line: 'hedgerow backup /media/usb/hedgerow', does: 'one more backup, and the last seven are kept' },
    { line: 'hedgerow backup backups --keep 48', does: 'from a timer every hour: two days' },
  ],
  run: async ({ options, args: [to = ''], io, out }) => {
    const stateDir = coordinatorFolder(stateFolder(io, options.state))
    const { writeBackup } = await import('../../coordinator/backup/index.ts')
    const running = await runningIn(stateFolder(io, options.state))
    const line = new CountLine(io)
    try {
      const made = await writeBackup({
        stateDir,
        to: resolve(io.cwd, to),
        nowMs: io.clock.wallMs(),
        keep: options.keep,
        copyDatabase: path => (running === null ? copyStopped(stateDir, path) : copyRunning(running, path)),
        progress: blobs => line.update(`${formatCount(blobs)} blobs`),
      })
      line.clear()
      const blobs = `${formatCounted(made.blobs, 'blob')}, ${formatCount(made.blobsNew)} of them new`
      out.result(made, style => [
        `${style.bold(made.folder)}: ${formatCount(made.entries)} entries of the log, ${formatBytes(made.databaseBytes)} of database, ${blobs}`,
        ...made.removed.map(name => `Deleted the backup of ${name}.`),
      ])
      return EXIT.ok
    } finally {
      line.clear()
    }
  },
})

/** The coordinator that runs on this folder; null when none does. */
async function runningIn(state: string): Promise<AdminClient | null> {
  try {
    const { httpUrl, adminToken, caPem } = readAdminFile(state)
    trustFor(httpUrl, caPem)
    const api = createAdminClient(httpUrl, adminToken)
    await api.region()
    return api
  } catch (error) {
    // One that was killed leaves its file behind; who answers there instead knows nothing of its token.
    if (error instanceof ConfigError || error instanceof TransportError || error instanceof RefusedError) return null
    throw error
  }
}

async function copyRunning(api: AdminClient, to: string): Promise<Copied> {
  const { path, entries } = await api.databaseSnapshot()
  await copyFile(path, to)
  await rm(path, { force: true })
  return { region: (await api.region()).name, entries }
}

/** Opens the database as the coordinator would: one that runs after all keeps it to itself. */
async function copyStopped(stateDir: string, to: string): Promise<Copied> {
  const { openSqliteStore } = await import('../../coordinator/index.ts')
  const store = openSqliteStore(join(stateDir, 'ledger.sqlite'))
  try {
    const entries = store.entryCount()
    await store.snapshot(to)
    return { region: store.meta('region-name') ?? '', entries }
  } finally {
    store.close()
  }
}
