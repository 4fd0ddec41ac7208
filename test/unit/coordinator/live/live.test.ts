import { describe, expect, test } from 'vitest'
import type { Member } from '../../../../coordinator/fleet/fleet.ts'
import type { Device, Job, Region } from '../../../../coordinator/http/admin-api.ts'
import type { PublicCell } from '../../../../coordinator/http/live-api.ts'
import type { Prices } from '../../../../coordinator/http/price-api.ts'
import type { Role } from '../../../../coordinator/http/session-api.ts'
import { Live } from '../../../../coordinator/live/index.ts'
import type { CampaignRow, WindowRow } from '../../../../coordinator/store/index.ts'
import { type CampaignId, jobId } from '../../../../protocol/index.ts'
import { DEVICE, JOB, REGION } from '../../../support/coordinator-http.ts'
import { JOBS } from '../../../support/rows.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const PRICES: Prices = {
  epoch: 1,
  epochMs: 1,
  nextMs: 2,
  targetUtilisation: 0.7,
  priceStepMax: 0,
  prices: [],
  moves: [],
}
const CELL: PublicCell = {
  campaign: 'c',
  name: 'air',
  quantity: 'pm2.5',
  unit: 'ug/m3',
  cell: '881f8d4887fffff',
  fromMs: 0,
  toMs: 1,
  value: '7.5',
  least: '7',
  greatest: '8',
  sensors: 1,
  accepted: 1,
  readings: 1,
}

/** A region whose parts a test changes, with listeners that keep what they are told. */
class LiveWorld {
  readonly clock = new VirtualClock()
  readonly devices = new Map<string, Device>()
  readonly jobs = new Map<string, Job>()
  region: Region = REGION
  transfers = 3
  checkpoint: { size: number; root: Uint8Array; atMs: number } | null = null
  views = 0
  readonly live: Live

  constructor(openData = false) {
    const all = () => [...this.devices.keys()].map(id => ({ row: { id } }) as Member).values()
    const { devices } = this
    this.live = new Live(
      {
        clock: this.clock,
        fleet: {
          all,
          get size() {
            return devices.size
          },
        },
        view: ({ row }) => {
          this.views++
          return { ...(this.devices.get(row.id) as Device) }
        },
        cells: { all: () => [], note: (_row, windows) => windows.map(({ cell }) => ({ ...CELL, cell })) },
        region: async () => this.region,
        prices: async () => PRICES,
        job: id => this.jobs.get(id) ?? null,
        campaign: () => ({}) as CampaignRow,
        transferCount: () => this.transfers,
        checkpoint: () => this.checkpoint,
      },
      { openData },
    )
  }

  add(count: number, owner = 'greta'): void {
    for (let i = 0; i < count; i++) {
      const id = `${owner}-${i}`
      this.devices.set(id, { ...DEVICE, id, owner })
    }
  }

  async watch(role: Role, name: string | null = null) {
    const texts: string[] = []
    const watcher = {
      role,
      name,
      send: (bytes: Uint8Array) => texts.push(new TextDecoder().decode(bytes)),
      isCurrent: (): boolean => watcher.isWelcome,
      close: (): void => {
        watcher.isWelcome = false
      },
      isWelcome: true,
      /** What was told since the last time, as names and data. */
      told: (): [string, unknown][] => eventsOf(texts.splice(0).join('')),
      sends: () => texts.length,
    }
    await this.live.join(watcher)
    return watcher
  }
}

function eventsOf(text: string): [name: string, data: unknown][] {
  return text
    .split('\n\n')
    .filter(part => part.startsWith('event: '))
    .map(part => {
      const [name = '', data = ''] = part.split('\n')
      return [name.slice('event: '.length), JSON.parse(data.slice('data: '.length))]
    })
}

const namesOf = (events: readonly [string, unknown][]) => events.map(([name]) => name)

