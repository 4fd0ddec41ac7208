/** Replays the whole public log of a region and names the rules it breaks, without a word of trust in whoever wrote it. */
import {
  type Checkpoint,
  ConfigError,
  decodeEntry,
  equalBytes,
  type Hash,
  type LogEntry,
  messageOf,
  type NoteKey,
  ProtocolError,
  TransportError,
  toHex,
  type Verifier,
} from '../protocol/index.ts'
import { Problems } from './problems.ts'
import { Replay } from './replay/replay.ts'
import { type AuditedCheckpoint, type AuditReport, figuresOf } from './report.ts'
import type { LogSource, RowChecks } from './source.ts'
import { auditCheckpoint, checkSignature, readCheckpoint, type TrustedKeys } from './tree/checkpoints.ts'
import { readEntries } from './tree/read-entries.ts'
import type { TreeBuilder } from './tree/tree-builder.ts'

/** What an audit uses of the machine it runs on. */
export interface AuditPorts {
  readonly hash: Hash
  readonly verifier: Verifier
}

/** What is known from elsewhere, and what else to compare. */
export interface AuditOptions {
  /** The log's key. Without it the key that the first entry names counts. */
  readonly key?: NoteKey
  /** Witnesses that must have cosigned the checkpoint. */
  readonly witnesses?: readonly NoteKey[]
  /** Witnesses whose cosignature must be right where there is one. */
  readonly knownWitnesses?: readonly NoteKey[]
  /** The rows of a database. */
  readonly rows?: RowChecks
}

/** How far an audit is. */
export interface AuditProgress {
  readonly entries: number
  readonly size: number
}

/** Hears of progress; may take a turn of the event loop, which an audit of a file never does by itself. */
export type ProgressListener = (progress: AuditProgress) => void | Promise<void>

/**
 * Audits a log.
 * @param onProgress - called after each bundle of entries and waited for; what it throws ends the audit
 * @throws whatever keeps the source from being read at all, such as {@link TransportError} `unreachable`
 */
export async function auditLog(
  ports: AuditPorts,
  source: LogSource,
  options: AuditOptions = {},
  onProgress: ProgressListener = () => {},
): Promise<AuditReport> {
  const problems = new Problems()
  const audit = new Audit(ports, source, options, problems)
  return audit.run(onProgress)
}

class Audit {
  private readonly ports: AuditPorts
  private readonly source: LogSource
  private readonly options: AuditOptions
  private readonly keys: TrustedKeys
  private readonly problems: Problems
  private note: string | null = null
  private checkpoint: Checkpoint | null = null

  constructor(ports: AuditPorts, source: LogSource, options: AuditOptions, problems: Problems) {
    this.ports = ports
    this.source = source
    this.options = options
    this.problems = problems
    this.keys = { log: options.key ?? null, witnesses: options.witnesses ?? [], known: options.knownWitnesses ?? [] }
  }

  async run(onProgress: ProgressListener): Promise<AuditReport> {
    const { source, problems, options, ports } = this
    await this.readNote()
    const kept = await source.size()
    const size = kept ?? this.checkpoint?.size ?? 0
    this.checkSize(size)
    const replay = new Replay(ports, problems, size)
    options.rows?.begin(replay, problems)
    let entries = 0
    try {
      const atSize = (tree: TreeBuilder) => this.checkRoot(tree)
      for await (const bundle of readEntries(source, size, ports.hash, problems, atSize)) {
        for (const { index, bytes } of bundle) this.entry(replay, index, bytes)
        entries += bundle.length
        await onProgress({ entries, size })
      }
    } catch (error) {
      if (!isDamage(error)) throw error
      const message = `The log of ${source.name} cannot be read after ${entries} of ${size} entries: ${messageOf(error)}`
      problems.add('log.unreadable', entries, message)
    }
    if (replay.genesis === null) this.checkSigner(replay)
    replay.finish()
    options.rows?.finish()
    return this.report(replay, entries)
  }

