/** Compares a coordinator's database with its own log. */
import {
  type CampaignEndEntry,
  type Hash,
  type JobEndEntry,
  type LogEntry,
  type NoteKey,
  type PayoutEntry,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
} from '../../protocol/index.ts'
import type { Problems } from '../problems.ts'
import type { Replay } from '../replay/replay.ts'
import type { RowChecks } from '../source.ts'
import { CampaignRows } from './campaign-rows.ts'
import { compareDevices } from './device-rows.ts'
import { compareFrames } from './frame-rows.ts'
import { JobRows } from './job-rows.ts'
import { LeaseRows } from './lease-rows.ts'
import type { Database } from './open.ts'
import { compareEpochs, comparePayouts } from './payout-rows.ts'
import { comparePeople } from './people-rows.ts'
import { Profiles } from './profiles.ts'
import type { RowScene } from './row-scene.ts'
import { compareState } from './state-rows.ts'
import { compareSums } from './sum-rows.ts'
import { TransferRows } from './transfer-rows.ts'
import { VerdictRows } from './verdict-rows.ts'
import { WindowRows } from './window-rows.ts'

/** What a database says of its log, by key. */
const TRANSFERS_BEFORE_LOG = 'transfers-before-log'
const LOGGED_POLICY = 'logged-policy'
const REGION_NAME = 'region-name'

/** The checks of one database, for one audit. */
export class DatabaseChecks implements RowChecks {
  private readonly db: Database
  private readonly hash: Hash
  private replay!: Replay
  private problems!: Problems
  private scene!: RowScene
  private transfers!: TransferRows
  private jobs!: JobRows
  private leases!: LeaseRows
  private campaigns!: CampaignRows
  private verdicts!: VerdictRows

  constructor(db: Database, hash: Hash) {
    this.db = db
    this.hash = hash
  }

  begin(replay: Replay, problems: Problems): void {
    this.replay = replay
    this.problems = problems
    const { db, hash } = this
    this.scene = { db, hash, replay, problems }
    this.transfers = new TransferRows(db, hash, problems)
    this.jobs = new JobRows(this.scene)
    this.leases = new LeaseRows(this.scene)
    this.campaigns = new CampaignRows(this.scene)
    this.verdicts = new VerdictRows(this.scene)
    const before = this.meta(TRANSFERS_BEFORE_LOG)
    if (before !== null && /^(?:0|[1-9]\d{0,15})$/.test(before)) this.transfers.skipBefore(BigInt(before), replay)
    else this.wrongMeta(TRANSFERS_BEFORE_LOG, before, 'a number of transfers')
  }

  entry(index: number, entry: LogEntry): void {
    switch (entry.type) {
      case 'transfer':
        this.transfers.transfer(entry, index)
        if (entry.kind === 'pay') this.leases.payment(entry, index)
        break
      case 'opening':
        this.transfers.opening(entry, index)
        break
      case 'job':
        this.jobs.begin(entry, index)
        break
      case 'campaign':
        this.campaigns.begin(entry, index)
        break
      case 'verdict':
        this.verdicts.verdict(entry, index)
    }
  }

  ending(index: number, entry: JobEndEntry | CampaignEndEntry): void {
    if (entry.type === 'job-end') this.jobs.end(entry, index)
    else {
      this.campaigns.end(entry, index)
      this.verdicts.end(entry.campaign)
    }
  }

  payout(index: number, entry: PayoutEntry): void {
    comparePayouts(this.db, this.hash, this.replay, entry, index, this.problems)
  }

  finish(): void {
    const { db, replay, problems, scene } = this
    this.transfers.finish()
    compareState(db, replay, problems)
    compareEpochs(db, replay, problems)
    this.compareReferences()
    this.jobs.finish()
    this.leases.finish()
    compareDevices(scene, this.leases.paidUnits)
    comparePeople(scene)
    const profiles = new Profiles(db)
    compareFrames(scene, profiles)
    this.campaigns.finish()
    this.verdicts.finish()
    new WindowRows(scene, profiles).compare()
    this.compareCheckpoint()
    this.compareMeta()
    this.comparePeers()
    // Last, so that who knows more of a row than that it was changed has said so.
    compareSums(scene)
  }

  /** Rows are changed where nobody checks them, so what they name may be gone. */
  private compareReferences(): void {
    for (const { table, parent } of this.db.each('PRAGMA foreign_key_check')) {
      this.problems.add('row.reference', null, `A row of ${table} names a ${parent} that is not there.`)
    }
  }

  private comparePeers(): void {
    for (const { origin, log_key, witness_key } of this.db.all('SELECT origin, log_key, witness_key FROM peer')) {
      if (keyOf(log_key)?.name === origin && keyOf(witness_key) !== null) continue
      this.problems.add('row.peer', null, `The keys of the region of ${origin} cannot be read, or are another's.`)
    }
  }

  private compareCheckpoint(): void {
    const row = this.db.get('SELECT size, note FROM checkpoint')
    if (row === undefined) return
    let size: number
    try {
      size = parseCheckpoint(parseNote(String(row.note)).body).size
    } catch {
      // Said already, by whoever read the checkpoint.
      return
    }
    if (row.size === BigInt(size)) return
    this.problems.add(
      'row.checkpoint',
      null,
      `The checkpoint in the database is of ${size} entries, and beside it stands ${row.size}.`,
    )
  }

  private compareMeta(): void {
    const { genesis, scene } = this.replay
    const region = this.meta(REGION_NAME)
    if (genesis !== null && region !== genesis.region) this.wrongMeta(REGION_NAME, region, `'${genesis.region}'`)
    if (scene.policy === null) return
    const { feeBasisPoints, holdbackWindowMs, epochMs, keepsRemainders } = scene.policy
    const expected = JSON.stringify({ feeBasisPoints, holdbackWindowMs, epochMs, keepsRemainders })
    const policy = this.meta(LOGGED_POLICY)
    if (policy !== expected) this.wrongMeta(LOGGED_POLICY, policy, `'${expected}'`)
  }

  private wrongMeta(key: string, found: string | null, expected: string): void {
    const shown = found === null ? 'nothing' : `'${found}'`
    this.problems.add('row.meta', null, `Under '${key}' the database keeps ${shown}, and by the log it is ${expected}.`)
  }

  private meta(key: string): string | null {
    const value = this.db.get('SELECT value FROM meta WHERE key = ?', key)?.value
    return typeof value === 'string' ? value : null
  }
}

/** The witness keys of the regions that this one has exchanged keys with; those that cannot be read are a problem of their own. */
export function peerKeys(db: Database): NoteKey[] {
  return db.all('SELECT witness_key FROM peer ORDER BY origin').flatMap(({ witness_key }) => keyOf(witness_key) ?? [])
}

function keyOf(text: unknown): NoteKey | null {
  try {
    return parseVerifierKey(String(text))
  } catch {
    return null
  }
}
