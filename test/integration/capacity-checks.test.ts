/** Devices that claim more slots than they have, or answers that they do not compute, beside real ones over real MQTT: a check finds them out. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CAPACITY_UNIT_FUEL, capacityAnswer } from '../../protocol/capacity/index.ts'
import { rangeUnitInput, type UnitOutcome, utf8 } from '../../protocol/index.ts'
import { echoJob, echoOutcomes } from '../support/echo-jobs.ts'
import { eventually } from '../support/eventually.ts'
import { doneResult, HandDrivenDevice, type HeldGrant } from '../support/hand-driven-device.ts'
import { TestRegion } from '../support/test-region.ts'

const POLICY = {
  gigafuelPriceMicro: 10_000n,
  feeBasisPoints: 5_000,
  epochMs: 8_000,
  checkWindowMs: 2_000,
  checkShareMax: 0.5,
}
/** At the price of the region a unit of it costs a credit. */
const FEIGNED_FUEL = 100_000_000_000
const SLOTS_CLAIMED = 64

type Answer = (grant: HeldGrant, unit: number) => UnitOutcome

function inputOf({ about: { cut } }: HeldGrant, unit: number): Uint8Array {
  if (cut.kind !== 'range') throw new Error('units of a check are a range')
  return rangeUnitInput(cut, unit)
}

const right: Answer = (grant, unit) => ({
  kind: 'ok',
  fuel: CAPACITY_UNIT_FUEL,
  bytes: capacityAnswer(inputOf(grant, unit)),
})
const madeUp: Answer = (_grant, unit) => ({ kind: 'ok', fuel: CAPACITY_UNIT_FUEL, bytes: utf8(`unit ${unit}`) })

async function enter(region: TestRegion, name: string): Promise<HandDrivenDevice> {
  const device = new HandDrivenDevice(name, await region.claim(name))
  Object.assign(device, { slots: SLOTS_CLAIMED, creditLeases: 4 * SLOTS_CLAIMED })
  await device.enter()
  region.atEnd(() => void device.client?.end(true))
  return device
}

/** Answers one unit after another, as a machine of one core does, until `isOver`. */
async function workAt(device: HandDrivenDevice, answer: Answer, isOver: () => boolean): Promise<void> {
  for (let seq = 1_000; !isOver(); seq++) {
    // Whoever is caught is sent away.
    if (device.client?.connected !== true) return
    const grant = device.grants.shift()
    if (grant !== undefined) {
      const outcomes: UnitOutcome[] = []
      for (let unit = grant.firstUnit; unit < grant.firstUnit + grant.unitCount; unit++) {
        outcomes.push(answer(grant, unit))
        await turn()
      }
      await device.results(seq, doneResult(grant.leaseId, outcomes))
    }
    await turn()
  }
}

/** What the region says that a device did in checks, in 10^9 fuel a second; 0 while it says nothing. */
async function found(region: TestRegion, device: { id: string }): Promise<number> {
  const { reasons } = await region.admin.deviceExplain(device.id)
  return Number(/counts with ([\d.]+) \* 10\^9 fuel/.exec(reasons.join('\n'))?.[1] ?? 0)
}

test('a device that claims 64 slots counts with what it does, and one that makes answers up is caught [PRICE-4.1] [PRICE-4.3]', async () => {
  await using region = await TestRegion.start({ policy: POLICY })
  // A feigned job: whoever hands it in works at it himself, and the region earns its fee.
  const eve = await enter(region, 'eve')
  const submitter = await region.bare('eve')
  const { body } = await submitter.submit(echoJob(10, { task: { ...echoJob(1).task, unitFuelMax: FEIGNED_FUEL } }))
  let isOver = false
  region.atEnd(() => {
    isOver = true
  })
  const answerAll: Answer = (grant, unit) =>
    grant.about.job === body.job
      ? (echoOutcomes({ ...grant, firstUnit: unit, unitCount: 1 }, FEIGNED_FUEL)[0] as UnitOutcome)
      : right(grant, unit)
  const eveAtWork = workAt(eve, answerAll, () => isOver)
  await submitter.result(body.job)
  const [ann, bob] = await region.joinAll('ann', 'bob')
  const mob = await enter(region, 'mob')
  const mobAtWork = workAt(mob, madeUp, () => isOver)

  const all = () => Promise.all([eve, ann?.device, bob?.device].map(one => found(region, one as typeof eve)))
  await eventually('all have answered a check', async () => Math.min(...(await all())) > 0, 90_000)
  const [ofEve = 0, ofAnn = 0, ofBob = 0] = await all()
  // All share this machine; what she claims is 64 times what she has.
  expect(ofEve / Math.max(ofAnn, ofBob)).toBeLessThan(8)
  expect(await region.admin.device(mob.id)).toMatchObject({ standing: 'caught' })
  expect(await found(region, mob)).toBe(0)

  const { reasons, facts } = await region.admin.priceExplain('gigafuel')
  expect(facts).toMatchObject({ isChecked: true })
  expect(reasons.join('\n')).toMatch(/Each device counts by what it did in checks .* with [23] devices\./)
  isOver = true
  await Promise.all([eveAtWork, mobAtWork])
  expect(await region.bookProblems()).toEqual([])
  expect(region.fatal).toEqual([])
}, 120_000)
