/** What of the cheats of a rare cheat is wrong in the end, by how far back the region looks, with what is to be expected beside it. */
import { PLANS } from './cheats.ts'
import { type Lifetime, liveOut } from './lifetime.ts'

const DEVICES = 100
const UNITS_PER_DEVICE = 50
const THETA = 0.999
/** Sixty thousand leases of a device, or a day and a half of leases of two seconds. */
const JOBS_MAX = 1_200
const RARE = ['1 %', '1 % of fresh ones'] as const
/** How far back, in leases of a device. */
const WINDOWS = [0, 1_000, 2_000, 5_000, 8_000, 10_000, 15_000, 43_200]

const percent = (share: number): string => (share === 0 ? '0' : `${(100 * share).toPrecision(2)} %`)
const sum = (lives: readonly Lifetime[], of: (life: Lifetime) => number): number =>
  lives.reduce((total, life) => total + of(life), 0)

/** Cheats that are wrong in the end when all is looked at again that was answered so many leases before the catch, or later. */
function stayingBeyond(lives: readonly Lifetime[], windowLeases: number): number {
  return sum(
    lives,
    ({ staying }) => staying.filter(({ ageLeases, isFound }) => ageLeases >= windowLeases || !isFound).length,
  )
}

/**
 * @param print - takes one line
 * @param lives - fleets for each kind of cheat, one cheat each
 */
export function printLifetimes(print: (text: string) => void, lives: number): void {
  print(
    `${lives} fleets of ${DEVICES} devices, one of which cheats until it is caught; jobs of ${UNITS_PER_DEVICE} leases a device, theta ${THETA}.`,
  )
  print(
    'back: leases of a device between its cheats and its being caught that are looked at again. wrong: of the cheats, in the end.',
  )
  print('expected: exp(-back / leases until it is caught), as for a cheat that every lease betrays alike.\n')
  for (const name of RARE) {
    const plan = PLANS.find(one => one.name === name)
    if (plan === undefined) throw new Error(`there is no plan ${name}`)
    const lived = Array.from({ length: lives }, (_, i) =>
      liveOut({
        seed: `life/${name}/${i}`,
        devices: DEVICES,
        plan,
        theta: THETA,
        unitsPerDevice: UNITS_PER_DEVICE,
        jobsMax: JOBS_MAX,
      }),
    )
    for (const text of linesOf(name, lived)) print(text)
  }
}

function linesOf(name: string, lives: readonly Lifetime[]): string[] {
  const caught = lives.filter(({ isCaught }) => isCaught).length
  const tried = sum(lives, life => life.cheatsTried)
  const accepted = sum(lives, ({ staying }) => staying.length)
  const untilLeases = sum(lives, ({ leases }) => leases) / Math.max(1, caught)
  const units = sum(lives, life => life.units)
  const [copies, looked] = [
    sum(lives, ({ jobLeases }) => jobLeases) / units,
    sum(lives, ({ lookLeases }) => lookLeases) / units,
  ]
  const right = `${sum(lives, life => life.lookedRight)} of ${sum(lives, life => life.looked)}`
  return [
    `cheats on ${name}: ${caught} of ${lives.length} caught, after ${Math.round(untilLeases)} leases and ${(tried / lives.length).toFixed(1)} cheats on average`,
    `  accepted at first: ${accepted} of ${tried} cheats (${percent(accepted / tried)}) among ${units} units, ${(accepted / units).toExponential(1)} of all`,
    `  leases for each unit: ${copies.toFixed(3)}, and ${(copies + looked).toFixed(3)} with looking again at all the cheat had answered alone (right: ${right})`,
    `  back      wrong     of the cheats  expected  of all units`,
    ...WINDOWS.map(window => {
      const wrong = stayingBeyond(lives, window)
      const cells = [`${window}`.padEnd(9), `${wrong}`.padEnd(9), percent(wrong / tried).padEnd(14)]
      const expected = (accepted / tried) * Math.exp(-window / untilLeases)
      const ofAll = wrong === 0 ? '0' : (wrong / units).toExponential(1)
      return `  ${[...cells, percent(expected).padEnd(9), ofAll].join(' ')}`
    }),
    '',
  ]
}
