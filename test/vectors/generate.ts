/**
 * Writes `protocol/spec/vectors`. Run by hand after a change of the wire (`node test/vectors/generate.ts`) and read the
 * difference: every changed line is a change for every other implementation.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { DOWNLINK_CASES } from './downlink-cases.ts'
import { vectorUrl } from './files.ts'
import { keysFile, messageFile } from './make.ts'
import { columnsFile } from './make-columns.ts'
import { claimFile, frameFile, outputsFile } from './make-formats.ts'
import { checkpointFile, entryFile, inclusionFile } from './make-log.ts'
import { rowSumFile } from './make-row-sums.ts'
import { SENSING_CASES } from './sensing-cases.ts'
import { SETTLEMENT_CASES } from './settlement-cases.ts'
import { UPLINK_CASES } from './uplink-cases.ts'

function write(name: string, content: unknown): void {
  writeFileSync(vectorUrl(name), `${JSON.stringify(content, null, 2)}\n`)
}

mkdirSync(new URL('.', vectorUrl('keys')), { recursive: true })
for (const cases of [...UPLINK_CASES, ...SENSING_CASES, ...DOWNLINK_CASES, ...SETTLEMENT_CASES]) {
  write(cases.name, messageFile(cases))
}
write('outputs', outputsFile())
write('columns', columnsFile())
write('claim', claimFile())
write('frame', frameFile())
write('entry', entryFile())
write('checkpoint', checkpointFile())
write('inclusion', inclusionFile())
write('row-sum', rowSumFile())
write('keys', keysFile())
