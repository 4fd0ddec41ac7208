/**
 * The checkpoint that the region shows. A new one is held back for a moment, until the witnesses that are well have cosigned it, so that
 * whoever asks gets one with cosignatures on it.
 */
import { addSignatureLines, type Clock } from '../../protocol/index.ts'
import type { Region } from '../region.ts'
import type { Checkpoint } from './check-signed.ts'

export interface CheckpointBoardComponents {
  region: Pick<Region, 'step'>
  clock: Clock
  /** Has a checkpoint cosigned; resolves when everybody who answers soon has answered. */
  offer(checkpoint: Checkpoint): Promise<void>
  /** A checkpoint is shown from now on. */
  onShown(checkpoint: Checkpoint): void
}

/** A witness in another part of the world answers in a fraction of this. */
const HOLD_MS = 1_000

export class CheckpointBoard {
  private readonly components: CheckpointBoardComponents
  private newest: Checkpoint | null
  private current: Checkpoint | null

  /** @param restored - the newest from before this start */
  constructor(components: CheckpointBoardComponents, restored: Checkpoint | null) {
    this.components = components
    this.newest = restored
    this.current = restored
  }

  /** What anybody may see; null before the first. */
  get shown(): Checkpoint | null {
    return this.current
  }

  /** A checkpoint is signed and on disk. */
  put(checkpoint: Checkpoint): void {
    const { clock, offer } = this.components
    this.newest = checkpoint
    const show = () => this.show(checkpoint.size)
    const timer = clock.setTimeout(show, HOLD_MS)
    void offer(checkpoint).then(() => {
      timer.cancel()
      show()
    })
  }

  /** A witness has cosigned the checkpoint of this size. One that has been overtaken meanwhile needs it no more. */
  cosigned(size: number, line: string): void {
    const { newest } = this
    if (newest === null || newest.size !== size) return
    const cosigned = { ...newest, note: addSignatureLines(newest.note, line) }
    this.newest = cosigned
    if (this.current?.size === size) this.current = cosigned
    this.components.region.step((now, batch) => {
      batch.write({ table: 'checkpoint', row: { size, note: cosigned.note, atMs: Math.round(now.wallMs) } })
    })
  }

  /** Shows a checkpoint of at least this size, unless one is shown already. */
  private show(size: number): void {
    const { newest, current } = this
    if (newest === null || (current !== null && current.size >= size)) return
    this.current = newest
    this.components.onShown(newest)
  }
}
