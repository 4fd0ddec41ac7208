/**
 * An Arduino Uno with StandardFirmata on a pseudo-terminal: tells its pins, reports analog and digital ones, and reads I2C parts.
 * @see https://github.com/firmata/protocol (protocol.md, i2c.md), version 2.5
 */

import { every } from './every.ts'
import type { I2cPart } from './i2c-parts.ts'
import { openLine, type Simulated, type SimulatorComponents, type SimulatorOptions } from './misbehave.ts'
import type { Pty } from './pty.ts'

export interface SimulatedFirmataOptions extends SimulatorOptions {
  /** By address on the I2C bus. */
  readonly parts?: ReadonlyMap<number, I2cPart>
  /** The converter's number for a channel, 0..1023. */
  readonly analog?: (channel: number) => number
  /** Says its version by itself, as a board does that is reset when its port is opened; default false. */
  readonly speaksFirst?: boolean
}

export interface SimulatedFirmata extends Simulated {
  /** Pins that have been given a mode, with it. */
  readonly pinModes: ReadonlyMap<number, number>
  /** Changes the level of a digital pin. */
  setPin(pin: number, level: 0 | 1): void
  /** How often the whole board has been told to start anew. */
  readonly resets: number
}

/** The speed of StandardFirmata. */
export const FIRMATA_BAUD = 57_600
const VERSION = [2, 5] as const
const NAME = 'StandardFirmata.ino'

const START_SYSEX = 0xf0
const END_SYSEX = 0xf7
const MODE = { input: 0, output: 1, analog: 2, pwm: 3, servo: 4, i2c: 6, pullUp: 11 } as const
const PINS = 20
const FIRST_ANALOG = 14
const ANALOG_CHANNELS = 6
const PWM_PINS: readonly number[] = [3, 5, 6, 9, 10, 11]
const I2C_PINS: readonly number[] = [18, 19]
/** How the board reports until it is told otherwise. */
const SAMPLING_MS = 19

/** Modes of a pin with the bits of each, as the capability response lists them. */
function capabilities(pin: number): readonly (readonly [mode: number, bits: number])[] {
  // The serial line to the computer.
  if (pin < 2) return []
  const digital = [
    [MODE.input, 1],
    [MODE.pullUp, 1],
    [MODE.output, 1],
  ] as const
  return [
    ...digital,
    ...(pin >= FIRST_ANALOG ? [[MODE.analog, 10] as const] : [[MODE.servo, 14] as const]),
    ...(PWM_PINS.includes(pin) ? [[MODE.pwm, 8] as const] : []),
    ...(I2C_PINS.includes(pin) ? [[MODE.i2c, 1] as const] : []),
  ]
}

const pairs = (bytes: readonly number[]): number[] => bytes.flatMap(byte => [byte & 0x7f, (byte >> 7) & 0x7f])
const joined = (bytes: readonly number[]): number[] =>
  Array.from({ length: bytes.length >> 1 }, (_, i) => (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 7))

