/** Generated blocks, loops, branches and calls. */
import type { FunctionType } from './decode-module.ts'
import type { BodyBuilder, OpenLabel } from './generator-body.ts'
import { bounded, expression, values } from './generator-expressions.ts'
import { drawTypes, type ModulePlan } from './generator-plan.ts'
import { statements } from './generator-statements.ts'
import { NUMERIC } from './numeric.ts'
import type { TypeLetter } from './values.ts'

const [BLOCK, LOOP, IF, ELSE, END] = [0x02, 0x03, 0x04, 0x05, 0x0b] as const

/** A block, loop or if with some parameters, which leaves values of these types. */
export function construct(body: BodyBuilder, results: readonly TypeLetter[], depth: number): void {
  const { choices } = body
  const type = { params: choices.chance(25) ? drawTypes(choices, 2) : [], results }
  const kind = choices.below(3)
  values(body, type.params, depth)
  if (kind === 0) {
    open(body, BLOCK, type, { types: results, loop: false, counter: null }, depth)
  } else if (kind === 1) {
    ifBlock(body, type, depth)
  } else {
    loop(body, type, depth)
  }
}

/** An `if` whose parameters are its results needs no `else`. */
export function ifWithoutElse(body: BodyBuilder, types: readonly TypeLetter[], depth: number): void {
  values(body, types, depth)
  expression(body, 'i', depth)
  open(body, IF, { params: types, results: types }, { types, loop: false, counter: null }, depth)
}

function ifBlock(body: BodyBuilder, type: FunctionType, depth: number): void {
  expression(body, 'i', depth)
  const label = { types: type.results, loop: false, counter: null }
  open(body, IF, type, label, depth, () => {
    body.op(ELSE)
    inside(body, type, label, depth)
  })
}

/** Mostly bounded by a local that is counted down, as long as code in it does not branch back without looking. */
function loop(body: BodyBuilder, type: FunctionType, depth: number): void {
  const { choices } = body
  const counter = choices.chance(4) ? null : body.counter()
  if (counter !== null) {
    body.int(choices.chance(15) ? choices.below(60) : choices.below(5))
    body.op(0x21, counter)
  }
  open(body, LOOP, type, { types: type.params, loop: true, counter }, depth)
}

/** From the opening instruction to the `end`; `between` writes a second branch. */
function open(
  body: BodyBuilder,
  opcode: number,
  type: FunctionType,
  label: OpenLabel,
  depth: number,
  between: () => void = () => {},
): void {
  const outside = body.dead
  body.out.push(opcode)
  body.blockType(type)
  inside(body, type, label, depth)
  between()
  body.out.push(END)
  body.dead = outside
}

function inside(body: BodyBuilder, { params, results }: FunctionType, label: OpenLabel, depth: number): void {
  body.dead = false
  body.labels.push(label)
  for (const type of params.toReversed()) consume(body, type, depth)
  statements(body, body.choices.below(3), depth)
  if (label.loop) branchBack(body, label, depth)
  // In dead code an operand that is missing is as good as one that is there, from the bottom up.
  const missing = body.dead ? body.choices.below(results.length + 1) : 0
  values(body, results.slice(missing), depth)
  body.labels.pop()
}

/** Uses up the value on top of the stack. */
function consume(body: BodyBuilder, type: TypeLetter, depth: number): void {
  const { choices } = body
  const partners = [...NUMERIC.values()].filter(({ params }) => params.length === 2 && params[0] === type)
  const kind = choices.below(3)
  if (kind === 0) {
    body.op(0x1a)
  } else if (kind === 1 || partners.length === 0) {
    body.op(0x21, body.local(type))
  } else {
    const { opcode, params, result } = choices.pick(partners)
    expression(body, params[1] ?? type, depth - 1)
    const divides = (opcode >= 0x6d && opcode <= 0x70) || (opcode >= 0x7f && opcode <= 0x82)
    body.op(divides ? (type === 'i' ? 0x6a : 0x7c) : opcode)
    body.op(0x21, body.local(result))
  }
}

/** To the head of the innermost loop, while its counter is above 0; what the branch carries is dropped when it is not taken. */
function branchBack(body: BodyBuilder, label: OpenLabel, depth: number): void {
  values(body, label.types, depth)
  if (label.counter !== null) countDown(body, label.counter)
  else if (body.choices.chance(50)) body.int(1)
  else expression(body, 'i', depth)
  body.op(0x0d, 0)
  for (const _ of label.types) body.op(0x1a)
}

