/** How long healthy subscribers of a real broker wait from one message to the next, while some clients read nothing. */

import { type Broker, createBroker } from '../../coordinator/broker/index.ts'
import { deviceId, regionName } from '../../protocol/index.ts'
import { systemClock } from '../../protocol/node/index.ts'
import { quantile } from '../bench/statistics.ts'
import type { Workplace } from '../bench/workplace.ts'
import { LoadChild } from './child.ts'
import { FOR_ALL, type Subscriber, type SubscriberCommand, type SubscriberReply } from './messages.ts'

export interface GapsInit {
  /** Half are devices, each with its inbox; half are submitters, who all follow one topic. */
  readonly clients: number
  /** Part of them that stops reading and comes back when it is thrown out. */
  readonly frozenShare: number
  /** Messages to everybody, one a period; the frozen ones are sent more. */
  readonly rounds: number
  readonly periodMs: number
  /** Of every message to a frozen client, and of one in four to a healthy one. */
  readonly payloadBytes: number
}

export interface Gaps {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Messages that healthy subscribers got, and that they were sent. */
  readonly delivered: number
  readonly sent: number
  /** Connections that the broker ended; those of frozen clients, if all is well. */
  readonly thrownOut: number
}

const REGION = regionName('load')
const TOPIC = `hr/1/${REGION}/out/${FOR_ALL}/cell`
/** Only frozen submitters follow this one too. */
const TOPIC_OF_FROZEN = `hr/1/${REGION}/out/flood/cell`
/** Messages to frozen clients for each to a healthy one: the system buffers megabytes for a client before the broker notices. */
const FROZEN_TIMES = 10
/** Healthy clients get a large message and then small ones in turn, or this machine would measure how fast it copies memory. */
const LARGE_EVERY = 4
const SMALL = new Uint8Array(1_000)
/** For what is under way when the last message has been sent. */
const SETTLE_MS = 500

/** Starts a broker, connects everybody, sends, and stops it all. */
export async function deliveryGaps(place: Workplace, init: GapsInit): Promise<Gaps> {
  const { clients, frozenShare, rounds, periodMs, payloadBytes } = init
  const broker = await startBroker()
  place.atEnd(() => broker.close())
  const child = new LoadChild<SubscriberCommand, SubscriberReply>(place, 'subscriber-process.ts', [
    '127.0.0.1',
    `${broker.port}`,
  ])
  const frozen = Math.round(clients * frozenShare)
  const subscribers = Array.from(
    { length: clients },
    (_, i): Subscriber => ({ kind: i % 2 === 0 ? 'device' : 'submitter', isFrozen: i < frozen }),
  )
  const { ids } = await child.ask({ kind: 'subscribe', subscribers })
  const devicesOf = (isFrozen: boolean) =>
    ids.filter((_, i) => subscribers[i]?.kind === 'device' && subscribers[i].isFrozen === isFrozen).map(deviceId)
  const [healthyDevices, frozenDevices] = [devicesOf(false), devicesOf(true)]
  const payload = new Uint8Array(payloadBytes)
  await child.ask({ kind: 'gaps' })
  for (let round = 0; round < rounds; round++) {
    const turn = (index: number) => ((round + index) % LARGE_EVERY === 0 ? payload : SMALL)
    for (const [index, device] of healthyDevices.entries()) broker.publishToDevice(device, 'notice', turn(index))
    broker.publishToSubmitter(TOPIC, turn(0))
    for (let i = 0; i < FROZEN_TIMES; i++) {
      for (const device of frozenDevices) broker.publishToDevice(device, 'notice', payload)
      broker.publishToSubmitter(TOPIC_OF_FROZEN, payload)
    }
    await sleep(periodMs)
  }
  await sleep(SETTLE_MS)
  const { gapsMs, thrownOut } = await child.ask({ kind: 'gaps' })
  await child.stop()
  await broker.close()
  const healthy = clients - frozen
  return {
    p50Ms: quantile(gapsMs, 0.5),
    p99Ms: quantile(gapsMs, 0.99),
    maxMs: Math.max(...gapsMs),
    // The first delivery of each ends no gap.
    delivered: gapsMs.length + healthy,
    sent: healthy * rounds,
    thrownOut,
  }
}

function startBroker(): Promise<Broker> {
  const silent = { info: () => {}, warn: () => {} }
  return createBroker(
    { clock: systemClock, log: silent, count: () => {} },
    { region: REGION, host: '127.0.0.1', port: 0 },
    {
      authenticateDevice: () => 'ok',
      authenticateSubmitter: () => true,
      onUplink: () => {},
      onSubmitter: () => {},
      onConnected: () => {},
      onDisconnected: () => {},
    },
  )
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
