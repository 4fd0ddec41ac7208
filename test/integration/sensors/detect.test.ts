import { afterAll, describe, expect, test } from 'vitest'
import { detectSensor } from '../../../hardware/detect/index.ts'
import { sds011Command } from '../../../hardware/drivers/sds011-frames.ts'
import { openNodeSerialPort } from '../../../hardware/serial/node-port.ts'
import { simulateGps } from '../../../hardware/simulated/gps.ts'
import { SIMULATED_MODELS } from '../../../hardware/simulated/index.ts'
import type { Pty } from '../../../hardware/simulated/pty.ts'
import { simulateSds011 } from '../../../hardware/simulated/sds011.ts'
import { type Clock, toHex } from '../../../protocol/index.ts'
import { systemClock } from '../../../protocol/node/index.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../support/serial-bench.ts'

/** Waits for sensors that speak last seconds; simulated ones may speak faster, so that less of it is enough. */
const LONG_MS = 2_000

function impatientClock(times: number): Clock {
  return {
    ...systemClock,
    setTimeout: (fn, delayMs) => systemClock.setTimeout(fn, delayMs >= LONG_MS ? delayMs / times : delayMs),
  }
}

describe.skipIf(!HAS_PTYS).concurrent('what is on a port', () => {
  const bench = serialBench(afterAll)
  const detect = (pty: Pty, times = 5) =>
    detectSensor(pty.path, { clock: impatientClock(times), openPort: openNodeSerialPort })

  async function start(pty: Pty, name: string): Promise<void> {
    const model = SIMULATED_MODELS.get(name)
    if (model === undefined) throw new Error(`nothing simulates ${name}`)
    bench.use(await model.start(pty, simulatorParts(name), model.speaks ? { intervalMs: 20 } : {}))
  }

  /** What somebody writes to the port. */
  function overhear(pty: Pty): () => string {
    const heard: number[] = []
    pty.onData(bytes => heard.push(...bytes))
    return () => toHex(Uint8Array.from(heard))
  }

  test.each([
    ['sds011', { driver: 'sds011', options: {}, serial: 'a160' }],
    ['pms3003', { driver: 'plantower', options: { model: 'pms3003' }, serial: null }],
    ['pms5003', { driver: 'plantower', options: { model: 'pms5003' }, serial: null }],
    ['pms5003t', { driver: 'plantower', options: { model: 'pms5003t' }, serial: null }],
    ['pms5003st', { driver: 'plantower', options: { model: 'pms5003st' }, serial: null }],
    ['gps', { driver: 'gps', options: {}, serial: null }],
  ])('that speaks is told by listening: %s', async (name, expected) => {
    const pty = await bench.pty()
    const written = overhear(pty)
    await start(pty, name)
    // The simulator looks at the reader's speed twice a second.
    const { sensor, seen } = await detect(pty, 2)
    expect(sensor).toMatchObject(expected)
    expect(seen).toBe(sensor?.evidence)
    expect(written()).toBe('')
  })

  test.each([
    ['mhz19', { driver: 'mhz19', options: {} }],
    ['senseair-s8', { driver: 'senseair-s8', options: {} }],
    ['sps30', { driver: 'sps30', options: {}, serial: expect.stringMatching(/^[0-9A-Z]+$/) }],
  ])('that must be asked is told by its answer: %s', async (name, expected) => {
    const pty = await bench.pty()
    await start(pty, name)
    const { sensor } = await detect(pty)
    expect(sensor).toMatchObject(expected)
  })

  test('that sleeps is woken', async () => {
    const pty = await bench.pty()
    bench.use(await simulateSds011(pty, simulatorParts('asleep'), { asleep: true }))
    expect((await detect(pty)).sensor).toMatchObject({ driver: 'sds011', serial: 'a160' })
  })

  test('that says nothing is asked nothing that sets or calibrates', async () => {
    const pty = await bench.pty()
    const written = overhear(pty)
    const { sensor, seen } = await detect(pty)
    expect(sensor).toBeNull()
    expect(seen).toMatch(/^Nothing on .* speaks or answers\. .* check its power .* TX goes to the port's RX/)
    const questions = [
      'ff0186000000000079', // MH-Z19: read
      '00fe0400000004e5c6', // S8: wake, read
      toHex(sds011Command(6, 1)), // SDS011: work
      toHex(sds011Command(4)), // SDS011: read
      '424de400010174', // Plantower: wake
      '424de200000171', // Plantower: read
      'ff7e007d3100ee7e7e00d001032b7e', // SPS30: wake, serial number
    ]
    expect(written()).toBe(questions.join(''))
  })

  test('that speaks faster than usual is found by trying other speeds', async () => {
    const pty = await bench.pty()
    bench.use(await simulateGps(pty, simulatorParts('gps'), { intervalMs: 20, misbehave: { wrongBaud: true } }))
    const { sensor, seen } = await detect(pty, 2)
    expect(sensor).toMatchObject({ driver: 'gps', options: { baudRate: 115_200 } })
    // Where it stands is not told.
    expect(seen).toMatch(/^A sentence \$GP[A-Z]{3} of a GPS receiver at 115200 baud\.$/)
  })

  test('that speaks at a speed at which it never does is named all the same', async () => {
    const pty = await bench.pty()
    const options = { intervalMs: 20, misbehave: { wrongBaud: true } }
    bench.use(await simulateSds011(pty, simulatorParts('fast'), options))
    const { sensor, seen } = await detect(pty, 2)
    expect(sensor).toBeNull()
    expect(seen).toMatch(
      /SDS011 with the id a160.* came at 115200 baud, at which no such sensor speaks.* Set it to 9600/,
    )
  })

  test('that is a console is told by its text', async () => {
    const pty = await bench.pty()
    bench.use(chatter(pty, new TextEncoder().encode('\r\nraspberrypi login: ')))
    const { sensor, seen } = await detect(pty)
    expect(sensor).toBeNull()
    expect(seen).toMatch(/at 9600 baud they are text: a login console \(turn it off with raspi-config/)
  })

  test('that makes no sense at any speed is not guessed at', async () => {
    const pty = await bench.pty()
    bench.use(
      chatter(
        pty,
        Uint8Array.from({ length: 40 }, (_, i) => 0x80 + i),
      ),
    )
    const { sensor, seen } = await detect(pty)
    expect(sensor).toBeNull()
    expect(seen).toMatch(/Bytes come on .*, but no frame of a sensor .*; at no usual speed do they make sense/)
  })

  test('cannot be told when the port is not there', async () => {
    const detecting = detectSensor('/dev/ttyNONE7', { clock: systemClock, openPort: openNodeSerialPort })
    await expect(detecting).rejects.toMatchObject({ info: { code: 'unreadable' } })
  })
})

/** Writes the same again and again, whatever the reader's speed. */
function chatter(pty: Pty, bytes: Uint8Array): { stop(): void } {
  let stopped = false
  const again = (): void => {
    if (stopped) return
    pty.write(bytes)
    systemClock.setTimeout(again, 20)
  }
  again()
  return {
    stop: () => {
      stopped = true
    },
  }
}
