import { describe, expect, test } from 'vitest'
import { fixedLength } from '../../../../hardware/serial/formats.ts'
import { openTalker } from '../../../../hardware/serial/talker.ts'
import { scriptedSocket } from './scripted-port.ts'

const FRESH_MS = 10_000
const FRAME = Uint8Array.of(1, 2)
const GARBAGE = new Uint8Array(400).fill(9)

function talking(greet: readonly Uint8Array[] = []) {
  const socket = scriptedSocket()
  const events: string[] = []
  const talker = openTalker(
    { clock: socket.clock, openPort: socket.open },
    {
      path: '/dev/ttyUSB0',
      settings: { baudRate: 9_600 },
      format: fixedLength({ header: [1], length: 2, check: () => true }),
      name: 'X1',
      freshMs: FRESH_MS,
      wake: [Uint8Array.of(0xaa)],
      greet,
      onFrame: () => events.push('frame'),
      onSilent: () => events.push('silent'),
    },
  )
  return { ...socket, talker, events }
}

describe('a talker', () => {
  test('is sent nothing while it talks', async () => {
    const { talker, clock, hear, written, events } = talking()
    await talker.tried
    expect(talker.health()).toMatchObject({ state: 'warming_up', advice: 'Waiting for the first frame of the X1.' })
    for (let second = 0; second < 100; second++) {
      hear(FRAME)
      await clock.advance(1_000)
    }
    expect(written).toEqual([])
    expect(events.every(event => event === 'frame')).toBe(true)
    expect(talker.fault()).toBeNull()
    expect(talker.health()).toMatchObject({ state: 'ok', advice: '', counters: { frames: 100, opens: 1 } })
    await talker.close()
    expect(clock.timers).toBe(0)
  })

  test('that is silent is woken, and every second time its port is opened anew', async () => {
    const { talker, clock, hear, written, attemptsMs, closes } = talking()
    await clock.advance(FRESH_MS)
    expect(written).toEqual(['10000 aa'])
    expect([talker.fault(), talker.health().state]).toEqual(['no_answer', 'warming_up'])
    await clock.advance(1)
    expect(talker.health()).toMatchObject({
      state: 'silent',
      advice: expect.stringMatching(/^Nothing has come from the X1/),
    })
    await clock.advance(29_999)
    expect([attemptsMs, closes()]).toEqual([[0], 1])
    // Opened half a second later, silent for ten seconds, woken again.
    await clock.advance(500 + FRESH_MS)
    expect(attemptsMs).toEqual([0, 40_500])
    expect(written).toEqual(['10000 aa', '50500 aa'])
    hear(FRAME)
    expect(talker.fault()).toBeNull()
    await clock.advance(FRESH_MS + 1)
    expect(talker.fault()).toBe('stale')
    await talker.close()
  })

  test('that sends what nobody understands is sent nothing', async () => {
    const { talker, clock, hear, written } = talking()
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000)
      hear(GARBAGE.subarray(0, 5))
    }
    expect(written).toEqual([])
    expect(talker.fault()).toBe('bad_frames')
    expect(talker.health()).toMatchObject({
      state: 'faulty',
      advice: expect.stringMatching(/^Bytes come on .*, but no frame of a X1\. .* another speed than 9600 baud/),
    })
    await talker.close()
  })

  test('on a bad line is blamed for what is lost now, not for what was', async () => {
    const { talker, hear } = talking()
    await talker.tried
    hear(GARBAGE)
    hear(FRAME)
    expect(talker.health()).toMatchObject({ state: 'faulty', advice: expect.stringMatching(/^100 % of the bytes/) })
    for (let i = 0; i < 150; i++) hear(FRAME)
    expect(talker.health().state).toBe('ok')
    await talker.close()
  })

  test('is greeted each time its port opens, and told of a loss', async () => {
    const { talker, clock, pull, plug, written, events } = talking([Uint8Array.of(0xbb)])
    await talker.tried
    pull()
    expect([talker.fault(), talker.health().state]).toEqual(['unplugged', 'unplugged'])
    plug()
    await clock.advance(500)
    expect(written).toEqual(['0 bb', '500 bb'])
    expect(events).toEqual(['silent'])
    await talker.close()
  })
})