/** Puts a board onto a pseudo-terminal. */
export async function simulateFirmataBoard(
  pty: Pty,
  components: SimulatorComponents,
  options: SimulatedFirmataOptions = {},
): Promise<SimulatedFirmata> {
  const { misbehave = {}, parts = new Map(), analog = () => 0, onSent } = options
  const line = await openLine(pty, components, FIRMATA_BAUD, misbehave)
  const pinModes = new Map<number, number>()
  const levels = new Map<number, 0 | 1>()
  const analogReports = new Set<number>()
  const portReports = new Set<number>()
  const repeatedReads = new Map<number, (() => void)[]>()
  let resets = 0
  let pending: number[] = []

  const send = (...bytes: number[]) => line.send(Uint8Array.from(bytes))
  const sendSysex = (command: number, ...data: number[]) => send(START_SYSEX, command, ...data, END_SYSEX)
  const reports = every(components.clock, report)
  reports.setInterval(SAMPLING_MS)

  function report(): void {
    for (const channel of analogReports) {
      if (channel >= ANALOG_CHANNELS) continue
      const value = Math.round(analog(channel))
      send(0xe0 | channel, value & 0x7f, value >> 7)
      onSent?.(`A${channel} ${value}`)
    }
    for (const reads of repeatedReads.values()) for (const read of reads) read()
  }

  /** A level that nothing pulls is high with the pull-up resistor and low without. */
  const levelOf = (pin: number): number => levels.get(pin) ?? (pinModes.get(pin) === MODE.pullUp ? 1 : 0)

  function reportPort(port: number): void {
    const bits = Array.from({ length: 8 }, (_, bit) => levelOf(port * 8 + bit) << bit).reduce((a, b) => a | b, 0)
    send(0x90 | port, bits & 0x7f, bits >> 7)
  }

  function reset(): void {
    resets += 1
    pinModes.clear()
    analogReports.clear()
    portReports.clear()
    repeatedReads.clear()
  }

  function onI2c(address: number, mode: number, data: readonly number[]): void {
    const part = parts.get(address)
    const numbers = joined(data)
    if (mode === 0) part?.write(numbers)
    if (mode === 3) repeatedReads.delete(address)
    if (mode === 0 || mode === 3) return
    const register = numbers.length === 2 ? (numbers[0] ?? 0) : null
    const count = numbers.at(-1) ?? 0
    const read = () => {
      const bytes = part?.read(register, count) ?? []
      // The real firmware does both: it complains, and hands on what it has got.
      if (bytes.length < count) sendSysex(0x71, ...pairs([...Buffer.from('I2C: Too few bytes received')]))
      sendSysex(0x77, ...pairs([address, register ?? 0, ...bytes]))
    }
    if (mode === 2) repeatedReads.set(address, [...(repeatedReads.get(address) ?? []), read])
    else read()
  }

  function onSysex([command = 0, ...data]: readonly number[]): void {
    const [first = 0, second = 0, ...rest] = data
    const pins = Array.from({ length: PINS }, (_, pin) => pin)
    if (command === 0x79) sendSysex(0x79, ...VERSION, ...pairs([...Buffer.from(NAME)]))
    else if (command === 0x6b) sendSysex(0x6c, ...pins.flatMap(pin => [...capabilities(pin).flat(), 0x7f]))
    else if (command === 0x69) sendSysex(0x6a, ...pins.map(pin => (pin < FIRST_ANALOG ? 0x7f : pin - FIRST_ANALOG)))
    else if (command === 0x6d) sendSysex(0x6e, first, pinModes.get(first) ?? MODE.output, levelOf(first))
    else if (command === 0x7a) reports.setInterval(Math.max(10, first | (second << 7)))
    else if (command === 0x76) onI2c(first, (second >> 3) & 3, rest)
  }

  /** @returns how many bytes it has used; 0 when the message is not whole yet */
  function take([command = 0, first = 0, second = 0]: readonly number[]): number {
    if (command === START_SYSEX) {
      const end = pending.indexOf(END_SYSEX)
      if (end > 0) onSysex(pending.slice(1, end))
      return end + 1
    }
    const length = commandLength(command)
    if (pending.length < length) return 0
    if (command === 0xf9) send(0xf9, ...VERSION)
    else if (command === 0xff) reset()
    else if (command === 0xf4) pinModes.set(first, second)
    else if ((command & 0xf0) === 0xc0) setReport(analogReports, command & 15, first)
    else if ((command & 0xf0) === 0xd0) {
      setReport(portReports, command & 15, first)
      if (first === 1) reportPort(command & 15)
    }
    return length
  }

  line.onData(bytes => {
    pending.push(...bytes)
    for (let used = take(pending); used > 0 && pending.length > 0; used = take(pending)) pending = pending.slice(used)
  })
  if (options.speaksFirst === true) {
    send(0xf9, ...VERSION)
    onSysex([0x79])
  }

  return {
    counters: line.counters,
    pinModes,
    get resets() {
      return resets
    },
    setPin(pin, level) {
      levels.set(pin, level)
      if (portReports.has(pin >> 3)) reportPort(pin >> 3)
    },
    stop() {
      reports.setInterval(null)
      line.close()
    },
  }
}

function setReport(reports: Set<number>, index: number, on: number): void {
  if (on === 1) reports.add(index)
  else reports.delete(index)
}

/** Bytes of a message that is no sysex. */
function commandLength(command: number): number {
  if (command === 0xf4 || (command & 0xf0) === 0xe0 || (command & 0xf0) === 0x90) return 3
  return (command & 0xf0) === 0xc0 || (command & 0xf0) === 0xd0 ? 2 : 1
}
