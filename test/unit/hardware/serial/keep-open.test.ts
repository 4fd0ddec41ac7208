import { describe, expect, test } from 'vitest'
import { keepOpen } from '../../../../hardware/serial/keep-open.ts'
import type { Random } from '../../../../protocol/index.ts'
import { settle } from '../../../support/virtual-clock.ts'
import { type ScriptedSocket, scriptedSocket } from './scripted-port.ts'

const PATH = '/dev/ttyUSB0'
const SETTINGS = { baudRate: 9_600 }

function kept(it: ScriptedSocket, random?: Random) {
  const events: string[] = []
  const components = { clock: it.clock, open: it.open, ...(random === undefined ? {} : { random }) }
  const port = keepOpen(components, PATH, SETTINGS, {
    onOpen: () => events.push('open'),
    onData: bytes => events.push(`data ${bytes.length}`),
    onLost: () => events.push('lost'),
  })
  return { port, events }
}

describe('keepOpen', () => {
  test('opens, hands over bytes, tells a loss and opens again', async () => {
    const it = scriptedSocket()
    const { port, events } = kept(it)
    expect(port.state).toBe('opening')
    await port.tried
    it.hear(Uint8Array.of(1))
    it.pull()
    expect(port).toMatchObject({ state: 'unplugged', failure: { info: { code: 'unplugged', path: PATH } } })
    await expect(port.write(Uint8Array.of(1))).rejects.toBe(port.failure)
    it.plug()
    await it.clock.advance(500)
    expect(port).toMatchObject({ state: 'open', failure: null, opens: 2 })
    expect(events).toEqual(['open', 'data 1', 'lost', 'open'])
    await port.close()
  })

  test('waits twice as long after each failure, up to ten seconds, and starts anew once bytes have come', async () => {
    const it = scriptedSocket()
    it.pull()
    const { port } = kept(it)
    await it.clock.advance(30_000)
    expect(port.failure?.message).toBe('/dev/ttyUSB0 is not there.')
    expect(it.attemptsMs).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 25_500])
    it.plug()
    await it.clock.advance(10_000)
    // A port that opens and is lost without a byte is no success.
    it.pull()
    await it.clock.advance(9_999)
    expect(it.attemptsMs).toHaveLength(8)
    it.plug()
    await it.clock.advance(1)
    it.hear(Uint8Array.of(1))
    it.pull()
    await it.clock.advance(500)
    expect(it.attemptsMs.slice(8)).toEqual([50_000, 50_500])
    await port.close()
  })

  test('spreads attempts when it is given chance', async () => {
    const it = scriptedSocket()
    it.pull()
    const { port } = kept(it, { bytes: count => new Uint8Array(count), uniform: () => 0.5 })
    await it.clock.advance(1_200)
    expect(it.attemptsMs).toEqual([0, 375, 1_125])
    await port.close()
  })

  test('closes and opens on request', async () => {
    const it = scriptedSocket()
    const { port, events } = kept(it)
    await port.tried
    port.reopen()
    await it.clock.advance(500)
    expect(events).toEqual(['open', 'lost', 'open'])
    expect(it.closes()).toBe(1)
    await port.close()
  })

  test('is quiet once it is closed, whatever state it was in', async () => {
    const it = scriptedSocket()
    const { port, events } = kept(it)
    const closing = port.close()
    await closing
    expect(it.closes()).toBe(1)
    expect(events).toEqual([])

    const lost = scriptedSocket()
    lost.pull()
    const other = kept(lost)
    await other.port.tried
    await other.port.close()
    lost.plug()
    await lost.clock.advance(60_000)
    expect(lost.attemptsMs).toEqual([0])
    expect(lost.clock.timers).toBe(0)
    await settle()
    expect(other.events).toEqual([])
  })
})
