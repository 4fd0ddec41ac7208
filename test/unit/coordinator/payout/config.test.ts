import { describe, expect, test } from 'vitest'
import { PayoutConfig, type PayoutSettings } from '../../../../coordinator/payout/index.ts'
import { ConfigError } from '../../../../protocol/index.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`
const chain = { chainId: 1, contract: address('a'), signers: [address('2'), address('1'), address('3')] }

describe('a payout configuration', () => {
  test('is points when nothing is said', () => {
    expect(PayoutConfig()).toEqual({
      method: 'points',
      minimumMicro: 1_000_000n,
      feeMicro: 0n,
      confirmMs: 60 * 86_400_000,
      chain: null,
    })
  })

  test('of a chain sorts the signers, asks for more than half of them, and takes a micro-credit for a base unit', () => {
    const { chain: terms } = PayoutConfig({ method: 'chain', chain: { ...chain, contract: address('A') } })
    expect(terms).toEqual({
      chainId: 1,
      contract: address('a'),
      signers: [address('1'), address('2'), address('3')],
      threshold: 2,
      creditScale: { baseUnits: 1n, micro: 1n },
    })
    expect(PayoutConfig({ method: 'chain', chain: { ...chain, signers: [address('1')] } }).chain?.threshold).toBe(1)
  })

  const refused: [string, PayoutSettings][] = [
    ['method', { method: 'cash' as never }],
    ['feeMicro', { method: 'csv', feeMicro: -1n }],
    ['feeMicro', { method: 'csv', feeMicro: 10n ** 15n + 1n }],
    ['feeMicro', { method: 'chain', feeMicro: 1n, chain }],
    ['minimumMicro', { method: 'csv', minimumMicro: 0n }],
    ['minimumMicro', { method: 'csv', minimumMicro: 5n, feeMicro: 5n }],
    ['minimumMicro', { method: 'csv', minimumMicro: 10n ** 15n + 1n }],
    ['confirmMs', { method: 'csv', confirmMs: 59_999 }],
    ['confirmMs', { method: 'csv', confirmMs: 367 * 86_400_000 }],
    ['chain', { method: 'chain' }],
    ['chain', { method: 'csv', chain }],
    ['chain.chainId', { method: 'chain', chain: { ...chain, chainId: 0 } }],
    ['chain.chainId', { method: 'chain', chain: { ...chain, chainId: 1.5 } }],
    ['chain.contract', { method: 'chain', chain: { ...chain, contract: '0x12' } }],
    ['chain.signers.1', { method: 'chain', chain: { ...chain, signers: [address('1'), 'me'] } }],
    ['chain.signers', { method: 'chain', chain: { ...chain, signers: [] } }],
    ['chain.signers', { method: 'chain', chain: { ...chain, signers: [address('a'), address('A')] } }],
    ['chain.threshold', { method: 'chain', chain: { ...chain, threshold: 0 } }],
    ['chain.threshold', { method: 'chain', chain: { ...chain, threshold: 4 } }],
    ['chain.creditScale.micro', { method: 'chain', chain: { ...chain, creditScale: { baseUnits: 1n, micro: 0n } } }],
    [
      'chain.creditScale.baseUnits',
      { method: 'chain', chain: { ...chain, creditScale: { baseUnits: 10n ** 18n + 1n, micro: 1n } } },
    ],
  ]
  test.each(refused)('with a wrong %s is refused by name', (path, settings) => {
    const error = failure(() => PayoutConfig(settings))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'bad_option', info: { path: `payout.${path}` } })
  })
})

function failure(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return null
}
