/** Where a log is read from. All paths and forms are those of C2SP tlog-tiles. */
import type { CampaignEndEntry, JobEndEntry, LogEntry, PayoutEntry } from '../protocol/index.ts'
import type { Problems } from './problems.ts'
import type { Replay } from './replay/replay.ts'

/** One region's log, and nothing that is not public. */
export interface LogSource {
  /** What it is called in sentences: an address or a path. */
  readonly name: string
  /** The newest checkpoint, a signed note. Null when the log has none yet. */
  checkpoint(): Promise<string | null>
  /** How many entries there are, those after the newest checkpoint included. Null when only the checkpoint says. */
  size(): Promise<number | null>
  /**
   * Hashes of a tile, `width` times 32 bytes. Null when this source keeps no tiles that are not full.
   * @throws a typed error when it cannot be read
   */
  tile(level: number, index: number, width: number): Promise<Uint8Array | null>
  /** An entry bundle of `width` entries. */
  entries(index: number, width: number): Promise<Uint8Array>
  close(): void
}

/** Compares what stands beside a log with the log, while it is replayed. */
export interface RowChecks {
  /** Before the first entry. */
  begin(replay: Replay, problems: Problems): void
  /** After an entry has been replayed. */
  entry(index: number, entry: LogEntry): void
  /** Before the end of a job or a campaign is replayed, while the replay still knows what it came to. */
  ending(index: number, entry: JobEndEntry | CampaignEndEntry): void
  /** When an epoch is closed, while the replay still knows what it paid to whom. */
  payout(index: number, entry: PayoutEntry): void
  /** After the last entry. */
  finish(): void
}

/** What is asked for at once from a source that answers late. */
export const AHEAD = 8
