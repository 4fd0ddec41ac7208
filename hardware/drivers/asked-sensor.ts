/** A sensor that measures when asked, over a line that may lose bytes, go away and come back with another sensor on it. */
import { HardwareError, type SensorChannel } from '../../protocol/index.ts'
import { measurementOf, type Outcome } from '../scaled.ts'
import type { Sensor, SensorHealth, SensorState } from '../sensor.ts'
import { type AskedPort, ATTEMPTS, type LineFault } from './asked-port.ts'

/** What asking gave: something, or why not. */
export type Heard<T> = { readonly heard: T; readonly fault: null } | { readonly heard: null; readonly fault: LineFault }

/** One look at a sensor that answered. */
export interface Look {
  /** One a channel. */
  readonly outcomes: readonly Outcome[]
  readonly state: SensorState
  /** What is wrong and what to do; empty when `ok`. */
  readonly advice: string
}

export interface AskedSensorInit {
  /** The driver's name for the model. */
  readonly model: string
  /** What people call it, such as `MH-Z19`. */
  readonly name: string
  readonly channels: readonly SensorChannel[]
  readonly port: AskedPort
  /** Gives the port back when others use it too; default: closes it. */
  readonly close?: () => Promise<void>
  /** How long one question is waited for. */
  readonly timeoutMs: number
  /** What to look at when it does not answer: a sentence or two. */
  readonly silentAdvice: string
  /** Asks for the hardware's own number; null inside when it has none. Left out for a model that never has one. */
  readonly identify?: () => Promise<Heard<string | null>>
  /** Sends the settings. Called before the first measurement and whenever the port was opened anew. */
  readonly prepare?: () => Promise<Heard<unknown>>
  measure(): Promise<Heard<Look>>
}

export const heard = <T>(value: T): Heard<T> => ({ heard: value, fault: null })
export const unheard = (fault: LineFault): Heard<never> => ({ heard: null, fault })

/** Rounds of {@link AskedSensorInit.identify} before a sensor is taken to be missing. */
const IDENTIFY_ROUNDS = 3

/**
 * Makes the sensor. One whose model has a number of its own must say it first, since its readings are its own wherever it is plugged in.
 * @throws {HardwareError} `unreadable` or `unplugged` when such a one has no port, `no_answer` when it does not answer; the port is closed then
 */
export async function openAskedSensor(init: AskedSensorInit): Promise<Sensor> {
  const { port, name, channels, close = port.close } = init
  let last: Heard<Look> | null = null
  let looking: Promise<Heard<Look>> | null = null
  /** The opening of the port for which the sensor is known, and the one for which it is prepared. */
  let knownFor: number | null = null
  let readyFor: number | null = null
  let stranger: string | null = null

  await port.tried
  const serial = init.identify === undefined ? null : await firstIdentity(init.identify)

  async function firstIdentity(identify: () => Promise<Heard<string | null>>): Promise<string | null> {
    let identity = await identify()
    for (let round = 1; round < IDENTIFY_ROUNDS && identity.fault !== null; round++) identity = await identify()
    knownFor = port.opens
    if (identity.fault === null) return identity.heard
    const missing = missingError(init, identity.fault)
    await close()
    throw missing
  }

  async function look(): Promise<Heard<Look>> {
    await port.tried
    const opening = port.opens
    if (opening !== readyFor) {
      const ready = await getReady(opening)
      if (ready.fault !== null) return ready
      if (stranger === null) readyFor = opening
    }
    return stranger === null ? init.measure() : heard(strangeLook(stranger))
  }

  async function getReady(opening: number): Promise<Heard<unknown>> {
    if (init.identify !== undefined && serial !== null && knownFor !== opening) {
      const identity = await init.identify()
      if (identity.fault !== null) return identity
      stranger = identity.heard === serial ? null : (identity.heard ?? 'without a number')
      if (stranger !== null) return heard(null)
      knownFor = opening
    }
    return init.prepare === undefined ? heard(null) : init.prepare()
  }

  const strangeLook = (other: string): Look => ({
    outcomes: channels.map(() => 'unplugged'),
    state: 'unplugged',
    advice: `Another ${name} (${other}) is on ${port.path} where ${serial} was. Restart the device to use it, or plug the old one in again.`,
  })

  function state(): Pick<SensorHealth, 'state' | 'advice'> {
    if (port.failure !== null) return { state: 'unplugged', advice: port.failure.message }
    if (last === null) return { state: 'warming_up', advice: `The ${name} on ${port.path} has not been asked yet.` }
    if (last.fault === null) return last.heard
    if (last.fault === 'unplugged')
      return { state: 'warming_up', advice: `${port.path} is back; the ${name} has not been asked since.` }
    return { state: last.fault === 'no_answer' ? 'silent' : 'faulty', advice: lineAdvice(init, last.fault) }
  }

  return {
    model: init.model,
    serial,
    channels,
    async sample() {
      looking ??= look().finally(() => {
        looking = null
      })
      const result = await looking
      last = result
      return measurementOf(result.fault === null ? result.heard.outcomes : channels.map(() => result.fault))
    },
    health() {
      const { state: now, advice } = state()
      return { state: now, advice, counters: { ...port.counters } }
    },
    close,
  }
}

function missingError(init: AskedSensorInit, fault: LineFault): HardwareError {
  const { path, failure } = init.port
  if (failure !== null) return failure
  const timeoutMs = IDENTIFY_ROUNDS * ATTEMPTS * init.timeoutMs
  return new HardwareError({ code: 'no_answer', path, timeoutMs }, lineAdvice(init, fault))
}

function lineAdvice({ name, port, silentAdvice }: AskedSensorInit, fault: LineFault): string {
  if (fault === 'unplugged') return `${port.path} went away while the ${name} was asked.`
  if (fault === 'no_answer') return `The ${name} on ${port.path} does not answer. ${silentAdvice}`
  return `What comes on ${port.path} is no whole answer of the ${name}. Another program may be reading the same port; else the cable is too long or loose, the power is weak, or a sensor of another kind is there ('hedgerow hardware scan' looks).`
}
