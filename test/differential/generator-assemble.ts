/** Writes a planned module, with the bodies that were generated for it. */
import { leb, rawModule, sleb, text, vector } from '../support/wasm-module.ts'
import type { Choices } from './choices.ts'
import { paddedLeb } from './generator-constants.ts'
import type { Bytes, DataPlan, ElementPlan, ModulePlan, TablePlan } from './generator-plan.ts'
import { type TypeLetter, typeByte } from './values.ts'

/**
 * The module's bytes.
 * @param bodies - of its functions, in order, without their lengths
 * @param choices - decide between encodings of the same thing
 */
export function assemble(plan: ModulePlan, bodies: readonly Bytes[], choices: Choices): Uint8Array {
  const { types } = plan
  const functions = plan.functions.map(type => leb(types.index(type)))
  const length = (size: number) => (plan.padded ? paddedLeb(size) : leb(size))
  const imports = plan.imports.map(({ module, field, type }) => {
    return [...text(module), ...text(field), 0, ...leb(types.index(type))]
  })
  const sections: [id: number, contents: Bytes][] = [
    [1, vector(types.list.map(({ params, results }) => [0x60, ...typeList(params), ...typeList(results)]))],
    [2, vector(imports)],
    [3, vector(functions)],
    [4, vector(plan.table === null ? [] : [tableBytes(plan.table)])],
    [5, vector([limits(plan.memory.initial, plan.memory.maximum)])],
    [6, vector(plan.globals.map(({ type, mutable, init }) => [typeByte(type), mutable ? 1 : 0, ...init, 0x0b]))],
    [7, vector(exportsOf(plan))],
    ...(plan.start === null ? [] : [[8, leb(plan.start)] satisfies [number, Bytes]]),
    [9, vector(plan.elementSegments.map(segment => elementBytes(segment, choices)))],
    [12, leb(plan.dataSegments.length)],
    [10, vector(bodies.map(body => [...length(body.length), ...body]))],
    [11, vector(plan.dataSegments.map(dataBytes))],
  ]
  return rawModule(...sections.map(([id, contents]) => [id, ...length(contents.length), ...contents]))
}

const tableBytes = ({ type, initial, maximum }: TablePlan): number[] => [typeByte(type), ...limits(initial, maximum)]

const typeList = (types: readonly TypeLetter[]): number[] => vector(types.map(type => [typeByte(type)]))

const limits = (initial: number, maximum: number | null): number[] =>
  maximum === null ? [0, ...leb(initial)] : [1, ...leb(initial), ...leb(maximum)]

function exportsOf(plan: ModulePlan): number[][] {
  const exports = [
    [...text('memory'), 2, 0],
    ...plan.exports.map(({ name, index }) => [...text(name), 0, ...leb(index)]),
    ...plan.globals.map((_, index) => [...text(`global${index}`), 3, ...leb(index)]),
  ]
  if (plan.helpers > 0) exports.push([...text('helper'), 0, ...leb(plan.imports.length)])
  return plan.table === null ? exports : [...exports, [...text('table'), 1, 0]]
}

/** In any of the eight encodings that fit. */
function elementBytes({ kind, offset, type, items }: ElementPlan, choices: Choices): number[] {
  const expressions = type === 'e' || items.includes(null) || choices.chance(30)
  const explicit = kind === 'active' && (type === 'e' || choices.chance(30))
  const flags = (expressions ? 4 : 0) + (kind === 'active' ? (explicit ? 2 : 0) : kind === 'passive' ? 1 : 3)
  const place = kind === 'active' ? [...(explicit ? [0] : []), 0x41, ...sleb(offset), 0x0b] : []
  const kindByte = (flags & 3) === 0 ? [] : [expressions ? typeByte(type) : 0]
  const item = (index: number | null) => {
    if (!expressions) return leb(index ?? 0)
    return index === null ? [0xd0, typeByte(type), 0x0b] : [0xd2, ...leb(index), 0x0b]
  }
  return [flags, ...place, ...kindByte, ...vector(items.map(item))]
}

function dataBytes({ passive, offset, bytes }: DataPlan): number[] {
  return [...(passive ? [1] : [0, 0x41, ...sleb(offset), 0x0b]), ...leb(bytes.length), ...bytes]
}
