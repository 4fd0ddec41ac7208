import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../../../coordinator/admin/evidence-view.ts'
import { flag, judgeNeighbours, judgeSeries, type SensorId } from '../../../../protocol/index.ts'
import { northOf, SensingWorld, START_MS } from '../../../support/sensing-world.ts'

/** Seven sensors within reach of each other, one of which lies, and one that jumps. */
function judgedWorld() {
  const world = new SensingWorld()
  const devices = Array.from({ length: 7 }, (_, i) => world.join(`owner-${i}`, northOf(i * 100)))
  const campaign = world.submit({ resolution: 6, paidPerCell: 10 })
  world.minutes(
    10,
    devices.map((device, i) => [
      device,
      minute => (i === 3 ? 29 : i === 5 && minute === 7 ? 21 : 12 + i / 20 + minute / 50),
    ]),
  )
  world.pass(60_000)
  return { world, devices, campaign }
}

test('whoever has the evidence of a window computes the verdicts of the region [SENSE-3.5]', () => {
  const { world, devices, campaign } = judgedWorld()
  const row = world.store.campaign(campaign)
  if (row === null) throw new Error('the campaign is stored')
  const ports = {
    frames: world.store.frames,
    profileOf: (id: Parameters<typeof world.open.readings.profileOf>[0]) => {
      const profile = world.open.readings.profileOf(id)
      if (profile === null) throw new Error('the profile is stored')
      return profile
    },
  }
  let flagged = 0
  // What comes later changes nothing.
  world.minutes(
    15,
    devices.map(device => [device, () => 40]),
  )
  for (const fromMs of [START_MS, START_MS + 300_000]) {
    const rows = world.store.judgements({ campaign, fromMs, toMs: fromMs + 1 })
    expect(rows).toHaveLength(7)
    for (const { sensors } of devices) {
      const evidence = evidenceOf(ports, row, rows, sensors[0] as SensorId)
      if (evidence === null) throw new Error('every sensor was judged')
      const { input, neighbours, elevationM, extraFlags } = evidence
      const own = judgeSeries(input)
      for (const { index, codes } of extraFlags) for (const code of codes) own[index] = (own[index] ?? 0) | flag(code)
      const self = { eastM: 0, northM: 0, elevationM, periodMs: input.periodMs, points: input.points }
      const flags = judgeNeighbours(self, own, neighbours, input.rules)
      expect(flags).toEqual(evidence.flags)
      flagged += flags.filter(value => value !== 0).length
    }
  }
  expect(flagged).toBeGreaterThan(10)
})

describe('a sensor without readings in a window', () => {
  test('has no evidence there', () => {
    const { world, campaign } = judgedWorld()
    const row = world.store.campaign(campaign)
    const rows = world.store.judgements({ campaign, fromMs: START_MS, toMs: START_MS + 1 })
    const ports = { frames: world.store.frames, profileOf: () => never() }
    expect(row && evidenceOf(ports, row, rows, 'f'.repeat(16) as SensorId)).toBeNull()
  })
})

function never(): never {
  throw new Error('nothing is read')
}
