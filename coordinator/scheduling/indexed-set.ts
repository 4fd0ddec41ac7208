/** A set from which one can be picked by number. Every operation takes the same time however large it is. */
export class IndexedSet<T> {
  private readonly items: T[] = []
  private readonly places = new Map<T, number>()

  get size(): number {
    return this.items.length
  }

  has(item: T): boolean {
    return this.places.has(item)
  }

  add(item: T): void {
    if (this.places.has(item)) return
    this.places.set(item, this.items.length)
    this.items.push(item)
  }

  /** The last one takes the place of what is removed. */
  delete(item: T): boolean {
    const place = this.places.get(item)
    if (place === undefined) return false
    const last = this.items.pop() as T
    this.places.delete(item)
    if (last !== item) {
      this.items[place] = last
      this.places.set(last, place)
    }
    return true
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.items.values()
  }

  /** @param index - 0 to `size` - 1 */
  at(index: number): T | undefined {
    return this.items[index]
  }
}
