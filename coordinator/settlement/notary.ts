/** Signs the state of the log, again and again. What it signs is on disk before, and nothing it signs takes back what it signed. */
import { assert, type Clock, equalBytes, type Signer, signCheckpoint, type TreeHead } from '../../protocol/index.ts'
import type { Region } from '../region.ts'
import type { Checkpoint, Signed } from './check-signed.ts'
import type { HeadGuard } from './head-guard.ts'

export interface NotaryComponents {
  region: Pick<Region, 'step' | 'committed'>
  log: { readonly size: number; head(): TreeHead }
  guard: Pick<HeadGuard, 'write'>
  /** The region's key. */
  signer: Signer
  clock: Clock
  /** Called with every checkpoint once it is committed. */
  onSigned(checkpoint: Checkpoint): void
  /** The disk failed, and the process must stop. */
  onFatal(error: unknown): void
}

export interface NotaryInit {
  origin: string
  checkpointMs: number
}

/** So many new entries are signed before the interval is over. */
const ENTRIES_MAX = 1_000
/** Each signature costs two syncs of the disk and a request to every witness, so a busy log is signed ten times an interval at most. */
const HURRY = 10

export class Notary {
  private readonly components: NotaryComponents
  private readonly init: NotaryInit
  private floor: TreeHead | null
  /** Entries of the newest checkpoint; -1 before the first. */
  private signedSize: number
  private signedAtMs = Number.NEGATIVE_INFINITY
  /** Settles when the signature at hand is done; null while none is. */
  private signing: Promise<void> | null = null
  private isClosed = false

  /** @param signed - what was signed before this start, checked against the database */
  constructor(components: NotaryComponents, init: NotaryInit, signed: Signed) {
    this.components = components
    this.init = init
    this.floor = signed.floor
    this.signedSize = signed.checkpoint?.size ?? -1
  }

  /** Signs when it is time; call it often. */
  tick(): void {
    if (this.signing !== null || this.isClosed || !this.isDue()) return
    this.signing = this.sign().then(
      () => {
        this.signing = null
      },
      // It stays busy: after a failed write nothing is signed any more.
      error => this.components.onFatal(error),
    )
  }

  /** Signs what is not signed yet, and nothing afterwards: the end of a run, so that what it leaves can be audited whole. */
  async seal(): Promise<void> {
    await this.signing
    await this.components.region.committed()
    const isDone = this.isClosed || this.signing !== null || this.components.log.size <= this.signedSize
    this.isClosed = true
    if (!isDone) await this.sign()
  }

  close(): void {
    this.isClosed = true
  }

  private isDue(): boolean {
    const { clock, log } = this.components
    const news = log.size - Math.max(0, this.signedSize)
    if (news === 0) return false
    const sinceMs = clock.monotonicMs() - this.signedAtMs
    const { checkpointMs } = this.init
    return sinceMs >= checkpointMs || (news >= ENTRIES_MAX && sinceMs >= checkpointMs / HURRY)
  }

  /** @see spec/clauses.md [LOG-8.1] */
  private async sign(): Promise<void> {
    const { region, log, guard, signer, clock } = this.components
    // Between this and the next line nothing is appended, so the tree is what is on disk. After a failed commit it does not go on.
    await region.committed()
    const head = log.head()
    this.signedAtMs = clock.monotonicMs()
    const { floor } = this
    assert(floor === null || head.size >= floor.size, 'a checkpoint is never of fewer entries than one before')
    assert(
      floor === null || head.size > floor.size || equalBytes(head.root, floor.root),
      'no two roots are signed for one size',
    )
    this.floor = head
    await guard.write(head)
    const checkpoint = { ...head, note: signCheckpoint(head, this.init.origin, signer) }
    region.step((now, batch) => {
      const { size, note } = checkpoint
      batch.write({ table: 'checkpoint', row: { size, note, atMs: Math.round(now.wallMs) } })
    })
    await region.committed()
    this.signedSize = head.size
    if (!this.isClosed) this.components.onSigned(checkpoint)
  }
}
