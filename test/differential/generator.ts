/**
 * Makes valid modules of the profile out of bytes. Each one is a command or a reactor that uses every kind of instruction there is, ends
 * mostly by itself, and leaves traces of what it did in its memory.
 */
import type { Choices } from './choices.ts'
import { assemble } from './generator-assemble.ts'
import { BodyBuilder } from './generator-body.ts'
import { terminate } from './generator-control.ts'
import { values } from './generator-expressions.ts'
import { drawPlan, type ModulePlan } from './generator-plan.ts'
import { statements } from './generator-statements.ts'
import type { TypeLetter } from './values.ts'

const DEPTH_MAX = 4
/** Where the entry functions leave what globals, memory and table have become. */
const TRACE_ADDRESS = 12_288

const STORES: Readonly<Record<string, number>> = { i: 0x36, I: 0x37, f: 0x38, F: 0x39 }

/**
 * A module that all the choices decide.
 * @param kind - a `recursive` one has a function that calls itself for ever, and mostly exhausts the stack
 */
export function generateModule(choices: Choices, kind: 'any' | 'recursive' = 'any'): Uint8Array {
  const plan = drawPlan(choices, kind === 'recursive')
  const bodies = plan.functions.map((_, place) => functionBody(plan, choices, place))
  return assemble(plan, bodies, choices)
}

function functionBody(plan: ModulePlan, choices: Choices, place: number): number[] {
  const self = plan.imports.length + place
  const type = plan.functions[place] ?? { params: [], results: [] }
  const entry = place >= plan.helpers
  const body = new BodyBuilder(plan, choices, self, type, !entry && choices.chance(30))
  if (entry) callHelpers(body)
  statements(body, choices.below(entry ? 6 : 4), DEPTH_MAX)
  if (recurs(plan, place)) callItself(body)
  if (entry) leaveTraces(body)
  if (body.straight && choices.chance(15)) terminate(body, 1)
  values(body, type.results, body.dead ? 0 : DEPTH_MAX - 1)
  if (!body.dead && choices.chance(15)) body.op(0x0f)
  return body.bytes()
}

/** The last helper, since that one calls the others. */
const recurs = ({ recursive, helpers }: ModulePlan, place: number): boolean => recursive && place === helpers - 1

/** Calls the other functions, so that most of the code runs, and stores what they return. */
function callHelpers(body: BodyBuilder): void {
  const { plan, choices } = body
  for (let helper = 0; helper < plan.helpers; helper++) {
    if (!choices.chance(60) && !recurs(plan, helper)) continue
    const type = plan.functions[helper] ?? { params: [], results: [] }
    values(body, type.params, 1)
    body.op(0x10, plan.imports.length + helper)
    for (const result of type.results.toReversed()) storeTop(body, result, TRACE_ADDRESS - 64 + 8 * helper)
  }
}

function callItself(body: BodyBuilder): void {
  values(body, body.type.params, 1)
  body.op(0x10, body.self)
  for (const _ of body.type.results) body.op(0x1a)
}

function leaveTraces(body: BodyBuilder): void {
  const { plan } = body
  for (const [index, { type }] of plan.globals.entries()) {
    body.op(0x23, index)
    storeTop(body, type, TRACE_ADDRESS + 8 * index)
  }
  body.op(0x3f, 0)
  storeTop(body, 'i', TRACE_ADDRESS + 64)
  if (plan.table === null) return
  body.op(0xfc10, 0)
  storeTop(body, 'i', TRACE_ADDRESS + 68)
}

/** Stores the value on top of the stack; of a reference whether it is null. */
function storeTop(body: BodyBuilder, type: TypeLetter, address: number): void {
  if (!(type in STORES)) {
    body.op(0xd1)
    storeTop(body, 'i', address)
    return
  }
  const local = body.local(type)
  body.op(0x21, local)
  body.int(address)
  body.op(0x20, local)
  body.op(STORES[type] ?? 0x36, 0, 0)
}
