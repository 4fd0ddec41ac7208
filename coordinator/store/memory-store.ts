import { copies, copyOf, sorted } from './memory-copies.ts'
import { MemoryTables } from './memory-tables.ts'
import type { ExclusionRow, LeaseRow, Store } from './rows.ts'

/** A store that can lose what was not synced. */
export interface MemoryStore extends Store {
  /** Makes every commit so far survive a crash. */
  sync(): void
  /** Takes back every commit since the last sync, as power loss would. The store stays usable, as if opened again. */
  crash(): void
  /** Commits a crash would take back now. */
  unsyncedCommits(): number
}

export interface MemoryStoreOptions {
  /** `commit` (the default) keeps the promise of {@link Store}; `manual` breaks it on purpose: only `sync()` syncs. */
  sync?: 'commit' | 'manual'
}

/**
 * The store in memory, for simulations and tests: the same answers as the database, nothing on disk. Rows are copied in and
 * out; the byte strings in them are shared, and nobody changes those.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const tables = new MemoryTables()
  const { sensing, settlement } = tables
  let unsynced = 0
  const sync = () => {
    tables.keep()
    unsynced = 0
  }
  return {
    commit: writes => {
      if (writes.length === 0) return
      tables.commit(writes)
      unsynced++
      if (options.sync !== 'manual') sync()
    },
    sync,
    crash: () => {
      tables.takeBack()
      unsynced = 0
    },
    unsyncedCommits: () => unsynced,
    meta: key => tables.meta.get(key) ?? null,
    claims: () => sorted(copies(tables.claims.values()), row => row.id),
    devices: () => copies(tables.devices.values()),
    submitters: () => sorted(copies(tables.submitters.values()), row => row.name),
    owners: () => sorted(copies(tables.owners.values()), row => row.name),
    jobs: ({ states, submitter, endedSinceMs = Number.NEGATIVE_INFINITY, limit } = {}) => {
      const rows = copies(tables.jobs.values()).reverse()
      const wanted = rows.filter(
        row =>
          (!states || states.includes(row.state)) &&
          (submitter === undefined || row.submitter === submitter) &&
          (row.finishedAtMs ?? Number.POSITIVE_INFINITY) >= endedSinceMs,
      )
      return wanted.slice(0, limit)
    },
    job: id => copyOf(tables.jobs.get(id)),
    jobsDone: () => {
      const done = [...tables.jobs.values()].filter(row => row.state === 'done')
      return { jobs: done.length, units: done.reduce((sum, row) => sum + row.units, 0) }
    },
    answerBlobs: () =>
      [...tables.jobs.values()].flatMap(row => [row.resultSha256, row.billSha256]).filter(name => name !== null),
    openLeases: job => copies(tables.leasesOf(job).filter(row => row.state === 'out' || row.state === 'returned')),
    lease: id => {
      const row = tables.leases.get(id)
      return row ? { ...row, outputs: null } : null
    },
    leasesOfDevice: (device, limit) =>
      newest(
        [...tables.leases.values()].filter(row => row.device === device),
        limit,
      ),
    leasesOfJob: (job, limit) => newest(tables.leasesOf(job), limit),
    leasesHeld: (job, devices) => {
      const held = tables.leasesOf(job).filter(row => devices.includes(row.device))
      return newest(held, held.length)
    },
    leaseOutputs: id => tables.leases.get(id)?.outputs ?? null,
    leaseIdMax: () => {
      let max = 0
      for (const id of tables.leases.keys()) max = Math.max(max, id)
      return max
    },
    exclusions: ({ job, device, limit } = {}) => {
      const rows = copies(tables.exclusions.values()).filter(
        row => (job === undefined || row.job === job) && (device === undefined || row.device === device),
      )
      const key = (row: ExclusionRow) => `${row.device}/${row.job}`
      return sorted(rows, key)
        .sort((a, b) => b.atMs - a.atMs)
        .slice(0, limit)
    },
    passedOver: scope => {
      const rows = copies(tables.passedOver.get(scope)?.values() ?? [])
      return sorted(rows, ({ kind }) => kind).sort((a, b) => b.times - a.times)
    },
    leasesOver: (job, firstUnit, unitCount) => {
      const over = tables.leasesOf(job).filter(row => overlaps(row, { firstUnit, unitCount }))
      return newest(over, over.length)
    },
    acceptedRunsOver: (job, firstUnit, unitCount) => {
      const over = tables.acceptedOf(job).filter(row => overlaps(row, { firstUnit, unitCount }))
      return over.map(({ outputs: _, ...run }) => run)
    },
    acceptedRuns: job => tables.acceptedOf(job).map(({ outputs: _, ...run }) => run),
    acceptedRun: (job, firstUnit) => {
      const found = tables.acceptedOf(job).find(run => run.firstUnit === firstUnit)
      if (!found) return null
      const { outputs: _, ...run } = found
      return run
    },
    acceptedOutputs: (job, fromUnit = 0) => copies(tables.acceptedOf(job).filter(row => row.firstUnit >= fromUnit)),
    accounts: () => sorted(copies(tables.accounts.values()), row => row.id),
    transfers: () => copies(tables.transfers.values()),
    transfersFor: (account, limit) => {
      const rows = [...tables.transfers.values()].filter(row => row.debit === account || row.credit === account)
      return copies(rows.reverse().slice(0, limit))
    },
    transfer: id => copyOf(tables.transfers.get(id)),
    transferFor: purpose => copyOf(tables.transferFor(purpose)),
    transferCount: () => tables.transfers.size,
    holds: () => settlement.holds(),
    entryCount: () => settlement.entryCount(),
    entry: index => settlement.entry(index),
    entries: (from, to) => settlement.entries(from, to),
    tile: (level, index) => settlement.tile(level, index),
    checkpoint: () => settlement.checkpoint(),
    receipts: () => settlement.receipts(),
    peers: () => settlement.peers(),
    floors: () => settlement.floors(),
    prices: () => settlement.prices(),
    bindings: () => settlement.bindings(),
    epochs: () => settlement.epochs(),
    payouts: epoch => settlement.payouts(epoch),
    disputes: filter => settlement.disputes(filter),
    dispute: id => settlement.dispute(id),
    places: () => sensing.places(),
    sensors: () => sensing.sensors(),
    profile: id => sensing.profile(id),
    frameIdMax: () => sensing.frameIdMax(),
    framesAbove: id => sensing.framesAbove(id),
    hasFrame: (device, seq) => sensing.hasFrame(device, seq),
    frames: filter => sensing.frames(filter),
    campaigns: filter => sensing.campaigns(filter),
    campaign: id => sensing.campaign(id),
    judgements: filter => sensing.judgements(filter),
    windows: filter => sensing.windows(filter),
    close: () => {},
  }
}

function newest(rows: LeaseRow[], limit: number): LeaseRow[] {
  const descending = rows.sort((a, b) => b.id - a.id)
  return descending.slice(0, limit).map(row => ({ ...row, outputs: null }))
}

type Units = Pick<LeaseRow, 'firstUnit' | 'unitCount'>

function overlaps(a: Units, b: Units): boolean {
  return a.firstUnit < b.firstUnit + b.unitCount && b.firstUnit < a.firstUnit + a.unitCount
}
