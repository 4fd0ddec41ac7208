import { describe, expect, test } from 'vitest'
import { openPlantower } from '../../../hardware/drivers/plantower.ts'
import { openSds011 } from '../../../hardware/drivers/sds011.ts'
import { openNodeSerialPort } from '../../../hardware/serial/node-port.ts'
import { simulatePlantower } from '../../../hardware/simulated/plantower.ts'
import type { Pty } from '../../../hardware/simulated/pty.ts'
import { simulateSds011 } from '../../../hardware/simulated/sds011.ts'
import { HardwareError } from '../../../protocol/index.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench, simulatorParts } from '../../support/serial-bench.ts'

/** Longest wait of a port that looks for its sensor again. */
const RETRY_MS = 10_000

describe.skipIf(!HAS_PTYS)('a plug that is pulled', () => {
  const bench = serialBench()

  test.each([
    ['by hand', {}, (pty: Pty) => pty.unplug()],
    ['by the simulator', { unplugAfterMs: 1_000 }, () => {}],
  ] as const)('%s and put into another socket: the sensor goes on under its own name', async (_, misbehave, pull) => {
    const link = bench.link()
    const parts = bench.parts()
    const first = await bench.pty()
    link.pointTo(first)
    await simulateSds011(first, simulatorParts('first'), { intervalMs: 1, misbehave })
    const sensor = bench.use(await openSds011(parts, { driver: 'sds011', port: link.path }))
    await eventually('it measures', async () => (await sensor.sample()).faults[0] === null)

    pull(first)
    await eventually('the loss is noticed', () => sensor.health().state === 'unplugged')
    expect(sensor.health().advice).toMatch(
      /is gone: the sensor or its adapter was unplugged. It is used again as soon as/,
    )
    expect(await sensor.sample()).toEqual({ values: [null, null], faults: ['unplugged', 'unplugged'] })
    await parts.clock.advance(RETRY_MS)
    await eventually('it was looked for', () => /no such port/.test(sensor.health().advice))

    const second = await bench.pty()
    await simulateSds011(second, simulatorParts('second'), { intervalMs: 1 })
    link.pointTo(second)
    await parts.clock.advance(RETRY_MS)
    await eventually('it measures again', () => sensor.health().state === 'ok')
    expect((await sensor.sample()).faults).toEqual([null, null])
    expect(sensor).toMatchObject({ serial: 'a160' })
    expect(sensor.health().counters.opens).toBe(2)
  })

  test('before the device started: a sensor without a name of its own is used when it comes', async () => {
    const link = bench.link()
    const parts = bench.parts()
    const sensor = bench.use(await openPlantower(parts, { driver: 'plantower', port: link.path }))
    await eventually('the port was tried', () => sensor.health().state === 'unplugged')
    expect((await sensor.sample()).faults[0]).toBe('unplugged')
    const pty = await bench.pty()
    await simulatePlantower(pty, simulatorParts('late'), { intervalMs: 1 })
    link.pointTo(pty)
    await parts.clock.advance(RETRY_MS)
    await eventually('it is heard', async () => (await sensor.sample()).faults[0] === 'warming_up')
  })

  test('in the middle of a write is an error, not a crash', async () => {
    const pty = await bench.pty()
    const port = bench.use(await openNodeSerialPort(pty.path, { baudRate: 9_600 }))
    const closed = Promise.withResolvers<void>()
    port.onClose(() => closed.resolve())
    pty.unplug()
    await closed.promise
    await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject({ info: { code: 'unplugged', path: pty.path } })
    await expect(port.write(Uint8Array.of(1))).rejects.toBeInstanceOf(HardwareError)
  })

  test('leaves no process behind', async () => {
    const pty = await bench.pty()
    expect(await pty.baudRate()).toBe(38_400)
    pty.unplug()
    await pty.closed
    expect(await pty.baudRate()).toBeNull()
    expect(pty.write(Uint8Array.of(1))).toBe(false)
  })
})

describe.skipIf(!HAS_PTYS)('a port', () => {
  const bench = serialBench()

  test.each([
    ['that is not there', '/dev/ttyNONE7', /no such port/],
    ['that is a file', import.meta.filename, /not a serial port but a file/],
    ['that is another device', '/dev/null', /a device of another kind/],
  ])('%s cannot be opened, and the sentence says why', async (_, path, reason) => {
    const opening = openNodeSerialPort(path, { baudRate: 9_600 })
    await expect(opening).rejects.toMatchObject({
      info: { code: 'unreadable', path },
      message: expect.stringMatching(reason),
    })
  })

  test('that another program holds cannot be opened', async () => {
    const pty = await bench.pty()
    const holder = bench.use(await openNodeSerialPort(pty.path, { baudRate: 9_600 }))
    await expect(openNodeSerialPort(pty.path, { baudRate: 9_600 })).rejects.toThrow(/another program is using it/)
    await holder.close()
    bench.use(await openNodeSerialPort(pty.path, { baudRate: 9_600 }))
  })

  test('carries every byte both ways, and its speed is known', async () => {
    const pty = await bench.pty()
    const port = bench.use(await openNodeSerialPort(pty.path, { baudRate: 115_200 }))
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const [there, back]: [number[], number[]] = [[], []]
    port.onData(bytes => back.push(...bytes))
    pty.onData(bytes => there.push(...bytes))
    pty.write(all)
    await port.write(all)
    await eventually('all bytes arrive', () => there.length >= 256 && back.length >= 256)
    expect([there, back]).toEqual([[...all], [...all]])
    expect(await pty.baudRate()).toBe(115_200)
  })
})
