/** Checks CBOR values against the CDDL of the wire: the parts of RFC 8610 that `protocol/spec/hedgerow.cddl` uses. */
import { fileURLToPath } from 'node:url'
import { type Assignment, parse } from 'cddl'
import { utf8 } from '../../protocol/bytes.ts'
import type { CborValue } from '../../protocol/cbor/index.ts'

/** A node of the parser's tree, whose published types are narrower than what it returns. */
interface Node {
  Type?: unknown
  Name?: unknown
  Value?: unknown
  Min?: unknown
  Max?: unknown
  n?: unknown
  m?: unknown
  Occurrence?: unknown
  Operator?: unknown
  Values?: unknown
  Properties?: unknown
  PropertyType?: unknown
}

export interface Cddl {
  /** Rule names in the order of the file; the first is the root. */
  readonly names: readonly string[]
  /** Names that rules refer to. */
  readonly references: ReadonlySet<string>
  /** Whether a value is what the rule describes. */
  matches(rule: string, value: CborValue): boolean
}

/** The grammar of the wire. */
export function wireCddl(): Cddl {
  return readCddl(fileURLToPath(new URL('../../protocol/spec/hedgerow.cddl', import.meta.url)))
}

/** Parses a grammar. Throws when it is not CDDL. */
export function readCddl(path: string): Cddl {
  const assignments = parse(path)
  const rules = new Map<string, Assignment>(assignments.map(rule => [rule.Name, rule]))
  const matchesRule = (name: string, value: CborValue): boolean => {
    const rule = rules.get(name)
    if (rule === undefined) throw new Error(`The grammar has no rule '${name}'.`)
    return matches(rule, value)
  }

  const matches = (type: unknown, value: CborValue): boolean => {
    if (Array.isArray(type)) return type.some(choice => matches(choice, value))
    if (typeof type === 'string') return matchesNative(type, value)
    const node = asNode(type)
    switch (node.Type) {
      case 'variable':
        return matches(node.PropertyType, value)
      case 'array':
        return Array.isArray(value) && matchesElements(asList(node.Values), value)
      case 'group':
        if (typeof node.Value === 'string') return matchesRule(node.Value, value)
        return asList(node.Properties).length === 0 && value instanceof Map && value.size === 0
      case 'literal':
        return value === node.Value
      case 'range':
        return isInteger(value) && inRange(node.Value, value)
      default:
        return matches(node.Type, value) && (node.Operator === undefined || matchesOperator(node.Operator, value))
    }
  }

  const matchesElements = (fields: readonly unknown[], values: readonly CborValue[]): boolean => {
    let at = 0
    for (const field of fields) {
      const { Occurrence, Type } = asNode(field)
      const { n, m } = asNode(Occurrence)
      let count = 0
      while (count < Number(m) && at < values.length && matches(Type, values[at] ?? null)) {
        at++
        count++
      }
      if (count < Number(n)) return false
    }
    return at === values.length
  }

  return { names: assignments.map(rule => rule.Name), references: referencesOf(assignments), matches: matchesRule }
}

function matchesNative(type: string, value: CborValue): boolean {
  if (type === 'bstr') return value instanceof Uint8Array
  if (type === 'tstr') return typeof value === 'string'
  if (type === 'null') return value === null
  if (type === 'bool') return typeof value === 'boolean'
  throw new Error(`The checker does not know the type '${type}'.`)
}

function matchesOperator(operator: unknown, value: CborValue): boolean {
  const { Type, Value } = asNode(operator)
  if (Type !== 'size') throw new Error(`The checker does not know the operator '.${Type}'.`)
  const size = typeof value === 'string' ? utf8(value).length : value instanceof Uint8Array ? value.length : -1
  const sizes = asNode(Value)
  return sizes.Type === 'range' ? inRange(sizes.Value, size) : size === sizes.Value
}

function isInteger(value: CborValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function inRange(range: unknown, value: number | bigint): boolean {
  const { Min, Max } = asNode(range)
  return value >= bound(Min) && value <= bound(Max)
}

/** The parser reads bounds as doubles, which makes 2^63 of 2^63-1. */
function bound(node: unknown): bigint {
  const value = Number(asNode(node).Value)
  return BigInt(value) - (Number.isSafeInteger(value) ? 0n : 1n)
}

function referencesOf(tree: unknown, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof tree !== 'object' || tree === null) return found
  const node = asNode(tree)
  if (node.Type === 'group' && typeof node.Value === 'string') found.add(node.Value)
  for (const child of Object.values(tree)) referencesOf(child, found)
  return found
}

function asNode(value: unknown): Node {
  if (typeof value !== 'object' || value === null) throw new Error(`The grammar's tree holds ${String(value)}.`)
  return value
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("The grammar's tree lacks a list.")
  return value
}
