/** Generated code that leaves one value of a type on the operand stack. */
import { ACCESSES } from './accesses.ts'
import type { BodyBuilder } from './generator-body.ts'
import { branchIf, callAny, construct, terminate } from './generator-control.ts'
import { computedNan } from './generator-nans.ts'
import { referable } from './generator-plan.ts'
import { NUMERIC } from './numeric.ts'
import type { TypeLetter } from './values.ts'

type Form = (body: BodyBuilder, type: TypeLetter, depth: number) => void

/** Leaves values of these types, in this order. */
export function values(body: BodyBuilder, types: readonly TypeLetter[], depth: number): void {
  for (const type of types) expression(body, type, depth)
}

/** Leaves one value of the type. */
export function expression(body: BodyBuilder, type: TypeLetter, depth: number): void {
  if (depth <= 0 || body.full) {
    leaf(body, type)
    return
  }
  body.choices.pick(formsOf(body, type))(body, type, depth - 1)
}

function formsOf(body: BodyBuilder, type: TypeLetter): readonly Form[] {
  if (type === 'r' || type === 'e') return body.straight ? [leaf] : REFERENCE_FORMS
  if (body.straight) return STRAIGHT_FORMS
  return type === 'i' ? INT_FORMS : NUMBER_FORMS
}

/** An i32 that keeps below a power of two, or in a reckless module any. */
export function bounded(body: BodyBuilder, mask: number, depth: number): void {
  expression(body, 'i', depth)
  if (body.plan.reckless && body.choices.chance(60)) return
  body.int(mask)
  body.op(0x71)
}

function leaf(body: BodyBuilder, type: TypeLetter): void {
  const { choices, plan } = body
  const kind = choices.below(4)
  const globals = [...plan.globals.keys()].filter(index => plan.globals[index]?.type === type)
  if (kind === 1) body.op(0x20, body.local(type))
  else if (kind === 2 && globals.length > 0) body.op(0x23, choices.pick(globals))
  else if (kind === 3 && type === 'r' && referable(plan).length > 0) body.op(0xd2, choices.pick(referable(plan)))
  else body.constant(type)
}

const PRODUCERS = new Map<TypeLetter, number[]>()
for (const { opcode, result } of NUMERIC.values()) PRODUCERS.set(result, [...(PRODUCERS.get(result) ?? []), opcode])

/** Divisions and remainders of either size. */
const isDivision = (opcode: number): boolean => (opcode >= 0x6d && opcode <= 0x70) || (opcode >= 0x7f && opcode <= 0x82)
/** Conversions that trap where the float does not fit. */
const isTruncation = (opcode: number): boolean =>
  (opcode >= 0xa8 && opcode <= 0xab) || (opcode >= 0xae && opcode <= 0xb1)

function numeric(body: BodyBuilder, type: TypeLetter, depth: number): void {
  const { choices, plan } = body
  const opcode = choices.pick(PRODUCERS.get(type) ?? [])
  const params = NUMERIC.get(opcode)?.params ?? []
  const careful = !plan.reckless && !choices.chance(2)
  if (careful && isTruncation(opcode)) {
    // A float that fits: one made of a small integer.
    bounded(body, 0x7fff, depth)
    body.op(params[0] === 'f' ? 0xb2 : 0xb7)
  } else {
    values(body, params, depth)
  }
  // A divisor that is odd is not 0.
  if (careful && isDivision(opcode)) body.out.push(...(type === 'i' ? [0x41, 1, 0x72] : [0x42, 1, 0x84]))
  body.op(opcode)
}

const nan: Form = (body, type) => {
  if (type === 'f' || type === 'F') body.out.push(...computedNan(body.choices, type))
  else leaf(body, type)
}

/** What shows the bits of a float: the sign that is copied, or all of them as an integer. */
const shown: Form = (body, type, depth) => {
  const float = type === 'f' || type === 'i' ? 'f' : 'F'
  if (type === float) expression(body, float, depth)
  if (body.choices.chance(50)) nan(body, float, depth)
  else expression(body, float, depth)
  body.op({ i: 0xbc, I: 0xbd, f: 0x98, F: 0xa6 }[type as string] ?? 0xbc)
}

/** Alignment and offset of an access. */
export function accessOperands(body: BodyBuilder, bytes: number): void {
  const { choices, plan } = body
  body.u32(choices.below(Math.log2(bytes) + 1))
  const far = plan.reckless && choices.chance(5)
  body.u32(far ? choices.pick([65_535, 65_536, 0x7fff_ffff, 0xffff_ffff]) : choices.below(64))
}

