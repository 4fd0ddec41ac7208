import { expect, it } from 'vitest'
import { type Condition, Latch } from '../../../../device/governor/latch.ts'

/** What a latch says of looks at every second, one letter each: bad, between, good; P paused, `-` not. */
function run(latch: Latch, looks: string): string {
  const conditions: Readonly<Record<string, Condition>> = { b: 'bad', m: 'between', g: 'good' }
  return [...looks].map((look, s) => (latch.judge(conditions[look] ?? 'good', s * 1_000) ? 'P' : '-')).join('')
}

it.each([
  ['pauses after bad for the hold', 'gbbbbb', '----PP', {}],
  ['starts anew after a good moment', 'gbbgbbb', '-------', {}],
  ['starts anew after a moment in between', 'gbbmbbbb', '-------P', {}],
  ['pauses at once when the first look is bad', 'bb', 'PP', {}],
  ['goes on after good for the time to clear', 'bggggg', 'PPPPP-', {}],
  ['does not go on when it was bad between', 'bgggbggggg', 'PPPPPPPPP-', {}],
  ['does not go on while it is only between', 'bmmmmmmmm', 'PPPPPPPPP', {}],
  ['begins paused when asked to', 'ggggg', 'PPPP-', { closed: true }],
])('%s', (_, looks, verdicts, init) => {
  expect(run(new Latch({ holdMs: 3_000, clearMs: 4_000, ...init }), looks)).toBe(verdicts)
})

it('turns over at once without times', () => {
  expect(run(new Latch({ holdMs: 0, clearMs: 0 }), 'gbgbmg')).toBe('-P-PP-')
})
