import type { Instruction } from './decode-code.ts'
import { BYTES_PER_FUEL, FUEL_PER_ENTRY, FUEL_PER_PAGE } from './rules.ts'
import type { Store } from './store.ts'
import type { Value } from './values.ts'

/**
 * Runs a memory, table or reference instruction that is neither a load nor a store. Those that work by a length charge for it right before they act, whether they then trap or not.
 * @see spec/metering.md [FUEL-3.1] [FUEL-3.2]
 */
export function runStoreInstruction(
  store: Store,
  instruction: Instruction,
  stack: Value[],
  charge: (fuel: number) => void,
): void {
  const { opcode, second } = instruction
  const index = Number(instruction.operand)
  switch (opcode) {
    case 0x25:
      stack.push(store.tableGet(index, popNumber(stack)))
      return
    case 0x26: {
      const value = popValue(stack)
      store.tableSet(index, popNumber(stack), value)
      return
    }
    case 0x3f:
      stack.push(store.pages)
      return
    case 0x40: {
      const delta = popNumber(stack)
      if (store.memoryMayGrow(delta)) charge(delta * FUEL_PER_PAGE)
      stack.push(store.memoryGrow(delta))
      return
    }
    case 0xd0:
      stack.push(null)
      return
    case 0xd1:
      stack.push(popValue(stack) === null ? 1 : 0)
      return
    case 0xd2:
      stack.push({ functionIndex: index })
      return
    case 0xfc09:
      store.dataDrop(index)
      return
    case 0xfc0d:
      store.elementDrop(index)
      return
    case 0xfc0f: {
      const delta = popNumber(stack)
      const value = popValue(stack)
      if (store.tableMayGrow(index, delta)) charge(delta * FUEL_PER_ENTRY)
      stack.push(store.tableGrow(index, value, delta))
      return
    }
    case 0xfc10:
      stack.push(store.table(index).length)
      return
    default:
      runRange(store, opcode, [index, second], stack, charge)
  }
}

/** The instructions on a target, a source or value, and a length. */
function runRange(
  store: Store,
  opcode: number,
  [index, second]: readonly [number, number],
  stack: Value[],
  charge: (fuel: number) => void,
): void {
  const length = popNumber(stack)
  const middle = popValue(stack)
  const target = popNumber(stack)
  const source = Number(middle) >>> 0
  charge(opcode <= 0xfc0b ? Math.floor(length / BYTES_PER_FUEL) : length * FUEL_PER_ENTRY)
  switch (opcode) {
    case 0xfc08:
      store.memoryInit(index, target, source, length)
      return
    case 0xfc0a:
      store.memoryCopy(target, source, length)
      return
    case 0xfc0b:
      store.memoryFill(target, source, length)
      return
    case 0xfc0c:
      store.tableInit(second, index, target, source, length)
      return
    case 0xfc0e:
      store.tableCopy(index, second, target, source, length)
      return
    case 0xfc11:
      store.tableFill(index, target, middle, length)
      return
    default:
      throw new Error(`instruction 0x${opcode.toString(16)} is not known`)
  }
}

function popValue(stack: Value[]): Value {
  const value = stack.pop()
  if (value === undefined) throw new Error('a valid module has an operand here')
  return value
}

/** An i32 as the unsigned number that addresses, lengths and indices are. */
function popNumber(stack: Value[]): number {
  return Number(popValue(stack)) >>> 0
}
