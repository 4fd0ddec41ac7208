import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blocksOf, customMeter, holds, METERS, numberAt } from '../../../../hardware/drivers/modbus-meters.ts'
import { MODBUS_METERS, type ModbusRegister, REGISTER_TYPES } from '../../../../hardware/sensor-config.ts'
import { QUANTITIES } from '../../../../protocol/index.ts'

const register = (address: number, type: ModbusRegister['type'] = 'f32', table: ModbusRegister['table'] = 'input') => ({
  quantity: 'voltage',
  address,
  type,
  table,
  scale: 1,
})

describe('numbers in registers', () => {
  test.each([
    ['u16', [0xfffe], 65_534],
    ['s16', [0xfffe], -2],
    ['u32', [0xffff, 0xfffe], 4_294_967_294],
    ['s32', [0xffff, 0xfffe], -2],
    ['u32-swapped', [0x86a0, 0x0001], 100_000],
    ['s32-swapped', [0xfffe, 0xffff], -2],
    ['f32', [0x4366, 0x3333], Math.fround(230.2)],
    ['f32-swapped', [0x3333, 0x4366], Math.fround(230.2)],
    ['f32', [0x7fc0, 0], Number.NaN],
  ] as const)('%s %j is %d', (type, words, value) => {
    const block = { table: 'input', address: 7, count: 1 + words.length } as const
    expect(numberAt(block, [0xdead, ...words], { address: 8, type })).toBe(value)
  })

  test('that are not all there are none', () => {
    expect(numberAt({ table: 'input', address: 0, count: 1 }, [], { address: 0, type: 'u16' })).toBeNaN()
  })
})

describe('questions', () => {
  test('of a PZEM-004T: one, with which the answer of its manual is read', () => {
    const { blocks, registers } = METERS['pzem-004t']
    expect(blocks).toEqual([{ table: 'input', address: 0, count: 10 }])
    const words = [0x0898, 0x03e8, 0, 0x0898, 0, 0, 0, 0x01f4, 0x0064, 0]
    const [block] = blocks
    const values = registers.map(register => [
      register.quantity,
      block && numberAt(block, words, register) * register.scale,
    ])
    expect(Object.fromEntries(values)).toEqual({
      voltage: 220,
      current: 1,
      power: 220,
      'energy-import': 0,
      frequency: 50,
      'power-factor': 1,
    })
  })

  test('of an SDM: three, none for more than 30 parameters', () => {
    expect(METERS.sdm120.blocks).toEqual([
      { table: 'input', address: 0, count: 0x20 },
      { table: 'input', address: 0x46, count: 6 },
      { table: 'input', address: 0x156, count: 2 },
    ])
    expect(METERS.sdm630.blocks).toEqual([
      { table: 'input', address: 0x2a, count: 0x22 },
      { table: 'input', address: 0x156, count: 2 },
    ])
  })

  test.each(MODBUS_METERS)('of a %s hold each register, and each is a known quantity once', meter => {
    const { registers, blocks } = METERS[meter]
    for (const register of registers) {
      expect(
        blocks.filter(block => holds(block, register)),
        register.quantity,
      ).toHaveLength(1)
      expect(QUANTITIES.has(register.quantity)).toBe(true)
    }
    expect(new Set(registers.map(({ quantity }) => quantity)).size).toBe(registers.length)
    for (const { count } of blocks) expect(count).toBeLessThanOrEqual(60)
  })

  test('of a device that nobody knows ask for nothing but its registers', () => {
    const { blocks } = customMeter([
      register(12),
      register(10),
      register(14, 'u16'),
      register(16, 'u16'),
      register(10, 'f32', 'holding'),
    ])
    expect(blocks).toEqual([
      { table: 'holding', address: 10, count: 2 },
      { table: 'input', address: 10, count: 5 },
      { table: 'input', address: 16, count: 1 },
    ])
  })

  test('hold every register whole, whatever the registers, and none is too long', () => {
    const registers = fc.array(
      fc.record({
        quantity: fc.constant('voltage'),
        address: fc.integer({ min: 0, max: 400 }),
        type: fc.constantFrom(...REGISTER_TYPES),
        table: fc.constantFrom('input' as const, 'holding' as const),
        scale: fc.constant(1),
      }),
      { minLength: 1, maxLength: 32 },
    )
    const bounds = fc.record({ countMax: fc.integer({ min: 2, max: 125 }), gapMax: fc.integer({ min: 0, max: 60 }) })
    fc.assert(
      fc.property(registers, bounds, (registers, bounds) => {
        const blocks = blocksOf(registers, bounds)
        for (const register of registers) {
          const whole = blocks.filter(block => holds(block, register))
          expect(whole.length).toBeGreaterThan(0)
        }
        for (const { count } of blocks) expect(count).toBeLessThanOrEqual(bounds.countMax)
      }),
    )
  })
})
