/** A job of a million units: what it takes of the coordinator's memory, and how many rows it leaves. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { coordinatorFolder } from '../../cli/state.ts'
import { type Bench, type Measured, target } from './harness.ts'
import { residentMiB } from './memory.ts'
import { checkBooks, runNoop, startRegion } from './region.ts'
import { rounded } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const UNITS = 1_000_000
const OWNERS = ['ann', 'bob', 'cat', 'dan']
const TABLES = ['lease', 'accepted', 'transfer'] as const

export const million: Bench = {
  name: 'million',
  summary: `a job of ${UNITS} no-op units: the coordinator's memory and its rows`,
  measure,
}

async function measure(place: Workplace): Promise<Measured> {
  const region = await startRegion(place, { owners: OWNERS })
  const { pid } = region.coordinator
  const idle = residentMiB(pid)
  place.say(`coordinator idle: ${idle.now} MiB; running ${UNITS} units`)
  const { ms, job } = await runNoop(region, { units: UNITS, verify: 'trust' })
  const after = residentMiB(pid)
  await checkBooks(region)
  const verified = residentMiB(pid)
  // The coordinator holds its database for itself.
  await region.close()
  const database = join(coordinatorFolder(region.folder), 'ledger.sqlite')
  const rows = countRows(database)
  return {
    ours: {
      coordinatorMiB: { idle: idle.now, peak: after.peak, peakWithBooksReplayed: verified.peak },
      rows,
      rowsPerUnit: rounded((rows.lease + rows.accepted) / UNITS),
      unitsPerLease: rounded(UNITS / job.leases),
      databaseMiB: rounded(statSync(database).size / 2 ** 20),
      seconds: rounded(ms / 1_000),
      unitsPerSecond: rounded((UNITS * 1_000) / ms),
      units: UNITS,
    },
    peer: null,
    targets: [target('peak memory of the coordinator in MB', rounded((after.peak * 2 ** 20) / 1e6), 'lower', 300)],
    notes: [
      'The peak is the resident memory of the whole coordinator process (VmHWM), broker and database included. There is no peer.',
    ],
  }
}

function countRows(path: string): Record<(typeof TABLES)[number], number> {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const count = (table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
    return { lease: count('lease'), accepted: count('accepted'), transfer: count('transfer') }
  } finally {
    db.close()
  }
}
