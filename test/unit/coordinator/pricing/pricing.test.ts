import { beforeEach, describe, expect, test } from 'vitest'
import { Batch } from '../../../../coordinator/batch.ts'
import { RegionPolicy } from '../../../../coordinator/config.ts'
import type { Member } from '../../../../coordinator/fleet/fleet.ts'
import { GIGAFUEL, openPricing, type Pricing, type SensorMoment } from '../../../../coordinator/pricing/index.ts'
import { createMemoryStore, type MemoryStore } from '../../../../coordinator/store/index.ts'
import { type DeviceId, ownerName, type TransferEntry } from '../../../../protocol/index.ts'
import { DEVICES, deviceRow } from '../../../support/rows.ts'

const EPOCH_MS = 100_000
const [ANN, BOB, CAT] = DEVICES

let store: MemoryStore
let members: Map<DeviceId, Member>
let leases: Map<DeviceId, number>
let sensors: SensorMoment[]
let wallMs: number

beforeEach(() => {
  store = createMemoryStore()
  members = new Map()
  leases = new Map()
  sensors = []
  wallMs = 7 * EPOCH_MS
  for (const [index, id] of DEVICES.entries()) {
    const row = { ...deviceRow(id), owner: ownerName(`owner-${index}`) }
    store.commit([{ table: 'device', row }])
    const presence = { slots: 1, creditLeases: 4 }
    members.set(id, { row, presence } as unknown as Member)
  }
})

function open(policy: Partial<RegionPolicy> = {}): Pricing {
  return openPricing(store, {
    policy: RegionPolicy({ epochMs: EPOCH_MS, ...policy }),
    fleet: { all: () => members.values(), member: id => members.get(id) },
    loads: { of: id => ({ leases: { size: leases.get(id) ?? 0 } as never, estimateMs: 0, busyMs: 0 }) },
    sensors: () => sensors,
  })
}

/** Lets time pass in seconds and keeps what is written. @returns the entries of the log */
function pass(pricing: Pricing, ms: number): Batch['entries'] {
  const entries: Batch['entries'] = []
  for (const endMs = wallMs + ms; wallMs <= endMs; wallMs += 1_000) {
    const batch = new Batch()
    pricing.tick({ wallMs, monotonicMs: wallMs - 123 }, batch)
    store.commit(batch.writes)
    entries.push(...batch.entries)
  }
  return entries
}

function pay(pricing: Pricing, device: DeviceId, basis: TransferEntry['basis']): void {
  const batch = new Batch()
  batch.record({ type: 'transfer', kind: 'pay', credit: `holdback:${device}`, basis } as TransferEntry)
  pricing.flush(batch)
}

const run = (fuel: number): TransferEntry['basis'] => ({ kind: 'run', digest: new Uint8Array(32), fuel })
const allBusy = (): void => {
  for (const id of DEVICES) leases.set(id, 1)
}

describe('base prices', () => {
  test('start with the policy’s and are said at once, once [PRICE-1.5]', () => {
    const pricing = open()
    expect(pass(pricing, 2_000)).toEqual([
      {
        type: 'price',
        atMs: 700_000,
        epoch: 7,
        gigafuelPriceMicro: 10_000n,
        readings: [],
        utilisationBasisPoints: 0,
        floorMicro: 0n,
      },
    ])
    expect(store.prices()).toEqual([{ what: GIGAFUEL, priceMicro: 10_000n, epoch: 7 }])
    expect(pass(open(), 2_000)).toEqual([])
  })

  test('move when an epoch ends, by what was at work in it, and the row and the entry go together [PRICE-1.1] [PRICE-1.5]', () => {
    const pricing = open()
    allBusy()
    const [, entry] = pass(pricing, EPOCH_MS)
    expect(entry).toMatchObject({ epoch: 8, gigafuelPriceMicro: 11_000n, utilisationBasisPoints: 10_000 })
    expect(store.prices()).toEqual([{ what: GIGAFUEL, priceMicro: 11_000n, epoch: 8 }])
    expect(pricing.gigafuelPriceMicro()).toBe(11_000n)
    expect(pricing.history.all()).toMatchObject([
      { what: GIGAFUEL, epoch: 8, beforeMicro: 10_000n, afterMicro: 11_000n },
    ])
  })

  test('outlive a restart, with floors, history and what devices have proven', () => {
    const before = open()
    const batch = new Batch()
    before.stateFloor(ANN, { gigafuelMicro: 9_000n, readingMicro: 3n }, 1, batch)
    store.commit(batch.writes)
    allBusy()
    pay(before, ANN, run(5e12))
    pass(before, EPOCH_MS)
    const after = open()
    expect(after.gigafuelPriceMicro()).toBe(before.gigafuelPriceMicro())
    expect([after.gigafuelFloorMicro(ANN), after.readingFloorMicro(ANN), after.gigafuelFloorMicro(BOB)]).toEqual([
      9_000n,
      3n,
      0n,
    ])
    expect(after.history.all()).toEqual(before.history.all())
    expect(after.situation(GIGAFUEL).medianMicro).toBe(9_000n)
  })

  test('stay when less than half of an epoch was seen', () => {
    wallMs += 60_000
    const pricing = open()
    allBusy()
    pass(pricing, 40_000)
    expect(pricing.assessment(GIGAFUEL)).toMatchObject({ epoch: 8, held: 'too_short' })
    expect(pricing.gigafuelPriceMicro()).toBe(10_000n)
  })

  test('move once after a pause of many epochs', () => {
    const pricing = open()
    allBusy()
    pass(pricing, EPOCH_MS - 10_000)
    wallMs += 20 * EPOCH_MS
    pass(pricing, 1_000)
    expect(pricing.gigafuelPriceMicro()).toBe(11_000n)
    expect(pricing.currentEpoch).toBe(27)
  })

  test('stay while nobody is there', () => {
    for (const member of members.values()) member.presence = null
    const pricing = open()
    pass(pricing, EPOCH_MS)
    expect(pricing.assessment(GIGAFUEL)).toMatchObject({ held: 'nobody' })
  })

  test('are the policy’s when it gives no step, also when it changes between starts [PRICE-1.4]', () => {
    allBusy()
    const pricing = open({ priceStepMax: 0 })
    pass(pricing, 2 * EPOCH_MS)
    expect(pricing.gigafuelPriceMicro()).toBe(10_000n)
    const changed = open({ priceStepMax: 0, gigafuelPriceMicro: 5_000n })
    expect(changed.gigafuelPriceMicro()).toBe(5_000n)
    expect(pass(changed, 1_000)).toMatchObject([{ type: 'price', gigafuelPriceMicro: 5_000n }])
    expect(store.prices()).toMatchObject([{ priceMicro: 5_000n }])
  })
})

