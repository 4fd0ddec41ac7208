import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AT_REST, ceilingOf, nextPrice, type PriceInput } from '../../../../coordinator/pricing/next-price.ts'

const base: PriceInput = {
  priceMicro: 10_000n,
  utilisationBasisPoints: 7_000n,
  targetBasisPoints: 7_000n,
  stepBasisPoints: 1_000n,
  groundMicro: 1n,
  ceilingMicro: 1_000_000n,
  momentum: AT_REST,
}
const next = (change: Partial<PriceInput>) => nextPrice({ ...base, ...change })

describe('the next price', () => {
  test.each([
    ['rests at the aim', 7_000n, 10_000n],
    ['rests a little above it', 7_500n, 10_000n],
    ['rests a little below it', 6_500n, 10_000n],
    ['rises by the step when all is taken', 10_000n, 11_000n],
    ['rises by half of it half-way there', 8_500n, 10_500n],
    ['falls by the step when nothing is', 0n, 9_000n],
    ['falls by half of it half-way there', 3_500n, 9_500n],
  ])('%s [PRICE-1.1]', (_what, utilisationBasisPoints, priceMicro) => {
    expect(next({ utilisationBasisPoints }).priceMicro).toBe(priceMicro)
  })

  test('stays where it is when the policy gives no step [PRICE-1.4]', () => {
    const off = { stepBasisPoints: 0n, ceilingMicro: 5n }
    expect(next({ ...off, utilisationBasisPoints: 10_000n }).priceMicro).toBe(10_000n)
    expect(next({ ...off, utilisationBasisPoints: 0n }).priceMicro).toBe(10_000n)
  })

  test('ends at the ceiling and says so [PRICE-1.3]', () => {
    const move = next({ utilisationBasisPoints: 10_000n, ceilingMicro: 10_400n })
    expect(move).toMatchObject({ priceMicro: 10_400n, bound: 'ceiling' })
    expect(next({ utilisationBasisPoints: 10_000n, priceMicro: 10_400n, ceilingMicro: 10_400n })).toMatchObject(move)
  })

  test('comes down by whole steps to a ceiling that has sunk, whatever demand says [PRICE-1.2] [PRICE-1.3]', () => {
    const sunk = { utilisationBasisPoints: 10_000n, ceilingMicro: 8_500n }
    const first = next(sunk)
    expect(first).toMatchObject({ priceMicro: 9_000n, bound: 'ceiling' })
    expect(next({ ...sunk, priceMicro: first.priceMicro }).priceMicro).toBe(8_500n)
  })

  test('does not fall below the floor that demand needs [PRICE-1.3]', () => {
    const move = next({ utilisationBasisPoints: 0n, groundMicro: 9_700n })
    expect(move).toMatchObject({ priceMicro: 9_700n, bound: 'ground' })
  })

  test('below that floor it does not fall either, and demand alone raises it', () => {
    expect(next({ utilisationBasisPoints: 0n, groundMicro: 12_000n }).priceMicro).toBe(10_000n)
    expect(next({ utilisationBasisPoints: 8_500n, groundMicro: 12_000n }).priceMicro).toBe(10_500n)
  })

  test('a ceiling below the ground holds', () => {
    const both = { groundMicro: 12_000n, ceilingMicro: 10_200n }
    expect(next({ ...both, utilisationBasisPoints: 10_000n }).priceMicro).toBe(10_200n)
  })

  test('small prices move by one micro-credit, and never below one', () => {
    expect(next({ priceMicro: 1n, utilisationBasisPoints: 10_000n }).priceMicro).toBe(2n)
    expect(next({ priceMicro: 2n, utilisationBasisPoints: 0n }).priceMicro).toBe(1n)
    expect(next({ priceMicro: 1n, utilisationBasisPoints: 0n }).priceMicro).toBe(1n)
  })

  test('halves its step each time it turns, to an eighth, and doubles it while it does not', () => {
    let { momentum, priceMicro } = { momentum: AT_REST, priceMicro: 10_000_000n }
    const sizes: bigint[] = []
    for (const utilisationBasisPoints of [10_000n, 0n, 10_000n, 0n, 10_000n, 10_000n, 10_000n, 10_000n]) {
      const move = next({ utilisationBasisPoints, momentum, priceMicro, ceilingMicro: 10n ** 12n })
      const change = move.priceMicro - priceMicro
      sizes.push(((change < 0n ? -change : change) * 10_000n) / priceMicro)
      momentum = move.momentum
      priceMicro = move.priceMicro
    }
    expect(sizes.map(size => Math.round(Number(size) / 125))).toEqual([8, 4, 2, 1, 1, 2, 4, 8])
  })

  test('never moves by more than the step, never passes the ceiling upwards, and is never below 1 [PRICE-1.2] [PRICE-1.3]', () => {
    const amount = fc.bigInt(1n, 10n ** 12n)
    const input = fc.record({
      priceMicro: amount,
      utilisationBasisPoints: fc.bigInt(0n, 10_000n),
      targetBasisPoints: fc.bigInt(1_000n, 9_500n),
      stepBasisPoints: fc.bigInt(0n, 5_000n),
      groundMicro: amount,
      ceilingMicro: amount,
      momentum: fc.record({
        pace: fc.constantFrom(1, 2, 4, 8),
        direction: fc.constantFrom<-1 | 0 | 1>(-1, 0, 1),
      }),
    })
    fc.assert(
      fc.property(input, given => {
        const { priceMicro } = nextPrice(given)
        const step = (given.priceMicro * given.stepBasisPoints) / 10_000n
        const most = step > 0n ? step : given.stepBasisPoints === 0n ? 0n : 1n
        expect(priceMicro >= given.priceMicro - most && priceMicro <= given.priceMicro + most).toBe(true)
        expect(priceMicro >= 1n).toBe(true)
        if (priceMicro > given.priceMicro) expect(priceMicro <= given.ceilingMicro).toBe(true)
      }),
    )
  })
})

test('the ceiling is 120 % of the median, and at least one micro-credit', () => {
  expect([0n, 1n, 8_000n, 8_001n].map(ceilingOf)).toEqual([1n, 1n, 9_600n, 9_601n])
})
