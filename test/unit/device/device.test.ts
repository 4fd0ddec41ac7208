import { describe, expect, it } from 'vitest'
import { GovernorPolicy, localTime, openDeviceStore } from '../../../device/index.ts'
import { ConfigError, LIMITS, type Standing } from '../../../protocol/index.ts'
import { deviceWorld } from '../../support/device/device-world.ts'
import { grant } from '../../support/device/leases.ts'
import { ScriptedRegion } from '../../support/device/scripted-region.ts'
import { settle } from '../../support/virtual-clock.ts'

describe('joining', () => {
  it('joins with a claim, says hello and is ready', async () => {
    const { join, device, region, states, store } = deviceWorld()
    await join()
    expect(states).toEqual(['connecting', 'joining', 'joined'])
    expect(region.heard.joins).toHaveLength(1)
    expect(region.heard.hellos).toEqual([
      {
        session: 1,
        seq: 1,
        label: 'attic',
        software: 'hedgerow/test',
        arch: 'arm64',
        cores: 4,
        memoryMiB: 1_024,
        slots: 1,
        creditLeases: 4,
        abis: ['wasi', 'reactor'],
        metering: [1],
      },
    ])
    expect(store.enrolment()).toMatchObject({ region: 'north', standing: 'joined', regionKey: region.publicKey })
    expect(device.explain()).toBe("Ready: the region 'north' has no work for this device at the moment.")
  })

  it('says what would bound a task’s memory once it may have one', async () => {
    const { device, join } = deviceWorld({ device: { memoryBounds: 'The kernel bounds it.' } })
    expect(device.explain()).not.toContain('bounds')
    await join()
    expect(device.explain()).toMatch(/^Ready: .* at the moment\. The kernel bounds it\.$/)
    await device.stop()
    expect(device.explain()).toBe('Stopped.')
  })

  it('needs no claim from then on', async () => {
    const first = deviceWorld()
    await first.join()
    const second = deviceWorld({ store: first.store, claim: false })
    await second.join()
    expect(second.device.state).toBe('joined')
    expect(second.region.heard).toMatchObject({ joins: [], hellos: [{ session: 2 }] })
  })

  it('gives up on a region with another key than the one in the claim [JOIN-2.2]', async () => {
    const { join, device, link, region, states, id } = deviceWorld()
    const impostor = new ScriptedRegion({ seed: 'impostor' })
    region.send = () => link.last.downlink('welcome', impostor.forgedWelcome(region, id))
    await join()
    const failure = await device.ended
    expect(failure?.message).toMatch(/^Another region answers at this address: its key is not the one in the claim\./)
    expect(states.at(-1)).toBe('failed')
    expect(device.explain()).toBe(failure?.message)
  })

  it.each([
    ['claim_unknown', /^The region does not know this claim/],
    ['claim_used', /^This claim has been used by another device/],
    ['claim_expired', /^This claim has expired\./],
    ['not_enrolled', /^The region does not know this device any more\./],
  ] satisfies [Standing, RegExp][])('gives up with a sentence on %s', async (standing, sentence) => {
    const { join, device } = deviceWorld({ standing })
    await join()
    expect((await device.ended)?.message).toMatch(sentence)
    expect(device.state).toBe('failed')
  })

  it('waits for a place in a full region', async () => {
    const { join, device, region, clock } = deviceWorld({ standing: 'region_full' })
    await join()
    expect(device.explain()).toMatch(/^The region enrols no more devices at the moment\. Next try in \d+ s\.$/)
    region.standing = 'joined'
    await clock.advance(62_000)
    expect(device.state).toBe('joined')
  })

  it('joins again with its claim when the region has forgotten it', async () => {
    const first = deviceWorld()
    await first.join()
    const second = deviceWorld({ store: first.store, standing: 'not_enrolled' })
    second.link.onUplink = (end, name, frame) => {
      if (name === 'join') second.region.standing = 'joined'
      second.region.receive(end.target.device, name, frame)
    }
    await second.join()
    expect(second.device.state).toBe('joined')
    expect(second.region.heard.joins).toHaveLength(1)
  })

  it('joins again with its claim when the region does not hear it at all', async () => {
    const first = deviceWorld()
    await first.join()
    const second = deviceWorld({ store: first.store })
    second.link.onUplink = (end, name, frame) => {
      if (name === 'join' || second.region.heard.joins.length > 0) second.region.receive(end.target.device, name, frame)
    }
    await second.join()
    await second.clock.advance(60_000)
    expect(second.device.state).toBe('joined')
    // Without a hello the region would not know what the device can do.
    expect(second.region.heard).toMatchObject({ joins: [{}], hellos: [{}] })
  })

  it.each(['join', 'hello'] as const)('recovers from a %s that is lost on its way', async lost => {
    const { join, device, link, region, clock } = deviceWorld()
    let losses = 0
    link.onUplink = (end, name, frame) => {
      if (name === lost && losses++ === 0) return
      region.receive(end.target.device, name, frame)
    }
    await join()
    expect(device.state).toBe('joining')
    await clock.advance(20_000)
    expect(device.state).toBe('joined')
    expect([losses, link.tries.length]).toEqual([2, 2])
  })

  it('recovers from a welcome that is lost on its way', async () => {
    const { join, device, link, region, clock } = deviceWorld()
    let welcomes = 0
    region.send = (_, name, frame) => {
      if (name !== 'welcome' || ++welcomes !== 2) link.last.downlink(name, frame)
    }
    await join()
    expect(device.state).toBe('joining')
    await clock.advance(20_000)
    expect(device.state).toBe('joined')
  })

  it('gives up as a stranger that is refused again and again', async () => {
    const { join, device, link, clock } = deviceWorld()
    link.answers = ['refused']
    await join()
    await clock.advance(60_000)
    expect((await device.ended)?.message).toMatch(/is not the region 'north' that made the claim, or it has revoked/)
    expect(link.tries).toHaveLength(4)
  })

  it('tries for ever once it is enrolled', async () => {
    const first = deviceWorld()
    await first.join()
    const { join, device, link, clock } = deviceWorld({ store: first.store, claim: false })
    link.answers = ['refused']
    await join()
    await clock.advance(3_600_000)
    expect(device.state).toBe('waiting')
    expect(link.tries.length).toBeGreaterThan(20)
    expect(device.explain()).toMatch(/refuses\. Next try in \d+ s\.$/)
  })
})

