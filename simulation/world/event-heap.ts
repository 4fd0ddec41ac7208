/** A priority queue of things to do: by time, and in the order in which they were asked for when that is equal. */

export interface Due {
  /** Any unit of time. */
  readonly at: number
  readonly order: number
  /** Null when it was called off. */
  act: (() => void) | null
}

export class EventHeap {
  readonly #heap: Due[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  peek(): Due | undefined {
    return this.#heap[0]
  }

  push(time: number, act: () => void): Due {
    const due: Due = { at: time, order: this.#order++, act }
    const heap = this.#heap
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(due, heap[parent] as Due)) break
      heap[at] = heap[parent] as Due
      at = parent
    }
    heap[at] = due
    return due
  }

  pop(): Due | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++
      if (!isBefore(heap[child] as Due, last)) break
      heap[at] = heap[child] as Due
      at = child
    }
    heap[at] = last
    return first
  }
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
