import { resolve } from 'node:path'
import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { openLog, untilSigned } from '../log-options.ts'
import { CountLine } from '../terminal/count-line.ts'
import { formatCount, formatCounted } from '../terminal/format.ts'

const name = 'ledger export'

/** `hedgerow ledger export` */
export const ledgerExport = defineCommand({
  name,
  summary: 'copy the public log into a folder that any file server can offer',
  details:
    'Writes the checkpoint, the tiles and the entries in the layout of C2SP tlog-tiles. What is there already is kept, so the same command ' +
    "brings an older export up to date. 'hedgerow ledger verify --file DIR' audits it.",
  positionals: [{ name: 'DIR', describe: 'the folder; made when it is not there' }],
  options: {
    url: {
      type: 'text',
      value: 'URL',
      describe: "a region's HTTP address; that of the folder's coordinator when left out",
    },
  },
  examples: [
    { line: 'hedgerow ledger export log', does: "the running coordinator's log" },
    { line: 'hedgerow ledger export log --url http://192.168.1.20:8717', does: "another region's" },
  ],
  run: async ({ options, args: [folder = ''], io, out }) => {
    const { nodeSha256 } = await import('../../protocol/node/index.ts')
    const { exportLog } = await import('../../auditor/index.ts')
    const { source } = await openLog(name, options, io, nodeSha256)
    const line = new CountLine(io)
    try {
      await untilSigned(source, io)
      const result = await exportLog(source, resolve(io.cwd, folder), ({ files, filesTotal }) => {
        io.stop.throwIfAborted()
        line.update(`${formatCount(files)} of ${formatCount(filesTotal)} files`)
      })
      line.clear()
      const { entries, files, written } = result
      const found = `${formatCounted(files, 'file')}, ${formatCount(written)} of them new`
      out.result({ folder, ...result }, () => [`${folder}: the log up to ${formatCount(entries)} entries, in ${found}`])
      return EXIT.ok
    } catch (error) {
      if (io.stop.aborted) return EXIT.interrupted
      throw error
    } finally {
      line.clear()
      source.close()
    }
  },
})
