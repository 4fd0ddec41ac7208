/** An invariant does not hold. */
export class Broken extends Error {
  /** Which, in one word or two. */
  readonly invariant: string

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`)
    this.invariant = invariant
  }
}

/** @throws {Broken} unless it holds */
export function demand(holds: boolean, invariant: string, message: () => string): void {
  if (!holds) throw new Broken(invariant, message())
}
