import { describe, expect, test } from 'vitest'
import { ABSENT_EPOCHS_MAX, Activity } from '../../../../coordinator/pricing/activity.ts'
import { DEVICES } from '../../../support/rows.ts'

const [ANN, BOB] = DEVICES
const LOOK_MS = 1_000

/** Looks at a device once a second for a hundred seconds; it is at work in those for which `isBusy` says so. */
function watch(
  activity: Activity,
  device: typeof ANN,
  isBusy: (second: number) => boolean,
  fuelPerSecond: number,
): void {
  for (let second = 0; second < 100; second++) {
    const leasesOut = isBusy(second) ? 1 : 0
    activity.seeDevice({ device, slots: 1, leasesOut, isWilling: true }, LOOK_MS)
    if (leasesOut > 0) activity.paidFuel(device, fuelPerSecond)
  }
}

describe('what the region has seen of a device', () => {
  test('its capacity is its speed at paid work over the time it was there, not how much work it got', () => {
    const activity = new Activity()
    watch(activity, ANN, () => true, 1_000)
    watch(activity, BOB, second => second % 10 === 0, 3_000)
    activity.prove(LOOK_MS)
    expect([activity.of(ANN)?.fuelProven, activity.of(BOB)?.fuelProven]).toEqual([100_000, 300_000])
  })

  test('its capacity stays while it is there without work, such as when the price is below its floor', () => {
    const activity = new Activity()
    watch(activity, ANN, () => true, 1_000)
    activity.prove(LOOK_MS)
    for (let epoch = 0; epoch < 100; epoch++) {
      activity.begin()
      watch(activity, ANN, () => false, 0)
      activity.prove(LOOK_MS)
    }
    expect(activity.of(ANN)?.fuelProven).toBe(100_000)
  })

  test('its capacity fades while it is away, and is forgotten', () => {
    const activity = new Activity()
    watch(activity, ANN, () => true, 1_000)
    activity.paidReadings(ANN, 800)
    activity.prove(LOOK_MS)
    activity.begin()
    activity.prove(LOOK_MS)
    expect(activity.of(ANN)).toMatchObject({ fuelProven: 87_500, readingsProven: 700, absentEpochs: 1 })
    for (let epoch = 0; epoch < ABSENT_EPOCHS_MAX; epoch++) activity.prove(LOOK_MS)
    expect(activity.of(ANN)).toBeUndefined()
  })

  test('its speed follows when it changes, and short work that no look has met does not make it fast', () => {
    const activity = new Activity()
    activity.seeDevice({ device: ANN, slots: 1, leasesOut: 0, isWilling: true }, LOOK_MS)
    activity.paidFuel(ANN, 500)
    activity.prove(LOOK_MS)
    expect(activity.of(ANN)?.fuelProven).toBe(500)
    for (let epoch = 0; epoch < 60; epoch++) {
      activity.begin()
      watch(activity, ANN, () => true, epoch < 30 ? 1_000 : 200)
      activity.prove(LOOK_MS)
    }
    expect(activity.of(ANN)?.fuelProven).toBeGreaterThan(19_000)
    expect(activity.of(ANN)?.fuelProven).toBeLessThan(22_000)
  })

  test('capacity that wanders between names adds up to no more than it is [PRICE-4.1]', () => {
    const activity = new Activity()
    const speed = 1_000_000
    const sum = () => DEVICES.reduce((sum, device) => sum + (activity.of(device)?.fuelChecked ?? 0), 0)
    for (let check = 0; check < 30; check++) {
      activity.checked(new Map([[DEVICES[check % DEVICES.length] as typeof ANN, speed]]))
      expect(sum()).toBeLessThanOrEqual(speed)
    }
    expect(sum()).toBeGreaterThan(0.99 * speed)
  })

  test('checked capacity follows within a few checks, and what was not there for one counts a quarter less', () => {
    const activity = new Activity()
    for (let check = 0; check < 8; check++)
      activity.checked(
        new Map([
          [ANN, 1_000],
          [BOB, 1_000],
        ]),
      )
    const before = activity.of(BOB)?.fuelChecked ?? 0
    expect(before).toBeGreaterThan(850)
    activity.checked(new Map([[ANN, 1_000]]))
    expect(activity.of(BOB)?.fuelChecked).toBe(Math.floor(before * 0.75))
  })

  test('survives as text', () => {
    const activity = new Activity()
    watch(activity, ANN, () => true, 1_000)
    activity.paidReadings(BOB, 3)
    activity.checked(new Map([[BOB, 4_000]]))
    activity.prove(LOOK_MS)
    activity.begin()
    const again = Activity.fromText(activity.toText())
    expect(again.of(ANN)).toEqual(activity.of(ANN))
    expect(again.of(BOB)).toEqual(activity.of(BOB))
    expect(again.toText()).toBe(activity.toText())
    expect([...Activity.fromText(null).all()]).toEqual([])
  })
})

test('sensors of a quantity count once a device, and those that are asked too much do not', () => {
  const activity = new Activity()
  activity.seeSensor({ device: ANN, quantity: 'co2', isMeasuring: true }, true, 60_000)
  activity.seeSensor({ device: BOB, quantity: 'co2', isMeasuring: false }, false, 60_000)
  activity.seeSensor({ device: BOB, quantity: 'light', isMeasuring: false }, true, 60_000)
  expect(activity.useOf('co2')).toEqual({ willingMs: 60_000, busyMs: 60_000 })
  expect(activity.useOf('light')).toEqual({ willingMs: 60_000, busyMs: 0 })
  expect([...activity.sensors('co2').keys()]).toEqual([ANN, BOB])
  activity.begin()
  expect([...activity.quantities()]).toEqual([])
})
