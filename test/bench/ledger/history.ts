/**
 * The life of a region as its log tells it, written through the same ledger, holdback, log and database as a coordinator's: jobs of
 * many leases with their answers by a thousand devices, earnings released when their window is over, receipts each day, and a signed state at the end.
 */
import { createHash, randomBytes } from 'node:crypto'
import { BillWriter } from '../../../coordinator/aggregation/bill.ts'
import { Batch } from '../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../coordinator/config.ts'
import { Fleet, type Member } from '../../../coordinator/fleet/fleet.ts'
import { emptyEscrow, fillEscrow } from '../../../coordinator/ledger/escrow.ts'
import {
  type Books,
  costOf,
  NANO,
  payDevice,
  releaseHoldbacks,
  takeShare,
} from '../../../coordinator/ledger/holdback.ts'
import {
  availableAccount,
  escrowAccount,
  holdbackAccount,
  Ledger,
  submitterAccount,
  TREASURY,
} from '../../../coordinator/ledger/ledger.ts'
import { beginLog } from '../../../coordinator/settlement/begin-log.ts'
import { Log } from '../../../coordinator/settlement/log.ts'
import { type JobRow, openSqliteStore, type Store } from '../../../coordinator/store/index.ts'
import {
  type DeviceId,
  deviceIdOf,
  encodeOutputs,
  jobId,
  logOrigin,
  ownerName,
  type RegionId,
  regionIdOf,
  regionName,
  type Sha256Hex,
  type Signer,
  sha256Hex,
  signCheckpoint,
  submitterName,
  toBase32,
  toHex,
  type UnitOutcome,
} from '../../../protocol/index.ts'
import { nodeSha256, nodeSigner } from '../../../protocol/node/index.ts'
import { deviceRow, jobRow, leaseRow, submitterRow } from '../../support/rows.ts'

const DEVICES = 1_000
const LEASES_PER_JOB = 4_000
const UNITS_PER_LEASE = 64
const COMMIT_LEASES = 2_000
const HOUR_MS = 3_600_000
const START_MS = 1_700_000_000_000
const SUBMITTER = submitterName('ada')
const ZEROS = new Uint8Array(32)
const UNIT_FUEL = 5_000_000
const NO_BYTES = new Uint8Array()

/** Writes such a log of at least so many entries into a new file. */
export function writeHistory(file: string, entries: number): { entries: number; seconds: number } {
  const startMs = performance.now()
  const history = new History(file)
  while (history.size < entries) history.job()
  history.end()
  return { entries: history.size, seconds: (performance.now() - startMs) / 1_000 }
}

class History {
  private readonly signer: Signer = nodeSigner(new Uint8Array(32).fill(9))
  private readonly regionId: RegionId = regionIdOf(this.signer.publicKey)
  private readonly store: Store
  private readonly log: Log
  private readonly books: Books
  private readonly members: readonly Member[]
  private readonly receiptSeqs = new Map<DeviceId, number>()
  private batch = new Batch()
  /** The job that is at work, and its bill. */
  private row: JobRow = jobRow(jobId('a'.repeat(16)))
  private bill = new BillWriter(new HashWriter())
  private atMs = START_MS
  private leases = 0

  constructor(file: string) {
    this.store = openSqliteStore(file)
    this.log = new Log(this.store, nodeSha256)
    const policy = RegionPolicy()
    const fleet = new Fleet(this.enrol(policy), [], { ...policy, regionThumbprint: ZEROS })
    this.books = { ledger: new Ledger([], 0, [], purpose => this.store.transferFor(purpose)), fleet, policy }
    this.members = [...fleet.all()]
    const fund = {
      kind: 'fund',
      debit: TREASURY,
      credit: submitterAccount(SUBMITTER),
      amountMicro: 10n ** 15n,
    } as const
    this.books.ledger.transfer({ ...fund, purpose: `fund/${SUBMITTER}/00` }, this.atMs, this.batch)
    this.batch.write({ table: 'submitter', row: { ...submitterRow(), name: SUBMITTER } })
    this.commit()
  }

  get size(): number {
    return this.log.size
  }

  /** An hour's job, and after each day what falls due. */
  job(): void {
    const { books, batch } = this
    const { gigafuelPriceMicro, feeBasisPoints } = books.policy
    const job = jobId(toBase32(randomBytes(10)))
    const units = LEASES_PER_JOB * UNITS_PER_LEASE
    const budgetMicro = BigInt(units) * gigafuelPriceMicro
    const money = { gigafuelPriceMicro, feeBasisPoints, budgetMicro, trusting: true }
    const spec = new Uint8Array(createHash('sha256').update(jobRow(job).spec).digest())
    const what = { job, submitter: SUBMITTER, module: ZEROS, spec, units } as const
    const terms = { submitter: SUBMITTER, units, gigafuelPriceMicro, feeBasisPoints, budgetMicro }
    this.row = { ...jobRow(job), ...terms, createdAtMs: this.atMs, leases: LEASES_PER_JOB }
    this.bill = new BillWriter(new HashWriter())
    const escrow = { account: escrowAccount(job), subject: job, submitter: SUBMITTER }
    batch.write({ table: 'job', row: { ...this.row } })
    fillEscrow(books.ledger, escrow, budgetMicro, { type: 'job', atMs: this.atMs, ...what, ...money }, this.atMs, batch)
    for (let lease = 0; lease < LEASES_PER_JOB; lease++) this.pay(this.row, escrow.account, lease)
    const ended = {
      state: 'done',
      finishedAtMs: this.atMs,
      resultSha256: sha256Hex(toHex(ZEROS)),
      resultBytes: 1,
    } as const
    const feeMicro = this.row.feeMicro - this.row.roundedNano / NANO
    this.batch.write({ table: 'job', row: { ...this.row, ...ended, ...this.bill.finish(), feeMicro } })
    const end = { type: 'job-end', atMs: this.atMs, job, state: 'done', result: ZEROS } as const
    emptyEscrow(books.ledger, escrow, feeMicro, end, this.atMs, this.batch)
    this.atMs += HOUR_MS - LEASES_PER_JOB
    if (Math.round((this.atMs - START_MS) / HOUR_MS) % 24 === 0) this.day()
    this.commit()
  }

