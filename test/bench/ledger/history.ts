/**
 * The life of a region as its log tells it, written through the same ledger, holdback, log and database as a coordinator's: jobs of
 * many leases by a thousand devices, earnings released when their window is over, receipts each day, and a signed state at the end.
 */
import { randomBytes } from 'node:crypto'
import { Batch } from '../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../coordinator/config.ts'
import { Fleet, type Member } from '../../../coordinator/fleet/fleet.ts'
import { emptyEscrow, fillEscrow } from '../../../coordinator/ledger/escrow.ts'
import { type Books, partPrice, payDevice, releaseHoldbacks } from '../../../coordinator/ledger/holdback.ts'
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
import { openSqliteStore, type Store } from '../../../coordinator/store/index.ts'
import {
  type DeviceId,
  deviceIdOf,
  fuelPrice,
  jobId,
  logOrigin,
  ownerName,
  type RegionId,
  regionIdOf,
  regionName,
  type Signer,
  signCheckpoint,
  submitterName,
  toBase32,
} from '../../../protocol/index.ts'
import { nodeSha256, nodeSigner } from '../../../protocol/node/index.ts'
import { deviceRow } from '../../support/rows.ts'

const DEVICES = 1_000
const LEASES_PER_JOB = 4_000
const UNITS_PER_LEASE = 64
const COMMIT_LEASES = 2_000
const HOUR_MS = 3_600_000
const START_MS = 1_700_000_000_000
const SUBMITTER = submitterName('ada')
const ZEROS = new Uint8Array(32)

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
    const what = { job, submitter: SUBMITTER, module: ZEROS, spec: ZEROS, units } as const
    const escrow = { account: escrowAccount(job), subject: job, submitter: SUBMITTER }
    fillEscrow(books.ledger, escrow, budgetMicro, { type: 'job', atMs: this.atMs, ...what, ...money }, this.atMs, batch)
    let feeMicro = 0n
    for (let lease = 0; lease < LEASES_PER_JOB; lease++) feeMicro += this.pay(job, escrow.account, lease)
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

  /** @returns the region's part */
  private pay(job: string, escrow: string, lease: number): bigint {
    const { books, members } = this
    const member = members[this.leases++ % members.length] as Member
    const fuel = UNITS_PER_LEASE * 5_000_000 + lease
    const shares = partPrice(books.policy.feeBasisPoints, fuelPrice(fuel, books.policy.gigafuelPriceMicro))
    const digest = new Uint8Array(32)
    new DataView(digest.buffer).setUint32(0, this.leases)
    const purpose = `pay/${job}/${this.leases}/${lease * UNITS_PER_LEASE}+${UNITS_PER_LEASE}`
    const basis = { kind: 'run', digest, fuel } as const
    payDevice(books, member, { escrow, amountMicro: shares.deviceMicro, purpose, basis }, ++this.atMs, this.batch)
    if (this.leases % COMMIT_LEASES === 0) this.commit()
    return shares.feeMicro
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
