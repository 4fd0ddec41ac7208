/** Owners who act as one to be paid more, with 40 % of a market's capacity, and everything they can do about it. */
import type { Random } from '../../../protocol/index.ts'
import { EPOCH_MINUTES, elasticDemand, Market, type MarketDevice } from './market.ts'

/** What honest owners ask; also the region's starting price. */
export const HONEST_FLOOR = 8_000n
/** Slots of the market; two fifths of them are the cartel's. */
const SLOTS = 100
const CARTEL_SLOTS = 40
const EPOCHS = 40

/** How the market's slots belong to owners. */
export interface Structure {
  readonly name: string
  /** The cartel has most of the devices under most of the names, though not of the capacity. */
  readonly isMany: boolean
  build(market: Market, honestFloor: (random: Random) => bigint): MarketDevice[]
}

/** What a cartel does at the beginning of an epoch. */
export interface Strategy {
  readonly name: string
  /** It pays the fee for work that nobody does. */
  readonly feigns?: boolean
  /** It is about checks, and means nothing where there are none. */
  readonly isAtChecks?: boolean
  act(market: Market, cartel: readonly MarketDevice[], epoch: number): void
}

/** Adds devices; the owner of each is found by its number. @returns them */
function devices(market: Market, slots: number, each: number, owner: (index: number) => string, floor: () => bigint) {
  return Array.from({ length: slots / each }, (_, index) => market.add(owner(index), floor(), each))
}

function structure(
  name: string,
  honest: readonly [slotsEach: number, owner: (index: number) => string],
  cartel: readonly [slotsEach: number, owner: (index: number) => string],
  isMany = false,
): Structure {
  return {
    name,
    isMany,
    build: (market, honestFloor) => {
      const [honestEach, honestOwner] = honest
      devices(market, SLOTS - CARTEL_SLOTS, honestEach, honestOwner, () => honestFloor(market.random))
      return devices(market, CARTEL_SLOTS, ...cartel, () => HONEST_FLOOR)
    },
  }
}

export const STRUCTURES: readonly Structure[] = [
  structure('six owners and one cartel', [1, index => `owner-${index % 6}`], [1, () => 'cartel']),
  structure('a name for each device of the cartel', [1, index => `owner-${index % 6}`], [1, index => `name-${index}`]),
  structure('one honest owner of few large devices', [10, () => 'owner'], [1, index => `name-${index}`], true),
  structure('one cartel of many small devices', [4, index => `owner-${index % 6}`], [1, () => 'cartel']),
  structure('few large devices of the cartel', [1, index => `owner-${index % 20}`], [10, index => `name-${index}`]),
]

const askAll = (market: Market, cartel: readonly MarketDevice[], floorMicro: bigint): void => {
  for (const device of cartel) market.ask(device, floorMicro)
}

const times =
  (factor: bigint): Strategy['act'] =>
  (market, cartel) =>
    askAll(market, cartel, HONEST_FLOOR * factor)

/** Jobs of its own that would keep this part of all slots busy for the epoch. */
function wash(market: Market, part: number): void {
  for (let i = 0; i < EPOCH_MINUTES; i++) market.submit({ work: part * SLOTS, maxMicro: 10n ** 12n })
}

/** Says that each device has so many slots, and holds leases on all of them that nobody works at. */
function claim(market: Market, cartel: readonly MarketDevice[], slots: number): void {
  for (const device of cartel) {
    device.claimed = slots
    device.feigned = slots
    market.setOnline(device, true)
  }
}

/** All that the cartel can do in a check, under as few names as it pleases. */
function answerAs(market: Market, cartel: readonly MarketDevice[], names: readonly MarketDevice[]): void {
  const able = cartel.reduce((sum, device) => sum + market.able(device), 0)
  const honest = (device: MarketDevice) => (cartel.includes(device) ? 0 : market.able(device))
  market.answer = device => (names.includes(device) ? able / names.length : honest(device))
}

/** A machine that is elsewhere all the time, and here for checks, as if it knew of them. */
function onlyForChecks(market: Market, cartel: readonly MarketDevice[]): void {
  for (const device of cartel) market.setOnline(device, false)
  market.answer = device => (cartel.includes(device) ? device.slots : market.able(device))
}

/** Payments for work that nobody did: a hundred times what a slot can do. */
function feign(market: Market, cartel: readonly MarketDevice[]): void {
  for (const device of cartel) market.pay(device, device.slots * 360_000_000_000_000)
}

/** Floors a fifth above the price, time after time. */
const creep: Strategy['act'] = (market, cartel) => askAll(market, cartel, (market.priceMicro * 12n) / 10n)

