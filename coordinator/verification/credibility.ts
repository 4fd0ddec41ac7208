/**
 * How sure we may be of a result, from how many checks its makers have passed.
 * L. F. G. Sarmenta, "Sabotage-Tolerance Mechanisms for Volunteer Computing Systems", CCGrid 2001, pp. 337-346; extended in Future
 * Generation Computer Systems 18(4), 2002, pp. 561-572. The formulas multiply probabilities, so they hold when the makers of
 * a group are independent: at most one replica per owner and network.
 */
import { assert } from '../../protocol/index.ts'

/** Assumed share of saboteurs among devices that nothing is known of. */
export const SABOTEUR_SHARE = 0.1

/** Checks after which a device's single result reaches 0.999 with the assumed share. */
const PROVEN_CHECKS = 41

const ODDS_MAX = 1e300

/**
 * Probability that a result of a device is right, when caught devices are excluded for good: 1 − f for a new device, and
 * 1 − f / ((1 − f)·k·e) after k passed checks, never below the former. The bound holds however cleverly a saboteur
 * chooses how often to cheat.
 * @param checksPassed - k, a whole number
 * @param saboteurShare - f, between 0 and 1
 */
export function credibilityOf(checksPassed: number, saboteurShare: number = SABOTEUR_SHARE): number {
  assert(Number.isSafeInteger(checksPassed) && checksPassed >= 0, 'checks are counted in whole numbers')
  assert(saboteurShare > 0 && saboteurShare < 1, 'the share of saboteurs is between 0 and 1')
  const unproven = 1 - saboteurShare
  if (checksPassed === 0) return unproven
  return Math.max(unproven, 1 - saboteurShare / (unproven * checksPassed * Math.E))
}

/**
 * Probability of each group of agreeing results that it is the right one, given that at most one can be:
 * P(group right, all others wrong) / (P(all wrong) + Σ of P(that group right, all others wrong)).
 * @param groups - for each group the credibilities of its results, 0 or more and below 1; 0 for a group without results
 * @returns one probability per group, in the same order; their sum is below 1 by the probability that all are wrong
 */
export function groupCredibility(groups: readonly (readonly number[])[]): number[] {
  // Divided by P(all wrong) the formula becomes odds / (1 + Σ odds), which neither underflows nor repeats products.
  const odds = groups.map(oddsOf)
  const total = odds.reduce((sum, one) => sum + one, 1)
  return odds.map(one => one / total)
}

/** The odds that all of a group are right against all of them wrong; bounded, so that a sum of them is finite. */
function oddsOf(group: readonly number[]): number {
  if (group.length === 0) return 0
  let odds = 1
  for (const credibility of group) {
    assert(credibility >= 0 && credibility < 1, 'a credibility is at least 0 and below 1')
    odds = Math.min(ODDS_MAX, odds * (credibility / (1 - credibility)))
  }
  return odds
}

/**
 * How many devices of k passed checks must agree, with nobody against them, until their result is right with probability theta.
 * @param theta - at least 0 and below 1
 * @param saboteurShare - f; below a half while no check was passed, since agreement among likely saboteurs proves nothing
 */
export function repliesNeeded(theta: number, checksPassed: number, saboteurShare: number = SABOTEUR_SHARE): number {
  assert(theta >= 0 && theta < 1, 'certainty is asked below 1')
  const credibility = credibilityOf(checksPassed, saboteurShare)
  assert(credibility > 0.5, 'devices whose agreement counts are more often right than wrong')
  const group = [credibility]
  while ((groupCredibility([group])[0] ?? 0) < theta) group.push(credibility)
  return group.length
}

/** Most replies that a unanimous result can need: those of devices that nothing is known of. */
export function replicasWorst(theta: number, saboteurShare: number = SABOTEUR_SHARE): number {
  return repliesNeeded(theta, 0, saboteurShare)
}

/** How likely a single result of a proven device is wrong. */
const PROVEN_WRONGNESS = 0.001
/** Checks after which more are worth it, as a multiple of those after which a device counts as proven. */
const CHECK_EFFORT = 2
/** Of the leases of devices that have proved themselves, as long as nobody was caught. */
const PROVEN_RATE = 0.05
/** More than this, and it would be cheaper to ask two devices at once. */
const SPOT_CHECK_RATE_MAX = 0.5

/**
 * Share of a device's leases that are checked although its word would suffice: a tenth while it is being proven, one in
 * twenty for ever after. Never 0: with a rate that decays to nothing, a patient cheat waits until nobody looks.
 *
 * Where devices were caught, more: in proportion to how wrong a device that passed so many checks may still be, by the
 * share that was caught (f / ((1 − f)·k·e)). A cheat whom nobody has caught costs at most 1/(e·q) wrong leases before the job ends, q
 * being this rate, so looking ten times as often where a fifth are cheats is what keeps their share of the results small.
 * @param caughtShare - of the devices that have worked, those that were caught; below 1
 */
export function spotCheckRate(checksPassed: number, caughtShare = 0): number {
  const base = checksPassed < PROVEN_CHECKS ? 0.1 : PROVEN_RATE
  if (caughtShare <= 0) return base
  const provenChecks = caughtShare / ((1 - caughtShare) * Math.E * PROVEN_WRONGNESS)
  return Math.max(base, Math.min(SPOT_CHECK_RATE_MAX, (CHECK_EFFORT * provenChecks) / Math.max(1, checksPassed)))
}

/**
 * Share of a device's leases that are tried with known answers: one in ten while its word does not suffice, since that is how it gets a
 * record without waiting for others, and one in two hundred for ever after.
 */
export function knownAnswerRate(isProven: boolean): number {
  return isProven ? 0.005 : 0.1
}