function countDown(body: BodyBuilder, counter: number): void {
  body.op(0x20, counter)
  body.int(1)
  body.op(0x6b)
  body.op(0x22, counter)
  body.int(0)
  body.op(0x4a)
}

const placeOf = (body: BodyBuilder, label: OpenLabel): number => body.labels.length - 1 - body.labels.indexOf(label)

/**
 * A conditional branch, which leaves what it carries when it is not taken.
 * @param wanted - a type that it must carry
 * @returns what it leaves, or null when there is no such label and nothing was written
 */
export function branchIf(body: BodyBuilder, depth: number, wanted: TypeLetter | null): readonly TypeLetter[] | null {
  const labels = body.labels.filter(({ types }) => wanted === null || types.includes(wanted))
  if (labels.length === 0) return null
  const label = body.choices.pick(labels)
  values(body, label.types, depth)
  if (label.counter === null) expression(body, 'i', depth)
  else countDown(body, label.counter)
  body.op(0x0d, placeOf(body, label))
  return label.types
}

/** An instruction that never goes on to the next; the code behind it is dead. */
export function terminate(body: BodyBuilder, depth: number): void {
  const { choices, labels } = body
  const kind = choices.below(8)
  // A branch back that does not count makes a loop without end, seldom.
  const targets = choices.chance(4) ? labels : labels.filter(({ counter }) => counter === null)
  const label = choices.pick(targets)
  if (kind === 0) {
    body.op(0x00)
  } else if (kind <= 2) {
    values(body, body.type.results, depth)
    body.op(0x0f)
  } else if (kind <= 5) {
    values(body, label.types, depth)
    body.op(0x0c, placeOf(body, label))
  } else {
    const alike = targets.filter(({ types }) => types.join() === label.types.join())
    const cases = Array.from({ length: choices.below(5) }, () => placeOf(body, choices.pick(alike)))
    values(body, label.types, depth)
    bounded(body, 3, depth)
    body.op(0x0e, cases.length, ...cases, placeOf(body, label))
  }
  body.dead = true
}

/**
 * A call of any function, direct or through the table.
 * @param wanted - a type that must be among its results
 * @returns its results, or null when there is no such function and nothing was written
 */
export function callAny(body: BodyBuilder, depth: number, wanted: TypeLetter | null): readonly TypeLetter[] | null {
  const { plan, choices } = body
  const types = [...plan.imports.map(({ type }) => type), ...plan.functions]
  // Mostly downwards, so that calls end; `abort` and `proc_exit` end everything, so not often.
  const limit = choices.chance(7) ? types.length : Math.min(body.self, plan.imports.length + plan.helpers)
  const ends = (index: number) => plan.imports[index]?.type.results.length === 0
  const callable = [...types.keys()].filter(index => {
    return (
      index < limit &&
      (!ends(index) || choices.chance(25)) &&
      (wanted === null || types[index]?.results.includes(wanted))
    )
  })
  if (callable.length === 0) return null
  const index = choices.pick(callable)
  const type = types[index] ?? { params: [], results: [] }
  const imported = index < plan.imports.length
  for (const param of type.params) {
    if (imported && param === 'i') bounded(body, choices.pick([0x1f, 0x7ff]), depth)
    else expression(body, param, depth)
  }
  const places = placesInTable(plan, index)
  if (plan.table?.type === 'r' && choices.chance(places.length > 0 ? 50 : 3)) {
    if (places.length > 0 && !choices.chance(3)) body.int(choices.pick(places))
    else if (plan.reckless) expression(body, 'i', depth)
    else body.int(choices.below(plan.table.initial))
    body.op(0x11, plan.types.index(type), 0)
  } else {
    body.op(0x10, index)
  }
  return type.results
}

/** Where a function is in the table at first. */
function placesInTable({ elementSegments }: ModulePlan, index: number): number[] {
  return elementSegments
    .filter(({ kind }) => kind === 'active')
    .flatMap(({ offset, items }) => items.map((item, at) => (item === index ? offset + at : -1)))
    .filter(place => place >= 0)
}