/** Works for nothing until the others have lost their say, if they can lose it; then asks for more. */
const bait: Strategy['act'] = (market, cartel, epoch) => askAll(market, cartel, epoch < 15 ? 1n : HONEST_FLOOR * 5n)

const withhold: Strategy['act'] = (market, cartel) => {
  for (const [index, device] of cartel.entries()) market.setOnline(device, index % 4 === 0)
}

/** What it does to have the others work no more: asks next to nothing, and looks as large as it can. */
export const OUSTING: readonly Strategy[] = [
  { name: 'asks next to nothing', act: (market, cartel) => askAll(market, cartel, 1n) },
  {
    name: 'asks next to nothing and feigns capacity',
    act: (market, cartel) => {
      feign(market, cartel)
      claim(market, cartel, 64)
      askAll(market, cartel, 1n)
    },
  },
  {
    name: 'asks next to nothing and works for checks only',
    act: (market, cartel) => {
      onlyForChecks(market, cartel)
      askAll(market, cartel, 1n)
    },
  },
]

export const STRATEGIES: readonly Strategy[] = [
  { name: 'asks twice as much', act: times(2n) },
  { name: 'asks ten times as much', act: times(10n) },
  { name: 'asks a fifth more each time', act: creep },
  { name: 'undercuts, then asks more', act: bait },
  { name: 'withholds three quarters', act: withhold },
  { name: 'keeps all slots busy with its own jobs', act: market => wash(market, 1) },
  {
    name: 'feigns capacity and asks more',
    feigns: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      times(3n)(market, cartel, epoch)
    },
  },
  {
    name: 'does all of it at once',
    feigns: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      withhold(market, cartel, epoch)
      wash(market, 0.5)
      bait(market, cartel, epoch)
    },
  },
  {
    name: 'claims 64 slots a device and fills them with feigned leases',
    feigns: true,
    isAtChecks: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      claim(market, cartel, 64)
      times(3n)(market, cartel, epoch)
    },
  },
  {
    name: 'answers checks with one strong machine under another name each time',
    feigns: true,
    isAtChecks: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      answerAs(market, cartel, [cartel[epoch % cartel.length] as MarketDevice])
      times(3n)(market, cartel, epoch)
    },
  },
  {
    name: 'is there for checks only',
    feigns: true,
    isAtChecks: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      onlyForChecks(market, cartel)
      times(3n)(market, cartel, epoch)
    },
  },
  {
    name: 'keeps honest devices busy with its own jobs and its own free for checks',
    feigns: true,
    isAtChecks: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      wash(market, 2)
      times(3n)(market, cartel, epoch)
    },
  },
  {
    name: 'shows what it can until it counts, then asks more',
    feigns: true,
    isAtChecks: true,
    act: (market, cartel, epoch) => {
      feign(market, cartel)
      askAll(market, cartel, epoch < 20 ? 1n : HONEST_FLOOR * 3n)
      if (epoch >= 20) onlyForChecks(market, cartel)
    },
  },
  {
    name: 'does something else each time',
    feigns: true,
    act: (market, cartel, epoch) => {
      const { random } = market
      for (const device of cartel) {
        market.setOnline(device, random.uniform() < 0.7)
        market.ask(device, BigInt(Math.ceil(8_000 * 4 ** (random.uniform() * 3 - 1))))
      }
      if (random.uniform() < 0.5) wash(market, random.uniform() * 2)
      if (random.uniform() < 0.5) feign(market, cartel)
      if (random.uniform() < 0.1) creep(market, cartel, epoch)
    },
  },
]

/** What honest owners say of their floors. */
export type HonestFloors = 'equal' | 'spread' | 'silent'

const FLOORS: Record<HonestFloors, (random: Random) => bigint> = {
  equal: () => HONEST_FLOOR,
  // The dearest asks HONEST_FLOOR.
  spread: random => HONEST_FLOOR - BigInt(Math.floor(random.uniform() * 4_000)),
  silent: () => 0n,
}

/** A market in which demand alone would lift the price, and a cartel in it. @returns the market after its last epoch */
export function runCartel(
  structure: Structure,
  strategy: Pick<Strategy, 'act'>,
  honest: HonestFloors,
  seed: string,
  hasChecks = true,
): Market {
  const demand = elasticDemand(1.3 * SLOTS, 2n * HONEST_FLOOR, 0.7, 15)
  const market = new Market({ seed, startMicro: HONEST_FLOOR, demand, hasChecks })
  const cartel = structure.build(market, FLOORS[honest])
  market.run(EPOCHS, epoch => strategy.act(market, cartel, epoch))
  return market
}