  private async readNote(): Promise<void> {
    try {
      this.note = await this.source.checkpoint()
      if (this.note !== null) this.checkpoint = readCheckpoint(this.note)
    } catch (error) {
      if (!isDamage(error)) throw error
      const message = `The checkpoint of ${this.source.name} cannot be read: ${messageOf(error)}`
      this.problems.add('checkpoint.form', null, message)
    }
  }

  private entry(replay: Replay, index: number, bytes: Uint8Array): void {
    let entry: LogEntry
    try {
      entry = decodeEntry(bytes)
    } catch (error) {
      this.problems.add('entry.form', index, `Entry ${index} cannot be read: ${messageOf(error)}`)
      return
    }
    const { rows } = this.options
    if (entry.type === 'job-end' || entry.type === 'campaign-end') rows?.ending(index, entry)
    replay.apply(index, entry, payout => rows?.payout(index, payout))
    rows?.entry(index, entry)
    if (index === 0) this.checkSigner(replay)
  }

  private checkSigner({ genesis }: Replay): void {
    if (this.note === null || this.checkpoint === null) return
    checkSignature(this.note, genesis, this.keys, this.ports.verifier, this.problems)
  }

  private checkSize(size: number): void {
    const { checkpoint } = this
    if (checkpoint === null || size >= checkpoint.size) return
    const message = `The checkpoint is of ${checkpoint.size} entries, and ${this.source.name} has ${size}.`
    this.problems.add('tree.size', null, message)
  }

  private checkRoot(tree: TreeBuilder): void {
    const { checkpoint } = this
    if (checkpoint === null || tree.size !== checkpoint.size) return
    const root = tree.root()
    if (equalBytes(root, checkpoint.root)) return
    const found = `${toHex(root)}, and the checkpoint says ${toHex(checkpoint.root)}`
    this.problems.add('tree.root', null, `The root over the first ${tree.size} entries is ${found}.`)
  }

  private report(replay: Replay, entries: number): AuditReport {
    const { genesis } = replay
    const { problems } = this
    const checkpoint = this.auditedCheckpoint()
    return {
      ok: problems.count === 0,
      region: genesis === null ? null : { id: genesis.regionId, name: genesis.region },
      checkpoint,
      figures: figuresOf(replay, entries),
      notes: this.notes(replay, entries, checkpoint),
      problems: problems.list,
      problemCount: problems.count,
    }
  }

  private auditedCheckpoint(): AuditedCheckpoint | null {
    if (this.note === null || this.checkpoint === null) {
      for (const { name } of this.keys.witnesses) {
        this.problems.add('checkpoint.witness', null, `There is no checkpoint that ${name} could have cosigned.`)
      }
      return null
    }
    return auditCheckpoint(this.note, this.checkpoint, this.keys, this.ports.verifier, this.problems)
  }

  private notes(replay: Replay, entries: number, checkpoint: AuditedCheckpoint | null): string[] {
    const notes: string[] = []
    if (this.keys.log === null && replay.genesis !== null) {
      notes.push(
        "The log's key is the one that it names itself: compare it with the region's card, or give it with --key.",
      )
    }
    if (checkpoint === null) notes.push('Nothing of the log is signed yet.')
    else if (entries > checkpoint.size) notes.push(`The last ${entries - checkpoint.size} entries are not signed yet.`)
    if (checkpoint?.cosignatures.some(({ verified }) => !verified)) {
      notes.push('Cosignatures of witnesses whose key was not given are listed and not checked.')
    }
    if (replay.startsFromBalances) {
      notes.push(
        'What accounts held before the log began is taken as it is told; so are jobs and earnings of that time.',
      )
    }
    return notes
  }
}

/** Whether something is missing or damaged, rather than out of reach. */
function isDamage(error: unknown): boolean {
  if (error instanceof ProtocolError) return true
  if (error instanceof ConfigError) return error.code === 'damaged' || error.code === 'not_found'
  return error instanceof TransportError && error.code === 'bad_response'
}
