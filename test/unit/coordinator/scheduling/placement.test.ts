import { describe, expect, it } from 'vitest'
import { encodePlacement, explainPlacement } from '../../../../coordinator/scheduling/placement.ts'

describe('a placement', () => {
  it.each([
    [
      { kind: 'fresh', compared: 1, queuedMs: 0, runMs: 0, moveMs: 0 },
      'It got fresh units, since it had asked for work; nothing was known of how long it takes.',
    ],
    [
      { kind: 'opinion', compared: 2, queuedMs: 12.4, runMs: 1_900.2, moveMs: 35 },
      'It got units that need another opinion, since it was the best of 2 that had room; 1900 ms of work were expected after 12 ms of other work, and 35 ms for its data.',
    ],
    [
      { kind: 'copy', compared: 1, queuedMs: 0, runMs: 5, moveMs: 0 },
      'It got a copy of units that are late elsewhere, since it had asked for work; 5 ms of work were expected after 0 ms of other work.',
    ],
  ] as const)('is kept short and told in words: %o', (placement, sentence) => {
    expect(explainPlacement(encodePlacement(placement))).toBe(sentence)
    expect(encodePlacement(placement).length).toBeLessThan(40)
  })

  it('[SCHED-1.5] of a lease of before reasons were kept is not made up', () => {
    expect(explainPlacement('')).toBeNull()
  })
})