function load(body: BodyBuilder, type: TypeLetter, depth: number): void {
  const { opcode, bytes } = body.choices.pick(ACCESSES.filter(access => !access.store && access.type === type))
  bounded(body, 0x1fff, depth)
  body.op(opcode)
  accessOperands(body, bytes)
}

function tee(body: BodyBuilder, type: TypeLetter, depth: number): void {
  expression(body, type, depth)
  body.op(0x22, body.local(type))
}

function select(body: BodyBuilder, type: TypeLetter, depth: number): void {
  values(body, [type, type, 'i'], depth)
  const plain = type !== 'r' && type !== 'e' && body.choices.chance(60)
  if (plain) body.op(0x1b)
  else body.out.push(0x1c, 1, { i: 0x7f, I: 0x7e, f: 0x7d, F: 0x7c, r: 0x70, e: 0x6f }[type])
}

/** What the memory and table say of themselves. */
function sizes(body: BodyBuilder, _type: TypeLetter, depth: number): void {
  const { choices, plan } = body
  const kind = choices.below(6)
  if (kind === 0 || plan.table === null) {
    body.op(0x3f, 0)
  } else if (kind === 1) {
    body.op(0xfc10, 0)
  } else if (kind === 2) {
    grownMemory(body, depth)
  } else if (kind === 3) {
    expression(body, plan.table.type, depth)
    bounded(body, 3, depth)
    body.op(0xfc0f, 0)
  } else {
    expression(body, choices.pick(['r', 'e'] as const), depth)
    body.op(0xd1)
  }
}

/** Growing a memory is dear, so it is mostly by nothing or by too much. */
function grownMemory(body: BodyBuilder, depth: number): void {
  if (body.choices.chance(30)) bounded(body, 1, depth)
  else body.int(body.choices.pick([0, 0, 4, 65_535, -1]))
  body.op(0x40, 0)
}

function tableEntry(body: BodyBuilder, type: TypeLetter, depth: number): void {
  if (body.plan.table?.type !== type || body.plan.table.initial === 0) {
    leaf(body, type)
    return
  }
  if (body.choices.chance(80)) body.int(body.choices.below(body.plan.table.initial))
  else expression(body, 'i', depth)
  body.op(0x25, 0)
}

/** A call, or a block of any kind, whose last result of the type is kept. */
const called: Form = (body, type, depth) => {
  const results = callAny(body, depth, type)
  if (results === null) leaf(body, type)
  else keep(body, results, type)
}

const constructed: Form = (body, type, depth) => {
  const { choices } = body
  const results: TypeLetter[] = choices.chance(20) ? [choices.pick(['i', 'F', 'I'] as const), type] : [type]
  construct(body, results, depth)
  keep(body, results, type)
}

const branchedOver: Form = (body, type, depth) => {
  const carried = branchIf(body, depth, type)
  if (carried === null) leaf(body, type)
  else keep(body, carried, type)
}

/** The code behind it is dead, so a value may be left or not. */
const ended: Form = (body, type, depth) => {
  if (!body.choices.chance(15)) {
    leaf(body, type)
    return
  }
  terminate(body, depth)
  if (body.choices.chance(50)) expression(body, type, depth)
}

/** Leaves of several values the last one of a type. */
export function keep(body: BodyBuilder, types: readonly TypeLetter[], type: TypeLetter): void {
  const place = types.lastIndexOf(type)
  for (let count = types.length - 1; count > place; count--) body.op(0x1a)
  if (place === 0) return
  const local = body.local(type)
  body.op(0x21, local)
  for (let count = place; count > 0; count--) body.op(0x1a)
  body.op(0x20, local)
}

const times = (count: number, form: Form): Form[] => Array<Form>(count).fill(form)

const NUMBER_FORMS: readonly Form[] = [
  ...times(5, leaf),
  ...times(12, numeric),
  ...times(3, load),
  tee,
  nan,
  shown,
  select,
  ...times(2, called),
  ...times(2, constructed),
  branchedOver,
  ended,
]
const INT_FORMS: readonly Form[] = [...NUMBER_FORMS, ...times(2, sizes)]
const STRAIGHT_FORMS: readonly Form[] = [...times(2, leaf), ...times(5, numeric), load, tee, nan, shown, select]
const REFERENCE_FORMS: readonly Form[] = [...times(3, leaf), ...times(2, tableEntry), tee, select, called, constructed]
