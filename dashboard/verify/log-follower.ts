/** Replays a log once and then keeps up with it: what was read before is not read again, and every new root is compared with the signed one. */
import { Problems } from '../../auditor/problems.ts'
import { balanceMicro } from '../../auditor/replay/accounts.ts'
import { Replay } from '../../auditor/replay/replay.ts'
import { figuresOf } from '../../auditor/report.ts'
import { AHEAD, type LogSource } from '../../auditor/source.ts'
import { inOrder } from '../../auditor/tree/ahead.ts'
import { checkSignature } from '../../auditor/tree/checkpoints.ts'
import { TreeBuilder } from '../../auditor/tree/tree-builder.ts'
import {
  decodeBundle,
  decodeEntry,
  equalBytes,
  type Hash,
  type LogEntry,
  messageOf,
  type NoteKey,
  openCheckpoint,
  TILE_WIDTH,
  toHex,
  type Verifier,
} from '../../protocol/index.ts'
import { FlowSums } from './flow-sums.ts'
import type { Books } from './messages.ts'

/** What it uses of the machine it runs on. */
export interface FollowerPorts {
  readonly hash: Hash
  readonly verifier: Verifier
}

/** The books of one log, as its own entries lead to them. */
export class LogFollower {
  readonly #ports: FollowerPorts
  readonly #source: Pick<LogSource, 'checkpoint' | 'entries' | 'name'>
  readonly #key: NoteKey
  readonly #problems = new Problems()
  readonly #tree: TreeBuilder
  readonly #replay: Replay
  readonly #flows = new FlowSums()
  #isSignerChecked = false

  /** @param key - the log's, with which every checkpoint must be signed */
  constructor(ports: FollowerPorts, source: Pick<LogSource, 'checkpoint' | 'entries' | 'name'>, key: NoteKey) {
    this.#ports = ports
    this.#source = source
    this.#key = key
    this.#tree = new TreeBuilder(ports.hash)
    this.#replay = new Replay(ports, this.#problems)
  }

  /** Entries replayed so far. */
  get size(): number {
    return this.#tree.size
  }

  /**
   * Replays what is new up to the newest checkpoint. Not to be called again before it is over.
   * @param onProgress - after each bundle of entries
   * @returns null while the log has no checkpoint
   * @throws {ProtocolError} `bad_note` or `bad_signature` when the checkpoint is not signed by the key, `bad_proof` for a damaged bundle
   * @throws {TransportError} when the log cannot be read
   */
  async advance(onProgress: (entries: number, size: number) => void = () => {}): Promise<Books | null> {
    const note = await this.#source.checkpoint()
    if (note === null) return null
    const { size, root } = openCheckpoint(note, this.#key, this.#ports.verifier)
    if (size < this.size) {
      const message = `The log shows ${size} entries, and had ${this.size} a moment ago.`
      this.#problems.add('tree.size', null, message)
    } else await this.#read(size, onProgress)
    if (!this.#isSignerChecked && this.#replay.genesis !== null) {
      const keys = { log: this.#key, witnesses: [], known: [] }
      checkSignature(note, this.#replay.genesis, keys, this.#ports.verifier, this.#problems)
      this.#isSignerChecked = true
    }
    const found = this.#tree.root()
    const rootMatches = size === this.size && equalBytes(found, root)
    if (size === this.size && !rootMatches) {
      const message = `The root over the first ${size} entries is ${toHex(found)}, and the checkpoint says ${toHex(root)}.`
      this.#problems.add('tree.root', null, message)
    }
    this.#replay.finish()
    return this.#books(rootMatches)
  }

  async #read(size: number, onProgress: (entries: number, size: number) => void): Promise<void> {
    const first = Math.floor(this.size / TILE_WIDTH)
    const fetchBundle = async (nth: number) => {
      const index = first + nth
      const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH)
      return decodeBundle(await this.#source.entries(index, width), width)
    }
    const bundles = size === this.size ? 0 : Math.ceil(size / TILE_WIDTH) - first
    let known = this.size - first * TILE_WIDTH
    for await (const entries of inOrder(bundles, AHEAD, fetchBundle)) {
      for (const bytes of entries.slice(known)) this.#take(bytes)
      known = 0
      onProgress(this.size, size)
    }
  }

  #take(bytes: Uint8Array): void {
    const index = this.#tree.size
    this.#tree.append(bytes)
    let entry: LogEntry
    try {
      entry = decodeEntry(bytes)
    } catch (thrown) {
      this.#problems.add('entry.form', index, `Entry ${index} cannot be read: ${messageOf(thrown)}`)
      return
    }
    this.#replay.apply(index, entry)
    this.#flows.add(entry)
  }

  #books(rootMatches: boolean): Books {
    const accounts = [...this.#replay.scene.accounts.all()]
    return {
      region: this.#replay.genesis?.region ?? '',
      size: this.size,
      rootHex: toHex(this.#tree.root()),
      rootMatches,
      figures: figuresOf(this.#replay, this.size),
      accounts: accounts.map(({ id, form, debitsMicro, creditsMicro, debitsPendingMicro }) => ({
        id,
        form,
        debitsMicro,
        creditsMicro,
        pendingMicro: debitsPendingMicro,
      })),
      flows: this.#flows.list(),
      sumMicro: accounts.reduce((sum, account) => sum + balanceMicro(account), 0n),
      problems: this.#problems.list.slice(),
      problemCount: this.#problems.count,
      startsFromBalances: this.#replay.startsFromBalances,
    }
  }
}
