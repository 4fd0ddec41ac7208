import { backup } from 'node:sqlite'
import type { Store, Write } from './rows.ts'
import { storeFailure } from './sqlite-failure.ts'
import { openDatabase } from './sqlite-open.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { SqliteSensingReader } from './sqlite-sensing-reader.ts'
import { SqliteSettlementReader } from './sqlite-settlement-reader.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import { Statements } from './statements.ts'

export interface SqliteStoreOptions {
  /** Largest size of the database file in bytes; without it, as large as the disk. A commit beyond it fails with `no_space`. */
  bytesMax?: number
}

/** A store in a file that can be copied while it is used. */
export interface SqliteStore extends Store {
  /**
   * Writes a whole, consistent copy of the database to a new file, some pages at a turn of the event loop.
   * @throws {ConfigError} `no_space` or `bad_option`
   */
  snapshot(path: string): Promise<void>
}

/**
 * Opens the coordinator's database: one file and, while it is open, a write-ahead log beside it.
 * It is this store's alone until it is closed or the process ends, however it ends.
 * @param path - made, with its folder, when it is not there
 * @throws {ConfigError} `in_use` by another coordinator, `no_space`, `newer_data`, `damaged`, `bad_option` when not writable;
 *   the same from every method later, when the disk fails or fills
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const db = openDatabase(path, options.bytesMax ?? null)
  const writer = new SqliteWriter(db)
  const statements = new Statements(db)
  const reader = new SqliteReader(statements)
  const sensing = new SqliteSensingReader(statements)
  const settlement = new SqliteSettlementReader(statements)
  const guard = <Args extends unknown[], Result>(method: (...args: Args) => Result) => {
    return (...args: Args): Result => {
      try {
        return method(...args)
      } catch (error) {
        throw storeFailure(error, path)
      }
    }
  }
  function* guardEach<Row>(rows: Iterable<Row>): Iterable<Row> {
    try {
      yield* rows
    } catch (error) {
      throw storeFailure(error, path)
    }
  }
  return {
    commit: guard((writes: readonly Write[]) => writer.commit(writes)),
    meta: guard(key => reader.meta(key)),
    claims: guard(() => reader.claims()),
    devices: guard(() => reader.devices()),
    submitters: guard(() => reader.submitters()),
    owners: guard(() => reader.owners()),
    jobs: guard(filter => reader.jobs(filter)),
    job: guard(id => reader.job(id)),
    jobsDone: guard(() => reader.jobsDone()),
    answerBlobs: guard(() => reader.answerBlobs()),
    openLeases: guard(job => reader.openLeases(job)),
    lease: guard(id => reader.lease(id)),
    leasesOfDevice: guard((device, limit) => reader.leasesOfDevice(device, limit)),
    leasesHeld: guard((job, devices) => reader.leasesHeld(job, devices)),
    leasesOfJob: guard((job, limit) => reader.leasesOfJob(job, limit)),
    leaseOutputs: guard(id => reader.leaseOutputs(id)),
    leaseIdMax: guard(() => reader.leaseIdMax()),
    exclusions: guard(filter => reader.exclusions(filter)),
    passedOver: guard(scope => reader.passedOver(scope)),
    leasesOver: guard((job, firstUnit, unitCount) => reader.leasesOver(job, firstUnit, unitCount)),
    acceptedRunsOver: guard((job, firstUnit, unitCount) => reader.acceptedRunsOver(job, firstUnit, unitCount)),
    acceptedRuns: guard(job => reader.acceptedRuns(job)),
    acceptedRun: guard((job, firstUnit) => reader.acceptedRun(job, firstUnit)),
    acceptedOutputs: (job, fromUnit) => guardEach(reader.acceptedOutputs(job, fromUnit)),
    accounts: guard(() => reader.accounts()),
    transfers: () => guardEach(reader.transfers()),
    transfersFor: guard((account, limit) => reader.transfersFor(account, limit)),
    transfer: guard(id => reader.transfer(id)),
    transferFor: guard(purpose => reader.transferFor(purpose)),
    transferCount: guard(() => reader.transferCount()),
    holds: guard(() => settlement.holds()),
    entryCount: guard(() => settlement.entryCount()),
    entry: guard(index => settlement.entry(index)),
    entries: guard((from, to) => settlement.entries(from, to)),
    tile: guard((level, index) => settlement.tile(level, index)),
    checkpoint: guard(() => settlement.checkpoint()),
    receipts: guard(() => settlement.receipts()),
    peers: guard(() => settlement.peers()),
    floors: guard(() => settlement.floors()),
    prices: guard(() => settlement.prices()),
    bindings: guard(() => settlement.bindings()),
    epochs: guard(() => settlement.epochs()),
    payouts: guard(epoch => settlement.payouts(epoch)),
    disputes: guard(filter => settlement.disputes(filter)),
    dispute: guard(id => settlement.dispute(id)),
    places: guard(() => sensing.places()),
    sensors: guard(() => sensing.sensors()),
    profile: guard(id => sensing.profile(id)),
    frameIdMax: guard(() => sensing.frameIdMax()),
    framesAbove: id => guardEach(sensing.framesAbove(id)),
    hasFrame: guard((device, seq) => sensing.hasFrame(device, seq)),
    frames: filter => guardEach(sensing.frames(filter)),
    campaigns: guard(filter => sensing.campaigns(filter)),
    campaign: guard(id => sensing.campaign(id)),
    judgements: guard(filter => sensing.judgements(filter)),
    windows: guard(filter => sensing.windows(filter)),
    snapshot: async to => {
      try {
        await backup(db, to)
      } catch (error) {
        throw storeFailure(error, to)
      }
    },
    close: guard(() => {
      if (db.isOpen) db.close()
    }),
  }
}
