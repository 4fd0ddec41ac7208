/**
 * How soon the next commit may follow the last. One sync to disk may serve many steps, so under load commits keep a distance in which
 * more gather. A region with little to do has nothing to gather: the few commits that one small job takes come at once.
 */

/** Distance of commits under load. */
const GROUP_COMMIT_MS = 2
/** Commits that may come at once, after a quiet time. */
const AT_ONCE_MAX = 4
/** Quiet time that earns another. Well above the distance, or a loaded region would earn as many as it spends. */
const QUIET_MS_EACH = 10

/** Pure: the time is given, in monotonic milliseconds that never go back. */
export class CommitPace {
  private atOnce = AT_ONCE_MAX
  private lastEndMs = Number.NEGATIVE_INFINITY

  /** How long the next commit waits from now on; 0 or more. */
  waitMs(nowMs: number): number {
    if (this.atOnceAt(nowMs) >= 1) return 0
    return Math.max(0, this.lastEndMs + GROUP_COMMIT_MS - nowMs)
  }

  /** Takes note of a commit. How long it took is no quiet time: where the disk is slow, more must share one. */
  committed(startMs: number, endMs: number): void {
    this.atOnce = Math.max(0, this.atOnceAt(startMs) - 1)
    this.lastEndMs = endMs
  }

  private atOnceAt(nowMs: number): number {
    return Math.min(AT_ONCE_MAX, this.atOnce + (nowMs - this.lastEndMs) / QUIET_MS_EACH)
  }
}
