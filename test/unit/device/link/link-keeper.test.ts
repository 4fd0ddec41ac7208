import { describe, expect, it } from 'vitest'
import { LinkKeeper, type LinkState } from '../../../../device/link/index.ts'
import { deviceId, regionName, seededRandom, TransportError } from '../../../../protocol/index.ts'
import { type Answer, ScriptedLink } from '../../../support/device/scripted-link.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

/** A keeper at a scripted link; its counters are 1, 2, … plus leaps. */
function world(...answers: Answer[]) {
  const clock = new VirtualClock()
  const link = new ScriptedLink()
  link.answers = answers
  let counter = 0
  const keeper = new LinkKeeper({
    clock,
    random: seededRandom('keeper'),
    link,
    nextCounter: leap => {
      counter += leap
      return counter
    },
    target: used => ({
      address: 'mqtt://region.example:1883',
      region: regionName('north'),
      device: deviceId('a'.repeat(26)),
      password: new Uint8Array([used]),
    }),
  })
  const states: LinkState['kind'][] = []
  keeper.events.on('state', state => states.push(state.kind))
  const counters = () => link.tries.map(({ password }) => password[0])
  return { clock, link, keeper, states, counters }
}

describe('LinkKeeper', () => {
  it('connects, and connects again when the connection breaks', async () => {
    const { clock, link, keeper, states } = world('ok')
    keeper.start()
    await settle()
    expect(keeper.state).toMatchObject({ kind: 'open', session: 1 })
    link.last.cut()
    expect(keeper.state.kind).toBe('waiting')
    await clock.advance(1_000)
    expect(keeper.state).toMatchObject({ kind: 'open', session: 2 })
    expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open'])
  })

  it('uses a counter again only when it surely never left the machine [SESSION-1.2]', async () => {
    const { clock, keeper, counters } = world('unreachable', 'unreachable', 'timeout', 'ok')
    keeper.start()
    await clock.advance(60_000)
    expect(counters()).toEqual([1, 1, 1, 2])
    keeper.stop()
  })

  it('leaps further ahead with every counter that is refused', async () => {
    const { clock, keeper, counters } = world('refused', 'refused', 'refused', 'ok')
    keeper.start()
    await clock.advance(60_000)
    expect(counters()).toEqual([1, 5, 21, 85])
    expect(keeper.refusals).toBe(0)
  })

  it('waits longer with each failure and starts over after a steady connection', async () => {
    const { clock, link, keeper } = world('unreachable')
    keeper.start()
    await clock.advance(600_000)
    const tries = link.tries.length
    expect(tries).toBeGreaterThan(8)
    expect(tries).toBeLessThan(40)
    link.answers = ['ok']
    await clock.advance(120_000)
    expect(keeper.state.kind).toBe('open')
    link.last.cut()
    await clock.advance(1_000)
    expect(keeper.state.kind).toBe('open')
  })

  it('does not hurry back to a region that hangs up at once', async () => {
    const { clock, link, keeper } = world('ok')
    keeper.events.on('state', state => {
      if (state.kind === 'open') clock.setTimeout(() => link.last.cut(), 100)
    })
    keeper.start()
    await clock.advance(600_000)
    expect(link.connections.length).toBeLessThan(40)
  })

  it('waits at least as long as it is told', async () => {
    const { clock, keeper } = world('ok')
    keeper.start()
    await settle()
    keeper.giveUp(new TransportError({ code: 'closed', address: 'x' }, 'No place.'), 60_000)
    await clock.advance(59_999)
    expect(keeper.state).toMatchObject({ kind: 'waiting', error: { message: 'No place.' } })
    await clock.advance(61_000)
    expect(keeper.state.kind).toBe('open')
  })

  it('stops for good, even in the middle of a try', async () => {
    const { clock, link, keeper } = world('never')
    keeper.start()
    await settle()
    keeper.stop()
    await clock.advance(600_000)
    expect(link.tries).toHaveLength(1)
    expect(keeper.state.kind).toBe('off')
    expect(clock.timers).toBe(0)
    await expect(keeper.publish('status', new Uint8Array(1))).rejects.toThrow('There is no connection to the region.')
  })

  it('hears nothing from a connection that it has given up', async () => {
    const { keeper, link } = world('ok')
    const heard: unknown[] = []
    keeper.events.on('downlink', downlink => heard.push(downlink))
    keeper.start()
    await settle()
    const old = link.last
    old.downlink('ack', new Uint8Array([1]))
    keeper.stop()
    old.open = true
    old.downlink('ack', new Uint8Array([2]))
    expect(heard).toEqual([['ack', new Uint8Array([1])]])
  })
})
