import { accessOf } from './accesses.ts'
import type { Instruction } from './decode-code.ts'
import type { DecodedModule, FunctionBody, FunctionType } from './decode-module.ts'
import { NUMERIC } from './numeric.ts'

/** Change of the operand stack's height by the instructions that are neither numeric, nor accesses, nor depend on a type. */
const EFFECTS: ReadonlyMap<number, number> = new Map([
  // drop, local.set, global.set, br_if, br_table, if, table.grow
  ...[0x1a, 0x21, 0x24, 0x0d, 0x0e, 0x04, 0xfc0f].map(opcode => [opcode, -1] as const),
  // local.get, global.get, memory.size, constants, ref.null, ref.func, table.size
  ...[0x20, 0x23, 0x3f, 0x41, 0x42, 0x43, 0x44, 0xd0, 0xd2, 0xfc10].map(opcode => [opcode, 1] as const),
  // select, typed select, table.set
  ...[0x1b, 0x1c, 0x26].map(opcode => [opcode, -2] as const),
  // memory.init, memory.copy, memory.fill, table.init, table.copy, table.fill
  ...[0xfc08, 0xfc0a, 0xfc0b, 0xfc0c, 0xfc0e, 0xfc11].map(opcode => [opcode, -3] as const),
])

const [UNREACHABLE, BR, BR_TABLE, RETURN, CALL, CALL_INDIRECT] = [0x00, 0x0c, 0x0e, 0x0f, 0x10, 0x11] as const

/** What the call stack's rules ask of a body. */
export interface Heights {
  /** The most operands at once in code that can be reached, as validation sees it. */
  readonly operandsMax: number
  /** That code contains a `call_indirect`, or a `call` of a function that is not imported. */
  readonly calls: boolean
}

/** Walks a body as validation does, without running it. */
export function heightsOf(module: DecodedModule, body: FunctionBody): Heights {
  const open: { start: number; end: number }[] = [{ start: 0, end: body.type.results.length }]
  let height = 0
  let operandsMax = 0
  let calls = false
  let dead = false
  let deadBlocks = 0
  for (const instruction of body.code) {
    const { opcode, operand, blockType, closes } = instruction
    if (dead && (deadBlocks > 0 || closes === null)) {
      if (blockType !== null) deadBlocks++
      else if (closes !== null && opcode !== 0x05) deadBlocks--
      continue
    }
    if (closes === null) {
      height += effectOf(module, instruction)
      if (opcode === CALL_INDIRECT || (opcode === CALL && Number(operand) >= module.imports.length)) calls = true
      dead = opcode === UNREACHABLE || opcode === BR || opcode === BR_TABLE || opcode === RETURN
    } else if (opcode === 0x05) {
      height = open.at(-1)?.start ?? 0
      dead = false
    } else {
      height = open.pop()?.end ?? 0
      // A loop's end is reached from above only.
      dead = dead && closes === 'loop'
    }
    if (blockType !== null) {
      open.push({ start: height, end: height - blockType.params.length + blockType.results.length })
    }
    operandsMax = Math.max(operandsMax, height)
  }
  return { operandsMax, calls }
}

function effectOf(module: DecodedModule, { opcode, operand }: Instruction): number {
  const numeric = NUMERIC.get(opcode)
  if (numeric !== undefined) return 1 - numeric.params.length
  if (opcode >= 0x28 && opcode <= 0x3e) return accessOf(opcode).store ? -2 : 0
  if (opcode === CALL) return callEffect(typeOfFunction(module, Number(operand)))
  if (opcode === CALL_INDIRECT) return callEffect(module.types[Number(operand)]) - 1
  return EFFECTS.get(opcode) ?? 0
}

function callEffect(type: FunctionType | undefined): number {
  return type === undefined ? 0 : type.results.length - type.params.length
}

/** Type of a function, imported ones counted first. */
export function typeOfFunction(module: DecodedModule, index: number): FunctionType {
  const type = module.imports[index]?.type ?? module.functions[index - module.imports.length]?.type
  if (type === undefined) throw new Error(`no function ${index}`)
  return type
}