describe('what counts as on offer', () => {
  const utilisation = (pricing: Pricing) => pricing.situation(GIGAFUEL).utilisationBasisPoints

  test('slots that were never in use at once are believed up to four', () => {
    for (const member of members.values()) Object.assign(member.presence ?? {}, { slots: 64 })
    const pricing = open()
    leases.set(ANN, 3)
    pass(pricing, 10_000)
    expect(utilisation(pricing)).toBe(2_500n)
    leases.set(ANN, 40)
    pass(pricing, EPOCH_MS)
    pass(pricing, 10_000)
    // 40 of 40, 4 and 4.
    expect(utilisation(pricing)).toBe(8_333n)
  })

  test('a device that asks for no work is not, unless it is at work', () => {
    for (const id of [BOB, CAT]) Object.assign(members.get(id)?.presence ?? {}, { creditLeases: 0 })
    const pricing = open()
    leases.set(BOB, 1)
    pass(pricing, 10_000)
    expect(utilisation(pricing)).toBe(5_000n)
  })

  test('a device that asks more than the price is not', () => {
    const pricing = open()
    pricing.stateFloor(CAT, { gigafuelMicro: 10_001n, readingMicro: 0n }, 1, new Batch())
    leases.set(ANN, 1)
    pass(pricing, 10_000)
    expect(utilisation(pricing)).toBe(5_000n)
  })

  test('a device that lost its standing is not, and has no say', () => {
    const pricing = open()
    for (const id of DEVICES)
      pricing.stateFloor(id, { gigafuelMicro: id === CAT ? 50n : 20n, readingMicro: 0n }, 1, new Batch())
    const cat = members.get(CAT)
    if (cat) cat.row.standing = 'caught'
    leases.set(ANN, 1)
    pass(pricing, 10_000)
    expect(utilisation(pricing)).toBe(5_000n)
    expect(pricing.situation(GIGAFUEL).medianMicro).toBe(20n)
  })
})

describe('what devices have proven', () => {
  test('of readings is what they were paid for', () => {
    sensors = [ANN, BOB, CAT].map(device => ({ device, quantity: 'co2', isMeasuring: device === ANN }))
    const pricing = open()
    for (const [index, id] of DEVICES.entries())
      pricing.stateFloor(id, { gigafuelMicro: 0n, readingMicro: BigInt(10 + index) }, 1, new Batch())
    pay(pricing, ANN, { kind: 'readings', readings: 500 })
    const entries = pass(pricing, EPOCH_MS)
    expect(pricing.quantities()).toEqual(['co2'])
    // A third is at work where seven tenths are aimed at.
    expect(pricing.situation('co2').medianMicro).toBe(10n)
    expect(pricing.readingPriceMicro('co2')).toBeLessThan(100n)
    expect(entries.at(-1)).toMatchObject({
      readings: [{ quantity: 'co2', priceMicro: pricing.readingPriceMicro('co2') }],
    })
    expect(pricing.readingPriceMicro('temperature')).toBe(100n)
  })

  test('fades while they are away, and is forgotten after thirty epochs', () => {
    const pricing = open()
    pricing.stateFloor(ANN, { gigafuelMicro: 30_000n, readingMicro: 0n }, 1, new Batch())
    for (const id of [BOB, CAT]) members.delete(id)
    leases.set(ANN, 1)
    pass(pricing, EPOCH_MS)
    expect(pricing.situation(GIGAFUEL).medianMicro).toBe(30_000n)
    const ann = members.get(ANN)
    if (ann) ann.presence = null
    for (let epoch = 0; epoch < 33; epoch++) pass(pricing, EPOCH_MS)
    expect(pricing.situation(GIGAFUEL).medianMicro).toBe(10_000n)
  })
})
