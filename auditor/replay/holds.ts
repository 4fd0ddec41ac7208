/** Pending transfers that are open, and what resolves them. */
import type { TransferEntry } from '../../protocol/index.ts'
import type { Scene } from './scene.ts'

/** Money that is set aside, with what is left of it. */
export interface Hold {
  readonly purpose: string
  readonly kind: TransferEntry['kind']
  readonly debit: string
  readonly credit: string
  readonly atMs: number
  readonly timeoutMs: number
  leftMicro: bigint
  /** Parts posted so far. */
  posts: number
}

/** The open pending transfers by their purpose, in the order they were set aside. */
export class Holds {
  private readonly open = new Map<string, Hold>()
  private readonly scene: Scene

  constructor(scene: Scene) {
    this.scene = scene
  }

  get size(): number {
    return this.open.size
  }

  all(): IterableIterator<Hold> {
    return this.open.values()
  }

  find(purpose: string): Hold | undefined {
    return this.open.get(purpose)
  }

  add({ purpose, kind, debit, credit, amountMicro, atMs, timeoutMs }: TransferEntry): void {
    const hold = { purpose, kind, debit, credit, atMs, timeoutMs: timeoutMs ?? 0, leftMicro: amountMicro, posts: 0 }
    this.open.set(purpose, hold)
  }

  /**
   * Checks what resolves a pending transfer, and takes it off what is left.
   * @returns false when there is nothing that it could resolve
   */
  resolve(entry: TransferEntry): boolean {
    const { scene } = this
    const { phase, pending, amountMicro, atMs } = entry
    const hold = pending === null ? undefined : this.open.get(pending)
    if (hold === undefined) {
      scene.broken('pending.unknown', `it resolves '${pending}', and no such transfer is pending.`)
      return false
    }
    if (entry.kind !== hold.kind || entry.debit !== hold.debit || entry.credit !== hold.credit) {
      const was = `${hold.kind} from ${hold.debit} to ${hold.credit}`
      scene.broken(
        'pending.match',
        `'${pending}' is ${was}, and it is resolved as ${entry.kind} from ${entry.debit} to ${entry.credit}.`,
      )
      return false
    }
    this.checkPurpose(entry, hold)
    const isPost = phase === 'post'
    if (amountMicro > hold.leftMicro || (!isPost && amountMicro !== hold.leftMicro)) {
      const expected = isPost ? `at most ${hold.leftMicro}` : `exactly ${hold.leftMicro}`
      scene.broken(
        'pending.amount',
        `'${pending}' has ${hold.leftMicro} left, so ${expected} was expected, not ${amountMicro}.`,
      )
      if (amountMicro > hold.leftMicro) return false
    }
    const isOver = atMs - hold.atMs >= hold.timeoutMs
    if (isPost ? isOver : phase === 'expire' && !isOver) {
      const when = `${hold.atMs} with a timeout of ${hold.timeoutMs} ms`
      scene.broken(
        'pending.time',
        `'${pending}' was set aside at ${when}, so there can be no ${phase} of it at ${atMs}.`,
      )
    }
    hold.leftMicro -= amountMicro
    if (isPost) hold.posts++
    if (hold.leftMicro === 0n || !isPost) this.open.delete(hold.purpose)
    return true
  }

  private checkPurpose({ phase, purpose }: TransferEntry, hold: Hold): void {
    const expected = `${hold.purpose}/${phase === 'post' ? `post/${hold.posts + 1}` : phase}`
    if (purpose !== expected)
      this.scene.broken('transfer.purpose', `its purpose is '${purpose}' instead of '${expected}'.`)
  }
}
