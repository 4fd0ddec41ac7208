/** What a filter says, as a tree. */

/** A value in a filter or of a property. Times are dates. */
export type Value = string | number | boolean | Date | null

export const COMPARISONS = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const
export type Comparison = (typeof COMPARISONS)[number]

export const ARITHMETIC = ['add', 'sub', 'mul', 'div', 'mod'] as const
export type Arithmetic = (typeof ARITHMETIC)[number]

/** A property, or one of an entity that is linked: `Datastream/Thing/name`. */
export interface PathExpression {
  readonly kind: 'path'
  readonly path: readonly string[]
  readonly at: number
}

export type Expression =
  | PathExpression
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'binary'
      readonly operator: Comparison | Arithmetic | 'and' | 'or'
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'not'; readonly operand: Expression }

/** The parts that must all hold: `a and b and c` is three. */
export function conjunctsOf(expression: Expression | null): Expression[] {
  if (expression === null) return []
  if (expression.kind !== 'binary' || expression.operator !== 'and') return [expression]
  return [...conjunctsOf(expression.left), ...conjunctsOf(expression.right)]
}

/** Every path in an expression. */
export function pathsIn(expression: Expression): PathExpression[] {
  switch (expression.kind) {
    case 'path':
      return [expression]
    case 'value':
      return []
    case 'call':
      return expression.args.flatMap(pathsIn)
    case 'not':
      return pathsIn(expression.operand)
    case 'binary':
      return [...pathsIn(expression.left), ...pathsIn(expression.right)]
  }
}
