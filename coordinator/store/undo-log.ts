/** Remembers how to take changes back, newest first. */
export class UndoLog {
  private readonly steps: (() => void)[] = []

  /** Sets an entry and remembers what it was. */
  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const had = map.has(key)
    const before = map.get(key)
    this.steps.push(() => {
      if (had) map.set(key, before as V)
      else map.delete(key)
    })
    map.set(key, value)
  }

  /** Deletes an entry and remembers it. Taken back, it is last in the map's order. */
  delete<K, V>(map: Map<K, V>, key: K): void {
    const before = map.get(key)
    if (before === undefined) return
    this.steps.push(() => map.set(key, before))
    map.delete(key)
  }

  /** Remembers a step of the caller's own. */
  later(step: () => void): void {
    this.steps.push(step)
  }

  /** A point to go back to. */
  mark(): number {
    return this.steps.length
  }

  /** Takes back everything since a mark. */
  backTo(mark: number): void {
    while (this.steps.length > mark) this.steps.pop()?.()
  }

  /** Keeps everything: nothing can be taken back any more. */
  forget(): void {
    this.steps.length = 0
  }
}