describe('the connection', () => {
  it('comes back by itself, and says hello again', async () => {
    const { join, link, region, clock, states, device } = deviceWorld()
    await join()
    link.last.cut()
    expect(device.explain()).toMatch(/closed the connection\. Next try in \d+ s\.$/)
    await clock.advance(1_000)
    expect(states).toEqual(['connecting', 'joining', 'joined', 'waiting', 'connecting', 'joining', 'joined'])
    expect(region.heard.hellos.map(({ session }) => session)).toEqual([1, 2])
  })

  it('is given up when the region does not answer', async () => {
    const { join, region, device, clock } = deviceWorld()
    region.answers = false
    await join()
    await clock.advance(15_000)
    expect(device.explain()).toMatch(/^The region at mqtt:\/\/region.example:1883 does not answer within 15 s\./)
    region.answers = true
    await clock.advance(10_000)
    expect(device.state).toBe('joined')
  })

  it('carries a heartbeat', async () => {
    const { join, region, clock } = deviceWorld()
    await join()
    await clock.advance(45_000)
    expect(region.heard.statuses).toEqual(
      [2, 3, 4].map(seq => ({ session: 1, seq, creditLeases: 4, runningLeases: 0, reason: '' })),
    )
  })
})

describe('work', () => {
  it('runs leases and is rid of their results once the region has them', async () => {
    const { join, region, device, id, store, clock } = deviceWorld()
    const work: unknown[] = []
    device.on('work', event => work.push(event))
    await join()
    region.lease(id, grant(1), grant(2))
    await clock.advance(5)
    expect(region.leaseResults.map(({ leaseId, outcome }) => [leaseId, outcome])).toEqual([
      [1, 'done'],
      [2, 'done'],
    ])
    expect(region.heard.results).toHaveLength(1)
    expect(store.outbox.frames).toBe(0)
    expect(work).toMatchObject([
      { leaseId: 1, firstUnit: 10, units: 2, outcome: 'done', elapsedMs: 7 },
      { leaseId: 2, firstUnit: 20, units: 2, outcome: 'done', elapsedMs: 7 },
    ])
  })

  it('sends results again, byte for byte, until they are acknowledged [RESULT-2.1] [RESULT-3.2]', async () => {
    const { join, region, id, store, clock, device } = deviceWorld()
    region.acks = false
    await join()
    region.lease(id, grant(1))
    await clock.advance(25_000)
    expect(region.heard.results).toHaveLength(3)
    expect(new Set(region.heard.results.map(({ seq }) => seq)).size).toBe(1)
    expect(device.explain()).toMatch(/ 1 message of results wait for the region's receipt\.$/)
    region.ack(id, region.heard.results[0]?.seq ?? 0)
    expect(store.outbox.frames).toBe(0)
  })

  it('brings results of an earlier life to the region', async () => {
    const first = deviceWorld()
    first.region.acks = false
    await first.join()
    first.region.lease(first.id, grant(1))
    await first.clock.advance(5)
    const second = deviceWorld({ store: first.store, claim: false })
    await second.join()
    expect(second.region.heard.results).toEqual(first.region.heard.results)
    expect(second.store.outbox.frames).toBe(0)
  })

  it('keeps results that finish while the region is away', async () => {
    const { join, region, id, link, clock, runner, store } = deviceWorld({ runs: 'held' })
    await join()
    region.lease(id, grant(1))
    await settle()
    link.answers = ['unreachable', 'ok']
    link.last.cut()
    runner.runs[0]?.finish()
    await settle()
    expect(store.outbox.frames).toBe(1)
    await clock.advance(10_000)
    expect(region.heard.results).toMatchObject([{ session: 1, results: [{ leaseId: 1 }] }])
    expect(store.outbox.frames).toBe(0)
  })

  it('stops what is cancelled', async () => {
    const { join, region, id, runner, clock } = deviceWorld({ runs: 'held' })
    await join()
    region.lease(id, grant(1), grant(2))
    await settle()
    region.cancel(id, 1)
    await clock.advance(5)
    expect(runner.runs[0]?.signal?.aborted).toBe(true)
    runner.runs[1]?.finish()
    await clock.advance(5)
    expect(region.leaseResults.map(({ leaseId }) => leaseId)).toEqual([2])
  })

  it('acts on nothing of an earlier session, and nothing that the region did not sign [COSE-1.4]', async () => {
    const { join, region, id, link, clock, runner, logged } = deviceWorld()
    await join()
    let old: { name: 'lease'; frame: Uint8Array } | null = null
    const { send } = region
    region.send = (_, name, frame) => {
      if (name === 'lease') old = { name, frame }
    }
    region.lease(id, grant(1))
    region.send = send
    link.last.cut()
    await clock.advance(1_000)
    const { name, frame } = old ?? { name: 'lease' as const, frame: new Uint8Array(0) }
    link.last.downlink(name, frame)
    link.last.downlink('cancel', frame)
    link.last.downlink(name, frame.with(40, (frame[40] ?? 0) ^ 1))
    link.last.downlink(name, new Uint8Array(LIMITS.frameBytesMax + 1))
    await clock.advance(5)
    expect(runner.runs).toEqual([])
    expect(logged.filter(({ event }) => event === 'frame_refused').map(({ code }) => code)).toEqual([
      'bad_signature',
      expect.stringMatching(/bad_signature|bad_frame/),
      'bad_frame',
    ])
    expect(logged.filter(({ event }) => event === 'stale_frame')).toHaveLength(1)
  })

  it('takes no work while its outbox is full, and says so', async () => {
    const store = openDeviceStore(':memory:', { outboxQuotaBytes: 2 * LIMITS.frameBytesMax })
    const { join, region, id, clock, device, runner } = deviceWorld({ store, runs: 'held' })
    region.acks = false
    await join()
    for (const lease of [1, 2]) {
      region.lease(id, grant(lease))
      await settle()
      runner.runs[lease - 1]?.finish(new Uint8Array(40_000))
      await clock.advance(5)
    }
    expect(device.explain()).toMatch(/^Takes no work: the outbox is full of results/)
    expect(region.heard.statuses.at(-1)).toMatchObject({
      creditLeases: 0,
      reason: expect.stringMatching(/outbox is full/),
    })
    region.lease(id, grant(3))
    await settle()
    expect(runner.runs).toHaveLength(2)
    region.ack(id, ...region.heard.results.map(({ seq }) => seq))
    await settle()
    expect(region.heard.statuses.at(-1)).toMatchObject({ creditLeases: 4, reason: '' })
    expect(runner.runs).toHaveLength(3)
  })

  it('takes no work on a board that is too hot or too weak, and goes on when it has recovered', async () => {
    const { join, region, id, clock, health, device, runner } = deviceWorld()
    await join()
    health.now = { socTemperatureMilliC: 84_000, underVoltage: false, throttled: false }
    await clock.advance(5_000)
    const reason = 'the processor is at 84 °C (limit 80 °C); work begins again after 5 min below 72 °C'
    expect(device.explain()).toBe(`Takes no work: ${reason}.`)
    expect(region.heard.statuses.at(-1)).toMatchObject({ creditLeases: 0, reason })
    region.lease(id, grant(1))
    await clock.advance(5)
    expect(runner.runs).toEqual([])
    expect(region.leaseResults).toMatchObject([
      { leaseId: 1, outcome: 'none', detail: `This device takes no work now: ${reason}.` },
    ])
    health.now = { socTemperatureMilliC: 60_000, underVoltage: false, throttled: false }
    await clock.advance(310_000)
    expect(region.heard.statuses.at(-1)).toMatchObject({ creditLeases: 4, reason: '' })
  })

  it('says that it takes no work before it gives leases back, and its newest words with each heartbeat', async () => {
    const { join, region, id, clock, health, link } = deviceWorld({ runs: 'held' })
    await join()
    region.lease(id, grant(1), grant(2))
    await settle()
    const order: string[] = []
    link.onUplink = (end, name, frame) => {
      order.push(name)
      region.receive(end.target.device, name, frame)
    }
    health.now = { socTemperatureMilliC: 84_000, underVoltage: false, throttled: false }
    await clock.advance(5_010)
    expect(order).toEqual(['status', 'result'])
    expect(region.leaseResults.map(({ leaseId, outcome }) => [leaseId, outcome])).toEqual([
      [2, 'none'],
      [1, 'none'],
    ])
    const heard = region.heard.statuses.length
    health.now = { socTemperatureMilliC: 83_000, underVoltage: false, throttled: false }
    await clock.advance(5_000)
    expect(region.heard.statuses).toHaveLength(heard)
    await clock.advance(15_000)
    expect(region.heard.statuses.at(-1)).toMatchObject({ creditLeases: 0, reason: expect.stringContaining('83 °C') })
  })

  it('keeps to its owner’s hours', async () => {
    const nowMs = deviceWorld().clock.wallMs()
    const [from, to] = [2, 4].map(minutes => {
      const { minute } = localTime(nowMs + minutes * 60_000) ?? { minute: 0 }
      return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
    })
    const governor = GovernorPolicy({ hours: [`${from}-${to}`] })
    const { join, device, clock } = deviceWorld({ device: { governor } })
    await join()
    expect(device.explain()).toBe(
      `Takes no work: it is outside the hours you set (${from}-${to}); work begins at ${from}.`,
    )
    await clock.advance(125_000)
    expect(device.explain()).toMatch(/^Ready/)
    await clock.advance(120_000)
    expect(device.explain()).toMatch(/^Takes no work/)
  })
})

describe('standing', () => {
  it('drops all work when it is caught, and works again when it is reinstated', async () => {
    const { join, region, id, clock, device, runner, standings, store } = deviceWorld({ runs: 'held' })
    await join()
    region.lease(id, grant(1), grant(2))
    await settle()
    region.notice(id, 'caught', 'job x, unit 3')
    await settle()
    expect(runner.runs[0]?.signal?.aborted).toBe(true)
    expect(device.explain()).toMatch(/because a result of it was found wrong.*It says: job x, unit 3$/)
    expect(region.heard.statuses.at(-1)).toMatchObject({ creditLeases: 0 })
    expect(store.enrolment()?.standing).toBe('caught')
    region.notice(id, 'joined', '')
    region.lease(id, grant(3))
    await clock.advance(5)
    expect(runner.runs).toHaveLength(2)
    expect(standings.map(({ standing }) => standing)).toEqual(['joined', 'caught', 'joined'])
  })

  it('leaves and comes back to ask when it is revoked', async () => {
    const { join, region, id, clock, device, link } = deviceWorld()
    await join()
    region.notice(id, 'revoked', 'stolen')
    expect(device.explain()).toMatch(/^The region's operator has revoked this device\. It says: stolen Next try in/)
    link.answers = ['refused']
    await clock.advance(600_000)
    expect(device.state).toBe('waiting')
    expect(device.explain()).toMatch(/has revoked this device/)
    link.answers = ['ok']
    await clock.advance(240_000)
    expect(device.state).toBe('joined')
    expect(device.explain()).toMatch(/^Ready/)
  })

  it('remembers over a restart that it is caught', async () => {
    const first = deviceWorld()
    await first.join()
    first.region.notice(first.id, 'caught', 'why')
    const second = deviceWorld({ store: first.store, claim: false, standing: 'caught' })
    second.region.reason = 'why'
    await second.join()
    expect(second.region.heard.hellos[0]?.creditLeases).toBe(0)
    expect(second.device.explain()).toMatch(/It says: why$/)
  })
})

describe('a card in trouble', () => {
  const failing = (code: 'no_space' | 'damaged') => {
    const store = openDeviceStore(':memory:')
    const saveEnrolment = () => {
      throw new ConfigError({ code, path: 'device.db', reason: 'worn' }, `The card is ${code}.`)
    }
    return { ...store, outbox: store.outbox, saveEnrolment }
  }

  it('does not keep a device from working when it is full', async () => {
    const { join, device, logged } = deviceWorld({ store: failing('no_space') })
    await join()
    expect(device.state).toBe('joined')
    expect(logged.filter(({ event }) => event === 'enrolment_not_saved')).toHaveLength(1)
  })

  it('ends the device in words when it is broken', async () => {
    const { join, device } = deviceWorld({ store: failing('damaged') })
    await join()
    expect((await device.ended)?.message).toBe('The card is damaged.')
  })

  it('costs results that find no room, and says so', async () => {
    const store = openDeviceStore(':memory:')
    const nextSeq = () => {
      throw new ConfigError({ code: 'no_space', path: 'device.db' }, 'The disk is full.')
    }
    const outbox = Object.create(store.outbox, { nextSeq: { value: nextSeq } })
    const { join, region, id, clock, logged, device } = deviceWorld({ store: { ...store, outbox } })
    await join()
    region.lease(id, grant(1))
    await clock.advance(5)
    expect(logged.filter(({ event }) => event === 'results_lost')).toMatchObject([{ results: 1 }])
    expect(device.state).toBe('joined')
  })
})

describe('stopping', () => {
  it('ends everything once', async () => {
    const { join, device, region, id, runner, clock } = deviceWorld({ runs: 'held' })
    await join()
    region.lease(id, grant(1))
    await settle()
    await Promise.all([device.stop(), device.stop()])
    expect(await device.ended).toBeNull()
    expect(device.state).toBe('stopped')
    expect(runner.closed).toBe(true)
    expect(clock.timers).toBe(0)
  })
})
