/** The conditions of a query and the values in them, collected one by one. */
export class Where {
  readonly values: (string | number)[] = []
  private readonly conditions: string[] = []

  /** Adds a condition; its values in the order of their question marks. */
  and(condition: string, ...values: readonly (string | number)[]): void {
    this.conditions.push(condition)
    this.values.push(...values)
  }

  /** Adds that a column lies in a range whose end is exclusive; a bound left out is none. */
  within(column: string, from: number | undefined, to: number | undefined): void {
    if (from !== undefined) this.and(`${column} >= ?`, from)
    if (to !== undefined) this.and(`${column} < ?`, to)
  }

  /** ` WHERE …`, or nothing. */
  get sql(): string {
    return this.conditions.length === 0 ? '' : ` WHERE ${this.conditions.join(' AND ')}`
  }
}
