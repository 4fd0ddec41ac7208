/** Shows the bill of a finished job: in words, as JSON, or as the CSV that it is. */
import type { Job, JobBill } from '../coordinator/http/admin-api.ts'
import type { AdminClient } from './admin-client.ts'
import { type BillLine, BillReader, type BillSummary } from './bill-summary.ts'
import { streamChecked } from './checked-stream.ts'
import type { Terminal } from './io.ts'
import { formatCount, formatFuel, formatMicro } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { type Column, factLines, tableLines } from './terminal/table.ts'

/** A bill as `--json` prints it. Amounts are decimal strings of micro-credits. */
export interface Bill extends BillSummary {
  readonly id: string
  readonly gigafuelPriceMicro: string
  /** What the job cost, then its parts: one answer to each unit, further answers for agreement. */
  readonly costMicro: string
  readonly onceMicro: string
  readonly replicaMicro: string
  /** Of the cost, the region's fee. */
  readonly feeMicro: string
  /** Of the CSV. */
  readonly sha256: string
  readonly bytes: number
}

const DEAREST_COLUMNS: readonly Column<BillLine>[] = [
  { title: 'UNIT', align: 'right', value: ({ unit }) => String(unit) },
  { title: 'FUEL', align: 'right', value: ({ fuel }) => formatCount(fuel) },
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
]

/**
 * Reads the whole bill and adds it up.
 * @throws {TransportError} `bad_response` when the bytes are not those that were named
 */
export async function readBill(api: AdminClient, job: Job, { sha256, bytes }: JobBill): Promise<Bill> {
  const reader = new BillReader()
  await streamBill(api, job, sha256, chunk => reader.push(chunk))
  const { id, gigafuelPriceMicro, spentMicro, replicaMicro, feeMicro } = job
  const onceMicro = `${BigInt(spentMicro) - BigInt(replicaMicro)}`
  const amounts = { gigafuelPriceMicro, costMicro: spentMicro, onceMicro, replicaMicro, feeMicro }
  return { id, ...reader.summary(), ...amounts, sha256, bytes }
}

/** Writes the CSV as it is; see {@link readBill} for failures. */
export async function printBillCsv(api: AdminClient, job: Job, { sha256 }: JobBill, stdout: Terminal): Promise<void> {
  await streamBill(api, job, sha256, chunk => {
    stdout.write(chunk)
  })
}

async function streamBill(
  api: AdminClient,
  { id }: Job,
  sha256: string,
  write: (chunk: Uint8Array) => void,
): Promise<void> {
  await streamChecked(await api.jobBill(id), sha256, `The bill of job ${id}`, write)
}

/** The lines of a bill for people. */
export function billLines(bill: Bill, terminal: Terminal, style: Style): string[] {
  const facts = {
    units: formatCount(bill.units),
    fuel: `${formatFuel(bill.fuel)} (${bill.fuel})`,
    'least of a unit': formatFuel(bill.unitFuelLeast),
    'median of a unit': formatFuel(bill.unitFuelMedian),
    'greatest of a unit': formatFuel(bill.unitFuelGreatest),
    'price of a gigafuel': formatMicro(bill.gigafuelPriceMicro),
    'each unit once': formatMicro(bill.onceMicro),
    'replicas for agreement': formatMicro(bill.replicaMicro),
    'cost of both': formatMicro(bill.costMicro),
    "of it the region's fee": formatMicro(bill.feeMicro),
  }
  const dearest = tableLines(bill.dearest, DEAREST_COLUMNS, terminal, style)
  return [...factLines(facts, style), '', style.bold('The dearest units'), ...dearest]
}
