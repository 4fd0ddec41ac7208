import { expect, test } from 'vitest'
import { clockEvidence } from '../../../../device/link/clock-evidence.ts'

const DAY_MS = 86_400_000

function machine(wallMs: number) {
  const state = { wallMs, synchronized: false }
  const evidence = clockEvidence({ clock: { wallMs: () => state.wallMs }, isSynchronized: () => state.synchronized })
  return { state, evidence }
}

test('a machine that was just switched on does not know the time, until its system was told', () => {
  const { state, evidence } = machine(1_000)
  expect(evidence.nowMs()).toBeNull()
  state.wallMs = 50 * DAY_MS
  state.synchronized = true
  expect(evidence.nowMs()).toBe(50 * DAY_MS)
})

test('a region whose signed time is near ours is enough, and one that is not says nothing', () => {
  const { evidence } = machine(50 * DAY_MS)
  evidence.heard(52 * DAY_MS)
  expect(evidence.nowMs()).toBeNull()
  evidence.heard(49.5 * DAY_MS)
  expect(evidence.nowMs()).toBe(50 * DAY_MS)
  evidence.heard(48 * DAY_MS)
  expect(evidence.nowMs()).toBeNull()
})
