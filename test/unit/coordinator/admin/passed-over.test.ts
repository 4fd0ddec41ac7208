/** What is said afterwards of devices and jobs that were passed over. */
import { describe, expect, it } from 'vitest'
import { explainDevice, explainJob } from '../../../../coordinator/admin/explain.ts'
import { devicePassWords, passWords } from '../../../../coordinator/admin/passed-over.ts'
import { UnitRanges } from '../../../../coordinator/jobs/unit-ranges.ts'
import { deviceScope, jobScope } from '../../../../coordinator/scheduling/index.ts'
import type { DeviceId } from '../../../../protocol/index.ts'
import { DepartmentWorld, honest, TIGHT } from '../../../support/department-world.ts'

const NOON_MS = Date.UTC(2026, 10, 21, 12)
const row = { scope: 'device/x', kind: 'drained', reason: 'it moves house', firstAtMs: NOON_MS, lastAtMs: NOON_MS }

describe('words about what was kept', () => {
  it('say since when, until when and how often', () => {
    const untilMs = NOON_MS + 60_000
    const texts = devicePassWords([
      { ...row, times: 1, untilMs: null },
      { ...row, times: 1, untilMs },
      { ...row, times: 3, lastAtMs: NOON_MS + 1_000, untilMs },
      { ...row, times: 2, untilMs: NOON_MS },
    ])
    expect(texts).toEqual([
      'It gets no work since 2026-11-21T12:00:00.000Z: it moves house.',
      'It got no work from 2026-11-21T12:00:00.000Z to 2026-11-21T12:01:00.000Z: it moves house.',
      'It got no work from 2026-11-21T12:00:01.000Z to 2026-11-21T12:01:00.000Z: it moves house; 3 times since 2026-11-21T12:00:00.000Z.',
      'It was passed over 2 times, last at 2026-11-21T12:00:00.000Z: it moves house.',
    ])
    expect(passWords('Sensors', 'it', [{ ...row, times: 1, untilMs: NOON_MS }])).toEqual([
      'Sensors were passed over for it once, last at 2026-11-21T12:00:00.000Z, with the reason: it moves house.',
    ])
  })
})

describe('an explanation, when all is over and the coordinator has started again', () => {
  it('says why devices were passed over', () => {
    const world = new DepartmentWorld()
    const [ann, bob] = world.join(['ann', honest], ['bob', honest]) as [DeviceId, DeviceId]
    const member = (id: DeviceId) => world.fleet.member(id) ?? expect.fail('it has joined')
    world.fleet.drain(member(bob), 'moves house')
    const { id } = world.submit({
      split: { kind: 'range', from: 0, to: 20, chunk: 1 },
      verify: 'trust',
      leaseUnitsMax: 1,
      ...TIGHT,
    })
    world.run(id)
    world.advance(2_000)
    world.fleet.drain(member(bob), null)
    world.advance(1_000)
    world.restart()
    const { store, desk } = world
    const over = store.job(id) ?? expect.fail('it is kept')
    const clock = { wallMs: () => world.now.wallMs, monotonicMs: () => world.now.monotonicMs }
    const ofDevice = explainDevice(desk, member(bob), [], [], [], store.passedOver(deviceScope(bob)), clock as never)
    expect(ofDevice.reasons.join('\n')).toMatch(/It got no work from \S+ to \S+: it is drained: moves house\./)
    const passes = { job: store.passedOver(jobScope(id)), secondLook: [] }
    const doubts = { suspect: new UnitRanges(), wrong: new UnitRanges() }
    const ofJob = explainJob(desk, over, undefined, store.exclusions({ job: id }), passes, doubts, 0)
    expect(over.state).toBe('done')
    expect(ofJob.reasons.join('\n')).toMatch(
      /Devices were passed over for it (\d+ times|once), last at \S+, with the reason: its first answer to this task is awaited/,
    )
    expect(store.exclusions({ job: id, device: ann })[0]?.reason).toMatch(/\S/)
  })
})
