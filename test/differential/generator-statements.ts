/** Generated code that leaves the operand stack as it was. */
import { ACCESSES } from './accesses.ts'
import type { BodyBuilder } from './generator-body.ts'
import { branchIf, callAny, construct, ifWithoutElse, terminate } from './generator-control.ts'
import { accessOperands, bounded, expression, values } from './generator-expressions.ts'
import { copyNan } from './generator-nans.ts'
import { drawType, drawTypes } from './generator-plan.ts'
import { NUMERIC } from './numeric.ts'
import type { TypeLetter } from './values.ts'

type Statement = (body: BodyBuilder, depth: number) => void

/** So many statements, fewer when the body is full. */
export function statements(body: BodyBuilder, count: number, depth: number): void {
  for (let left = count; left > 0 && !body.full; left--) {
    const forms = body.straight ? STRAIGHT_FORMS : FORMS
    const form = body.dead && body.choices.chance(60) ? deadCode : body.choices.pick(forms)
    form(body, depth - 1)
  }
}

const nothing: Statement = body => body.op(0x01)

const setLocal: Statement = (body, depth) => {
  const type = drawType(body.choices)
  expression(body, type, depth)
  body.op(0x21, body.local(type))
}

const setGlobal: Statement = (body, depth) => {
  const { plan, choices } = body
  const globals = [...plan.globals.keys()].filter(index => plan.globals[index]?.mutable)
  if (globals.length === 0) return
  const index = choices.pick(globals)
  expression(body, plan.globals[index]?.type ?? 'i', depth)
  body.op(0x24, index)
}

const store: Statement = (body, depth) => {
  const { opcode, type, bytes } = body.choices.pick(ACCESSES.filter(access => access.store))
  bounded(body, 0x1fff, depth)
  expression(body, type, depth)
  body.op(opcode)
  accessOperands(body, bytes)
}

const dropped: Statement = (body, depth) => {
  expression(body, drawType(body.choices), depth)
  body.op(0x1a)
}

/** Uses what is on the stack, the last value first. */
function settle(body: BodyBuilder, types: readonly TypeLetter[] | null): void {
  for (const type of (types ?? []).toReversed()) {
    if (body.choices.chance(60)) body.op(0x21, body.local(type))
    else body.op(0x1a)
  }
}

const call: Statement = (body, depth) => settle(body, callAny(body, depth, null))

const block: Statement = (body, depth) => {
  const results = body.choices.chance(30) ? drawTypes(body.choices, 3) : []
  construct(body, results, depth)
  settle(body, results)
}

const conditional: Statement = (body, depth) => {
  const types = body.choices.chance(30) ? drawTypes(body.choices, 2) : []
  ifWithoutElse(body, types, depth)
  settle(body, types)
}

const branch: Statement = (body, depth) => settle(body, branchIf(body, depth, null))

const ending: Statement = (body, depth) => {
  if (body.choices.chance(30)) terminate(body, depth)
}

const memory: Statement = (body, depth) => {
  const { plan, choices } = body
  const segments = plan.dataSegments.length
  const kind = choices.below(segments > 0 ? 4 : 2)
  if (kind === 3) {
    body.op(0xfc09, choices.below(segments))
    return
  }
  bounded(body, 0xfff, depth)
  bounded(body, kind === 2 ? 3 : 0xfff, depth)
  bounded(body, kind === 2 ? 7 : 0x1ff, depth)
  if (kind === 0) body.op(0xfc0b, 0)
  else if (kind === 1) body.op(0xfc0a, 0, 0)
  else body.op(0xfc08, choices.below(segments), 0)
}

const table: Statement = (body, depth) => {
  const { plan, choices } = body
  if (plan.table === null) return
  const { type } = plan.table
  const segments = [...plan.elementSegments.keys()].filter(index => plan.elementSegments[index]?.type === type)
  const small = () => {
    if (choices.chance(5)) bounded(body, 3, depth)
    else body.int(choices.below(Math.ceil((plan.table?.initial ?? 0) / 2)))
  }
  switch (choices.below(segments.length > 0 ? 5 : 3)) {
    case 0:
      small()
      expression(body, type, depth)
      body.op(0x26, 0)
      return
    case 1:
      small()
      expression(body, type, depth)
      small()
      body.op(0xfc11, 0)
      return
    case 2:
      small()
      small()
      small()
      body.op(0xfc0e, 0, 0)
      return
    case 3:
      small()
      body.int(0)
      bounded(body, 1, depth)
      body.op(0xfc0c, choices.pick(segments), 0)
      return
    default:
      body.op(0xfc0d, choices.pick(segments))
  }
}

/** An instruction of which the first operands are missing, as only dead code may have it. */
const deadCode: Statement = (body, depth) => {
  const { choices } = body
  const kind = choices.below(5)
  if (kind === 0) {
    body.op(0x1b)
    body.op(0x1a)
  } else if (kind === 1) {
    settle(body, drawTypes(choices, 3))
  } else if (kind === 2) {
    body.op(choices.pick(ACCESSES.filter(access => access.store)).opcode, 0, 0)
  } else {
    const { opcode, params } = choices.pick([...NUMERIC.values()])
    values(body, params.slice(choices.below(params.length + 1)), depth)
    body.op(opcode)
    body.op(0x1a)
  }
}

const times = (count: number, form: Statement): Statement[] => Array<Statement>(count).fill(form)

const STRAIGHT_FORMS: readonly Statement[] = [nothing, setLocal, setGlobal, store]
const FORMS: readonly Statement[] = [
  nothing,
  ...times(4, setLocal),
  ...times(3, setGlobal),
  ...times(5, store),
  dropped,
  ...times(2, copyNan),
  ...times(3, call),
  ...times(4, block),
  ...times(2, conditional),
  ...times(2, branch),
  ending,
  ...times(2, memory),
  ...times(2, table),
]
