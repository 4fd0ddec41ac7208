import { expect, test } from 'vitest'
import { engine } from '../../../../device/sandbox/engine.ts'
import { InstanceSource } from '../../../../device/sandbox/instance-source.ts'
import { meterModule } from '../../../../protocol/metering/index.ts'
import { command, F32, type GlobalParts, I32, op } from '../../../support/wasm-module.ts'

const memoryOf = () => new engine.Memory({ initial: 1, maximum: 1 })
const sourceOf = (resettable: boolean, globals: readonly GlobalParts[] = []) => {
  const { bytes } = meterModule(command([], { globals }), { memoryPagesMax: 1 })
  return new InstanceSource(new engine.Module(bytes), {}, resettable)
}

test('gives an instance again that was given back', () => {
  const source = sourceOf(true)
  const memory = memoryOf()
  const first = source.take(memory)
  for (let unit = 0; unit < 3; unit++) {
    source.give(first)
    expect(source.take(memory)).toBe(first)
  }
})

test('sets its memory and globals back before it gives an instance again', () => {
  const source = sourceOf(true, [{ type: I32, init: op.i32(5) }])
  const memory = memoryOf()
  const first = source.take(memory)
  const value = () => (first.instance.exports['hedgerow.global.0'] as { value: number }).value
  Object.assign(first.instance.exports['hedgerow.global.0'] as object, { value: 9 })
  expect(value()).toBe(9)
  source.give(first)
  expect(source.take(memory)).toBe(first)
  expect(value()).toBe(5)
})

test('makes a new one for every unit that did not give its own back, and for another memory', () => {
  const source = sourceOf(true)
  const memory = memoryOf()
  const first = source.take(memory)
  const second = source.take(memory)
  expect(second).not.toBe(first)
  source.give(second)
  const third = source.take(memoryOf())
  expect(third).not.toBe(second)
})

test.each([
  ['a module is not resettable', false, []],
  ['a global begins with a NaN', true, [{ type: F32, init: [0x43, 0, 0, 0xc0, 0x7f] }]],
])('gives none again when %s', (_title, resettable, globals) => {
  const source = sourceOf(resettable, globals)
  const memory = memoryOf()
  const first = source.take(memory)
  source.give(first)
  expect(source.take(memory)).not.toBe(first)
})
