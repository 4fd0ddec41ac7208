/** Somebody who reads the checkpoints of the public log as they appear, and remembers every one of them. */
import { logKeyOf, type NoteKey, openCheckpoint, parseVerifierKey, toHex } from '../../protocol/index.ts'
import { nodeVerifier } from '../../protocol/node/index.ts'
import { pause } from './wait.ts'

/** What was shown of a log. */
export interface SeenCheckpoints {
  /** The largest. */
  readonly size: number
  /** Root by size. */
  readonly roots: ReadonlyMap<number, string>
}

const POLL_MS = 25
const TIMEOUT_MS = 2_000

export class LogWatcher implements SeenCheckpoints {
  readonly roots = new Map<number, string>()
  readonly problems: string[] = []
  size = 0
  readonly #url: string
  readonly #verifier = nodeVerifier()
  #key: NoteKey | null = null
  #isStopped = false

  /** @param url - where the coordinator answers whenever it runs */
  constructor(url: string) {
    this.#url = url
  }

  /** Looks again and again until {@link stop}; resolves then. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const key = this.#key ?? (await this.#readKey())
      const note = key === null ? null : await this.#ask('checkpoint')
      if (key !== null && note !== null) this.#look(note, key)
      await pause(POLL_MS)
    }
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Pinned at the first sight of it. */
  async #readKey(): Promise<NoteKey | null> {
    const card = await this.#ask('card')
    if (card === null) return null
    const { logKey, origin } = JSON.parse(card) as { logKey: string; origin: string }
    const key = parseVerifierKey(logKey)
    this.#key = logKeyOf(origin, key.publicKey)
    return this.#key
  }

  #look(note: string, key: NoteKey): void {
    let checkpoint: { size: number; root: Uint8Array }
    try {
      checkpoint = openCheckpoint(note, key, this.#verifier)
    } catch (error) {
      this.problems.push(`A checkpoint cannot be read: ${String(error)}`)
      return
    }
    const { size } = checkpoint
    const root = toHex(checkpoint.root)
    if (size < this.size) this.problems.push(`After a checkpoint of ${this.size} entries one of ${size} was shown.`)
    const before = this.roots.get(size)
    if (before !== undefined && before !== root) this.problems.push(`Two checkpoints of ${size} entries were shown.`)
    this.roots.set(size, root)
    this.size = Math.max(this.size, size)
  }

  /** The answer, or null when there is none: the coordinator is away, or has signed nothing. */
  async #ask(path: string): Promise<string | null> {
    try {
      const answer = await fetch(`${this.#url}/log/${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
      return answer.ok ? await answer.text() : null
    } catch {
      return null
    }
  }
}
