/** A part of the clients stops reading and comes back whenever it is thrown out: what everybody else notices of it. */
import { deliveryGaps, type Gaps } from '../load/delivery-gaps.ts'
import { type Bench, type Measured, target } from './harness.ts'
import { rounded, summarize } from './statistics.ts'
import type { Workplace } from './workplace.ts'

const ROUNDS = 3
const FROZEN_SHARE = 0.05
const TRAFFIC = { clients: 200, rounds: 100, periodMs: 100, payloadBytes: 60_000 }
const GAP_P99_MS_TARGET = 250

export const frozen: Bench = {
  name: 'frozen',
  summary: `the delivery gaps of healthy clients while ${FROZEN_SHARE * 100} % of ${TRAFFIC.clients} read nothing`,
  measure,
}

async function measure(place: Workplace): Promise<Measured> {
  const rounds: { control: Gaps; frozen: Gaps }[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    // One after the other, so that a slow minute of the machine slows both.
    const control = await deliveryGaps(place, { ...TRAFFIC, frozenShare: 0 })
    const withFrozen = await deliveryGaps(place, { ...TRAFFIC, frozenShare: FROZEN_SHARE })
    rounds.push({ control, frozen: withFrozen })
    place.say(
      `round ${round} of ${ROUNDS}: p99 ${shown(withFrozen)} ms with frozen clients, ${shown(control)} ms without`,
    )
  }
  const p99 = summarize(rounds.map(round => rounded(round.frozen.p99Ms)))
  return {
    ours: {
      gapMillisecondsP99: { withFrozen: p99, without: summarize(rounds.map(round => rounded(round.control.p99Ms))) },
      gapMillisecondsMax: Math.round(Math.max(...rounds.map(round => round.frozen.maxMs))),
      deliveredShare: rounded(sum(rounds, 'delivered') / sum(rounds, 'sent')),
      thrownOut: sum(rounds, 'thrownOut'),
      clients: TRAFFIC.clients,
    },
    peer: null,
    targets: [target('p99 between deliveries at healthy clients in ms', p99.median, 'lower', GAP_P99_MS_TARGET)],
    notes: [
      `Half of the clients are devices with an inbox each, half are submitters who follow one topic; everybody is sent a message every`,
      `${TRAFFIC.periodMs} ms, which is the least that a gap can be, one in four of ${TRAFFIC.payloadBytes / 1_000} kB; frozen clients are sent ten times as many, all of that size,`,
      'and are back 100 ms after they were thrown out. The broker is in this process, the clients are in another one; all over TCP.',
    ],
  }
}

const shown = ({ p99Ms }: Gaps): string => p99Ms.toFixed(0)
const sum = (rounds: readonly { frozen: Gaps }[], name: 'delivered' | 'sent' | 'thrownOut'): number =>
  rounds.reduce((total, round) => total + round.frozen[name], 0)