describe('whoever watches', () => {
  test('is told how things are, then only what changes, at most once a second', async () => {
    const world = new LiveWorld()
    world.checkpoint = { size: 5, root: new Uint8Array([255, 0]), atMs: 7 }
    const anybody = await world.watch('public')
    expect(anybody.told()).toEqual([
      ['region', REGION],
      ['prices', PRICES],
      ['ledger', { transfers: 3 }],
      ['checkpoint', { size: 5, rootHashHex: 'ff00', timestampMs: 7 }],
    ])
    world.region = { ...REGION, uptimeMs: 99 }
    await world.clock.advance(5_000)
    expect(anybody.told()).toEqual([])
    world.transfers = 4
    world.region = { ...REGION, devicesOnline: 2, uptimeMs: 100 }
    world.checkpoint = { size: 6, root: new Uint8Array(), atMs: 8 }
    await world.clock.advance(1_000)
    expect(anybody.sends()).toBe(1)
    expect(anybody.told()).toEqual([
      ['region', world.region],
      ['ledger', { transfers: 4 }],
      ['checkpoint', { size: 6, rootHashHex: '', timestampMs: 8 }],
    ])
  })

  test('as an owner is told of its own devices, as the operator of all, and otherwise of none', async () => {
    const world = new LiveWorld()
    world.add(3)
    world.add(3, 'hans')
    const operator = await world.watch('operator')
    const greta = await world.watch('owner', 'greta')
    const others = [await world.watch('public'), await world.watch('submitter', 'greta')]
    for (const watcher of [operator, greta, ...others]) watcher.told()
    await world.clock.advance(3_000)
    expect([operator.told(), greta.told()]).toEqual([[], []])
    const changed = ['greta-1', 'hans-2'].map(id => ({ ...(world.devices.get(id) as Device), leasesOut: 5 }))
    for (const device of changed) world.devices.set(device.id, device)
    world.add(1, 'new')
    await world.clock.advance(2_000)
    const told = (operator.told() as ['devices', { devices: Device[] }][]).flatMap(([, { devices }]) => devices)
    expect(told.map(({ id }) => id).sort()).toEqual(['greta-1', 'hans-2', 'new-0'])
    expect(greta.told()).toEqual([['devices', { devices: [changed[0]] }]])
    for (const other of others) expect(other.told()).toEqual([])
  })

  test('as a submitter is told of its own jobs when they change, once each', async () => {
    const world = new LiveWorld()
    const [ada, bob] = [await world.watch('submitter', 'ada'), await world.watch('submitter', 'bob')]
    ada.told()
    bob.told()
    world.jobs.set(JOB.id, JOB)
    for (let i = 0; i < 100; i++) world.live.noteJob(JOBS[0])
    world.live.noteJob(JOBS[1])
    await world.clock.advance(1_000)
    expect([ada.told(), bob.told()]).toEqual([[['jobs', { jobs: [JOB] }]], []])
    await world.clock.advance(1_000)
    expect(ada.told()).toEqual([])
  })

  test('is told of cells where data is open, and the operator always', async () => {
    for (const openData of [true, false]) {
      const world = new LiveWorld(openData)
      const [anybody, operator] = [await world.watch('public'), await world.watch('operator')]
      anybody.told()
      operator.told()
      world.live.noteWindows('c' as CampaignId, [{ cell: 'x' }, { cell: 'x' }, { cell: 'y' }] as WindowRow[])
      await world.clock.advance(1_000)
      const cells = [
        [
          'cells',
          {
            cells: [
              { ...CELL, cell: 'x' },
              { ...CELL, cell: 'y' },
            ],
          },
        ],
      ]
      expect([anybody.told(), operator.told()]).toEqual([openData ? cells : [], cells])
    }
  })

  test('is sent away when the token has ended', async () => {
    const world = new LiveWorld()
    const [greta, anybody] = [await world.watch('owner', 'greta'), await world.watch('public')]
    greta.isWelcome = false
    await world.clock.advance(15_000)
    expect(world.live.size).toBe(1)
    greta.told()
    world.transfers++
    await world.clock.advance(1_000)
    expect([greta.told(), namesOf(anybody.told())]).toEqual([[], ['region', 'prices', 'ledger', 'ledger']])
  })
})

describe('a region', () => {
  test('does nothing at all while nobody watches', async () => {
    const world = new LiveWorld()
    world.add(100)
    for (const id of JOBS) world.live.noteJob(id)
    expect([world.clock.timers, world.views]).toEqual([0, 0])
    const operator = await world.watch('operator')
    expect([world.clock.timers, world.views]).toEqual([1, 100])
    world.live.leave(operator)
    world.live.leave(operator)
    expect([world.clock.timers, world.live.size]).toEqual([0, 0])
    await world.watch('public')
    await world.clock.advance(10_000)
    expect(world.views).toBe(100)
  })

  test('looks at every device once a second, however many watch, a twentieth at a time', async () => {
    const world = new LiveWorld()
    world.add(1_000)
    for (let i = 0; i < 20; i++) await world.watch(i % 2 === 0 ? 'operator' : 'owner', 'greta')
    world.views = 0
    await world.clock.advance(50)
    expect(world.views).toBe(50)
    await world.clock.advance(1_950)
    expect(world.views).toBeLessThanOrEqual(2_000)
    expect(world.views).toBeGreaterThan(1_700)
  })

  test('tells of a thousand devices a second, and of the others after them', async () => {
    const world = new LiveWorld()
    world.add(2_500)
    const operator = await world.watch('operator')
    operator.told()
    for (const [id, device] of world.devices) world.devices.set(id, { ...device, leasesOut: 1 })
    const seen = new Set<string>()
    const counts: number[] = []
    for (let second = 0; second < 6; second++) {
      await world.clock.advance(1_000)
      const events = operator.told() as ['devices', { devices: Device[] }][]
      const devices = events.flatMap(([, data]) => data.devices)
      counts.push(devices.length)
      for (const { id } of devices) seen.add(id)
    }
    expect(Math.max(...counts)).toBe(1_000)
    expect([seen.size, counts.reduce((sum, count) => sum + count)]).toEqual([2_500, 2_500])
  })

  test('tells of two hundred jobs a second, and of the others after them', async () => {
    const world = new LiveWorld()
    const operator = await world.watch('operator')
    operator.told()
    for (let i = 0; i < 300; i++) {
      const id = jobId(
        `${'abcdefghijklmnopqrstuvwxyz'[i % 26]}${'abcdefghijklmnop'[Math.floor(i / 26)]}${'2'.repeat(14)}`,
      )
      world.jobs.set(id, { ...JOB, id })
      world.live.noteJob(id)
    }
    const counts: number[] = []
    for (let second = 0; second < 3; second++) {
      await world.clock.advance(1_000)
      counts.push((operator.told() as ['jobs', { jobs: Job[] }][]).flatMap(([, { jobs }]) => jobs).length)
    }
    expect(counts).toEqual([200, 100, 0])
  })
})
