import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProgressListener } from '../../auditor/index.ts'
import { usage } from '../args.ts'
import { auditJson, auditLines } from '../audit-words.ts'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { openLog, readKeys, untilSigned } from '../log-options.ts'
import { CountLine } from '../terminal/count-line.ts'
import { formatCount } from '../terminal/format.ts'

const name = 'ledger verify'

/** `hedgerow ledger verify` */
export const ledgerVerify = defineCommand({
  name,
  summary: 'replay the whole public log of a region and name the first rule that it breaks',
  details:
    'Reads the log of the running coordinator, of any address, of an export, or of a ledger.sqlite whose coordinator is stopped; of a ' +
    'database it also compares every row with the log. It shares no code with what writes the log. Over HTTP it audits what has been ' +
    'signed, which is all but the last seconds.',
  options: {
    url: {
      type: 'text',
      value: 'URL',
      describe: "a region's HTTP address; that of the folder's coordinator when left out",
    },
    file: { type: 'text', value: 'PATH', describe: "a ledger.sqlite, or a folder that 'ledger export' has written" },
    key: { type: 'text', value: 'VKEY', describe: "the log's verifier key; the one in its first entry when left out" },
    witness: {
      type: 'text',
      value: 'VKEYS',
      describe: 'keys of witnesses that must have cosigned, with commas between them',
    },
  },
  examples: [
    { line: 'hedgerow ledger verify && echo fine', does: 'exit code 1 when anything does not add up' },
    { line: 'hedgerow ledger verify --url http://192.168.1.20:8717', does: "another region's log" },
    { line: 'hedgerow ledger verify --file backup/ledger.sqlite', does: 'a database, row by row' },
  ],
  run: async ({ options, io, out }) => {
    const [key, ...others] = readKeys('key', options.key)
    if (others.length > 0) throw usage({ name }, '--key takes one key')
    const witnesses = readKeys('witness', options.witness)
    const { nodeSha256, nodeVerifier } = await import('../../protocol/node/index.ts')
    const { auditLog } = await import('../../auditor/index.ts')
    const { source, rows, knownWitnesses } = await openLog(name, options, io, nodeSha256)
    const line = new CountLine(io)
    try {
      if (options.file === undefined) await untilSigned(source, io)
      const trust = { ...(key === undefined ? {} : { key }), witnesses, knownWitnesses }
      const ports = { hash: nodeSha256, verifier: nodeVerifier() }
      const report = await auditLog(ports, source, { ...trust, ...(rows === null ? {} : { rows }) }, showOn(line, io))
      line.clear()
      out.result(auditJson(report), style => auditLines(report, style))
      return report.ok ? EXIT.ok : EXIT.failure
    } catch (error) {
      if (io.stop.aborted) return EXIT.interrupted
      throw error
    } finally {
      line.clear()
      source.close()
    }
  },
})

/** Ctrl-C is heard between two bundles. */
function showOn(line: CountLine, { stop }: Io): ProgressListener {
  return async ({ entries, size }) => {
    line.update(`${formatCount(entries)} of ${formatCount(size)} entries`)
    await nextTurn()
    stop.throwIfAborted()
  }
}
