import type { Arithmetic, Comparison, Expression, Value } from './expression.ts'
import { FUNCTIONS, type FunctionWorld } from './functions.ts'
import { timeOf } from './time.ts'

/** The values a path leads to; several where it passes a link to many. */
export type Resolve = (path: readonly string[]) => readonly Value[]

/** Whether an expression is true of what `resolve` knows. Of several values of a path, any may be the one. */
export function isTrue(expression: Expression, resolve: Resolve, world: FunctionWorld): boolean {
  return valuesOf(expression, resolve, world).includes(true)
}

function valuesOf(expression: Expression, resolve: Resolve, world: FunctionWorld): readonly Value[] {
  switch (expression.kind) {
    case 'value':
      return [expression.value]
    case 'path':
      return resolve(expression.path)
    case 'not':
      return [!isTrue(expression.operand, resolve, world)]
    case 'call': {
      const known = FUNCTIONS.get(expression.name)
      const args = combinations(expression.args.map(arg => valuesOf(arg, resolve, world)))
      return args.map(values => known?.run(values, world) ?? null)
    }
    case 'binary':
      return binary(expression, resolve, world)
  }
}

function binary(
  { operator, left, right }: Expression & { kind: 'binary' },
  resolve: Resolve,
  world: FunctionWorld,
): readonly Value[] {
  if (operator === 'and') return [isTrue(left, resolve, world) && isTrue(right, resolve, world)]
  if (operator === 'or') return [isTrue(left, resolve, world) || isTrue(right, resolve, world)]
  const pairs = combinations([valuesOf(left, resolve, world), valuesOf(right, resolve, world)])
  return pairs.map(([a = null, b = null]) => {
    return isArithmetic(operator) ? calculate(operator, a, b) : compare(operator, a, b)
  })
}

function isArithmetic(operator: Comparison | Arithmetic): operator is Arithmetic {
  return operator.length === 3
}

function calculate(operator: Arithmetic, a: Value, b: Value): number | null {
  if (typeof a !== 'number' || typeof b !== 'number') return null
  switch (operator) {
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'div':
      return a / b
    case 'mod':
      return a % b
  }
}

/** Values of different kinds are neither equal nor in an order, but for texts that name a time, and numbers that are ids. */
function compare(operator: Comparison, a: Value, b: Value): boolean {
  const order = orderOf(a, b)
  switch (operator) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order !== null && order > 0
    case 'ge':
      return order !== null && order >= 0
    case 'lt':
      return order !== null && order < 0
    case 'le':
      return order !== null && order <= 0
  }
}

/** Negative, 0 or positive as `a` comes before `b`, is equal, or comes after; null when neither is so. */
export function orderOf(a: Value, b: Value): number | null {
  if (a === null || b === null) return a === b ? 0 : null
  if (a instanceof Date || b instanceof Date) {
    const [first, second] = [msOf(a), msOf(b)]
    return first === null || second === null ? null : first - second
  }
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0
  return typeof a !== 'boolean' && typeof b !== 'boolean' && String(a) === String(b) ? 0 : null
}

function msOf(value: Value): number | null {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'string' ? (timeOf(value)?.getTime() ?? null) : null
}

function combinations(lists: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  let found: (readonly Value[])[] = [[]]
  for (const list of lists) found = found.flatMap(before => list.map(value => [...before, value]))
  return found
}