  /** Signs what there is. */
  end(): void {
    this.commit()
    const note = signCheckpoint(this.log.head(), logOrigin(this.regionId), this.signer)
    this.store.commit([{ table: 'checkpoint', row: { size: this.size, note, atMs: this.atMs } }])
    this.store.close()
  }

  private enrol(policy: RegionPolicy) {
    const region = { regionId: this.regionId, region: regionName('bench'), publicKey: this.signer.publicKey }
    this.batch.write({ table: 'meta', key: 'region-name', value: region.region })
    beginLog(this.store, region, policy, this.atMs, this.batch)
    return Array.from({ length: DEVICES }, (_, index) => {
      const publicKey = new Uint8Array(randomBytes(32))
      const owner = ownerName(`owner-${index % 400}`)
      const row = { ...deviceRow(deviceIdOf(publicKey)), publicKey, owner, joinedAtMs: this.atMs }
      this.batch.record({ type: 'device', atMs: this.atMs, device: row.id, publicKey, owner })
      this.batch.write({ table: 'device', row })
      return row
    })
  }

  private pay(row: JobRow, escrow: string, lease: number): void {
    const { books, members } = this
    const member = members[this.leases++ % members.length] as Member
    const first = lease * UNITS_PER_LEASE
    const outcomes = Array.from({ length: UNITS_PER_LEASE }, (_, unit): UnitOutcome => {
      return { kind: 'ok', bytes: NO_BYTES, fuel: unit === 0 ? UNIT_FUEL + lease : UNIT_FUEL }
    })
    for (const [unit, outcome] of outcomes.entries()) this.bill.add(first + unit, outcome)
    const fuel = UNITS_PER_LEASE * UNIT_FUEL + lease
    const { gigafuelPriceMicro, feeBasisPoints } = books.policy
    const cost = costOf(BigInt(fuel) * gigafuelPriceMicro, feeBasisPoints)
    const amountMicro = takeShare(books.ledger, member.row.id, cost)
    const outputs = encodeOutputs(outcomes)
    const digest = new Uint8Array(createHash('sha256').update(outputs).digest())
    const purpose = `pay/${row.id}/${this.leases}/${first}+${UNITS_PER_LEASE}`
    const basis = { kind: 'run', digest, fuel } as const
    payDevice(books, member, { escrow, amountMicro, purpose, basis }, ++this.atMs, this.batch)
    row.paidMicro += amountMicro
    row.feeMicro += cost.priceMicro - amountMicro
    row.roundedNano += cost.roundedNano
    row.fuel += BigInt(fuel)
    member.row.unitsAccepted += UNITS_PER_LEASE
    const range = { firstUnit: first, unitCount: UNITS_PER_LEASE, digest }
    const kept = { ...range, state: 'accepted', issuedAtMs: this.atMs } as const
    this.batch.write({ table: 'lease', row: { ...leaseRow(this.leases, row.id, member.row.id), ...kept } })
    this.batch.write({ table: 'accepted', row: { ...range, job: row.id, outputs, solo: null, fuel } })
    if (this.leases % COMMIT_LEASES === 0) this.commit()
  }

  /** Earnings of two days ago become available, and everybody gets a receipt. */
  private day(): void {
    const { books, batch, atMs } = this
    releaseHoldbacks(books, atMs, batch)
    for (const { row } of this.members) {
      const device = row.id
      const held = books.ledger.turnoverMicro(holdbackAccount(device))
      const available = books.ledger.turnoverMicro(availableAccount(device))
      const seq = (this.receiptSeqs.get(device) ?? 0) + 1
      this.receiptSeqs.set(device, seq)
      const totals = {
        earnedMicro: held.creditsMicro,
        lostMicro: held.debitsMicro - available.creditsMicro,
        releasedMicro: available.creditsMicro,
        paidOutMicro: available.debitsMicro,
      }
      const entry = this.log.size + batch.entries.length
      batch.record({ type: 'receipt', atMs, device, seq, ...totals })
      batch.write({ table: 'receipt', row: { device, seq, entry, ...totals } })
    }
  }

  private commit(): void {
    const { batch, books } = this
    this.batch = new Batch()
    books.fleet.flush(batch)
    books.ledger.flush(batch)
    this.log.append(batch.entries, batch)
    this.store.commit(batch.writes)
  }
}

/** Keeps the SHA-256 of what is written, and nothing else. */
class HashWriter {
  private readonly hash = createHash('sha256')
  private size = 0

  write(bytes: Uint8Array): void {
    this.hash.update(bytes)
    this.size += bytes.length
  }

  finish(): { sha256: Sha256Hex; size: number } {
    return { sha256: sha256Hex(this.hash.digest('hex')), size: this.size }
  }

  async flush(): Promise<void> {}

  abort(): void {}
}
