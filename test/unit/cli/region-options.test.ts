import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseLine, UsageError } from '../../../cli/args.ts'
import { coordinator } from '../../../cli/commands/coordinator.ts'
import { up } from '../../../cli/commands/up.ts'
import { coordinatorOptions } from '../../../cli/region-options.ts'
import { RegionPolicy } from '../../../coordinator/config.ts'
import { ConfigError } from '../../../protocol/index.ts'
import { fakeIo } from './fake-io.ts'

const optionsOf = (line: string) => {
  const { options } = parseLine(coordinator, line === '' ? [] : line.split(' '))
  return coordinatorOptions({ options: options as never, io: fakeIo({ cwd: '/srv' }) })
}

test('a region has the price of a gigafuel and the fee that it is started with', async () => {
  const { policy, ...rest } = await optionsOf('--gigafuel-price 0.025 --fee 100 --region allotments --host 0.0.0.0')
  expect(policy).toEqual({ gigafuelPriceMicro: 25_000n, feeBasisPoints: 100 })
  expect(rest).toEqual({ stateDir: join('/srv', '.hedgerow', 'coordinator'), name: 'allotments', host: '0.0.0.0' })
})

test('what is left out is left to the defaults: a hundredth of a credit', async () => {
  expect((await optionsOf('')).policy).toEqual({})
  expect(RegionPolicy().gigafuelPriceMicro).toBe(10_000n)
})

test.each([0n, 10n ** 12n + 1n])('a price of %i micro-credits is refused, with its range', gigafuelPriceMicro => {
  expect(() => RegionPolicy({ gigafuelPriceMicro })).toThrow(ConfigError)
  expect(() => RegionPolicy({ gigafuelPriceMicro })).toThrow('gigafuelPriceMicro')
  expect(RegionPolicy({ gigafuelPriceMicro: 10n ** 12n }).gigafuelPriceMicro).toBe(10n ** 12n)
})

test.each([up, coordinator])('$name knows no price of a unit any more', command => {
  expect(() => parseLine(command, ['--unit-price', '1'])).toThrow(UsageError)
})
