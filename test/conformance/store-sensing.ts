import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type {
  FrameRow,
  FramesFilter,
  JudgementsFilter,
  Store,
  WindowsFilter,
  Write,
} from '../../coordinator/store/index.ts'
import { AssertionError } from '../../protocol/index.ts'
import { DEVICES, deviceRow, NAMES } from '../support/rows.ts'
import {
  CAMPAIGNS,
  CELLS,
  campaignRow,
  frameRow,
  judgementRow,
  PROFILES,
  placeRow,
  profileRow,
  SENSORS,
  sensorRow,
  windowRow,
} from '../support/sensing-rows.ts'
import type { StoreUnderTest } from './store.ts'

/** What every {@link Store} must do with the rows of sensing. */
export function describeSensingStore(name: string, subject: StoreUnderTest): void {
  describe(`the ${name} store, of sensing,`, () => {
    const [device, otherDevice, foreignDevice] = DEVICES
    const [sensor, otherSensor, foreignSensor] = SENSORS
    const [profile, otherProfile, foreignProfile] = PROFILES
    const [campaign, otherCampaign, foreignCampaign] = CAMPAIGNS
    const [cell, otherCell] = CELLS
    let store: Store

    beforeEach(() => {
      store = subject.open()
    })

    afterEach(() => {
      store.close()
    })

    /** Two devices with a sensor each, of which the second is on both profiles, and two campaigns. */
    const members: Write[] = [
      { table: 'device', row: deviceRow(otherDevice) },
      { table: 'device', row: deviceRow(device) },
      { table: 'sensor', row: sensorRow(otherSensor, otherDevice) },
      { table: 'sensor', row: sensorRow(sensor, device) },
      { table: 'profile', row: profileRow(profile, [sensor, 'pm2.5'], [sensor, 'pm10']) },
      { table: 'profile', row: profileRow(otherProfile, [otherSensor, 'pm10'], [sensor, 'pm10']) },
      { table: 'campaign', row: campaignRow(campaign) },
      { table: 'campaign', row: campaignRow(otherCampaign) },
    ]
    const frames = (...rows: FrameRow[]): Write[] => rows.map(row => ({ table: 'frame', row }))
    const found = (filter: FramesFilter) => Array.from(store.frames(filter), row => row.id)

    test('starts empty', () => {
      expect([store.places(), store.sensors(), store.campaigns(), [...store.frames({})]]).toEqual([[], [], [], []])
      expect([store.profile(profile), store.campaign(campaign)]).toEqual([null, null])
      expect([store.frameIdMax(), store.hasFrame(device, 1), [...store.framesAbove(0)]]).toEqual([0, false, []])
      expect([store.judgements({}), store.windows({ campaign })]).toEqual([[], []])
    })

    test('returns every row as it was written, and the newest of each key', () => {
      const place = { ...placeRow(device), latitudeMicroDeg: -90_000_000, indoor: true, sinceMs: 99 }
      const moved = { ...sensorRow(sensor, otherDevice), placedSinceMs: 100, rival: device }
      const done = {
        ...campaignRow(campaign),
        state: 'done' as const,
        reason: 'It ended.',
        finishedAtMs: 9,
        budgetMicro: 2n ** 62n,
        paidMicro: 9_007_199_254_740_993n,
        feeMicro: 9_007_199_254_740_995n,
        readings: 4,
        accepted: 2,
        rejected: 1,
        late: 1,
        frameBytes: 300,
      }
      const judged = {
        ...judgementRow(campaign, 0, sensor, device),
        revision: 2,
        paidMicro: 2n ** 60n,
        unpaidReason: 'rank',
      }
      const empty = { ...windowRow(campaign, cell, 0), revision: 2, value: null, least: null, greatest: null }
      store.commit([
        ...members,
        { table: 'place', row: placeRow(otherDevice) },
        { table: 'place', row: placeRow(device) },
        { table: 'judgement', row: judgementRow(campaign, 0, sensor, device) },
        { table: 'window', row: windowRow(campaign, cell, 0) },
      ])
      store.commit([
        { table: 'place', row: place },
        { table: 'sensor', row: moved },
        { table: 'campaign', row: campaignRow(campaign) },
        { table: 'campaign', row: done },
        { table: 'judgement', row: judged },
        { table: 'window', row: empty },
      ])
      expect(store.places()).toEqual([place, placeRow(otherDevice)])
      expect(store.sensors()).toEqual([moved, sensorRow(otherSensor, otherDevice)])
      expect(store.campaign(campaign)).toEqual(done)
      expect(store.campaigns()).toEqual([campaignRow(otherCampaign), done])
      expect(store.judgements({})).toEqual([judged])
      expect(store.windows({ campaign })).toEqual([empty])
    })

    test('never changes a profile, nor the specification of a campaign', () => {
      store.commit(members)
      store.commit([
        { table: 'profile', row: { ...profileRow(profile, [otherSensor, 'co2']), bytes: new Uint8Array(9) } },
        { table: 'campaign', row: { ...campaignRow(campaign), spec: '{}', ref: 'new' } },
      ])
      expect(store.profile(profile)).toEqual(profileRow(profile, [sensor, 'pm2.5'], [sensor, 'pm10']))
      expect(store.campaign(campaign)).toEqual({ ...campaignRow(campaign), ref: 'new' })
      expect(store.profile(otherProfile)?.channels.map(channel => channel.sensor)).toEqual([otherSensor, sensor])
    })

    test('keeps a profile of a sensor that nobody announced', () => {
      const row = profileRow(foreignProfile, [foreignSensor, 'co2'])
      store.commit([...members, { table: 'profile', row }, ...frames(frameRow(1, device, foreignProfile))])
      expect(store.profile(foreignProfile)).toEqual(row)
      expect(found({ sensor: foreignSensor })).toEqual([1])
    })

    test('knows which frames are there', () => {
      store.commit([...members, ...frames({ ...frameRow(7, device, profile), seq: 2 ** 52 })])
      expect([...store.frames({})]).toEqual([{ ...frameRow(7, device, profile), seq: 2 ** 52 }])
      expect(store.frameIdMax()).toBe(7)
      expect([
        store.hasFrame(device, 2 ** 52),
        store.hasFrame(device, 7),
        store.hasFrame(otherDevice, 2 ** 52),
      ]).toEqual([true, false, false])
    })

    describe('finds frames', () => {
      // By time: 4, 1, then 2 and 3 of the same moment, then 5, which is long, then 6.
      const rows = [
        { ...frameRow(1, device, profile), fromMs: 100, toMs: 200 },
        { ...frameRow(2, device, otherProfile), fromMs: 200, toMs: 300 },
        { ...frameRow(3, otherDevice, otherProfile), fromMs: 200, toMs: 300 },
        { ...frameRow(4, device, profile), fromMs: 0, toMs: 100 },
        { ...frameRow(5, device, profile), fromMs: 250, toMs: 900 },
        { ...frameRow(6, otherDevice, otherProfile), fromMs: 600, toMs: 700 },
      ]

      beforeEach(() => {
        store.commit(members)
        store.commit(frames(...rows))
      })

      test.each<[string, FramesFilter, number[]]>([
        ['in the order of their time, then id', {}, [4, 1, 2, 3, 5, 6]],
        ['newest first', { newestFirst: true }, [6, 5, 3, 2, 1, 4]],
        ['of a sensor', { sensor: otherSensor }, [2, 3, 6]],
        ['of a sensor on several profiles and devices', { sensor }, [4, 1, 2, 3, 5, 6]],
        ['of a quantity of a sensor', { sensor, quantity: 'pm2.5' }, [4, 1, 5]],
        ['of a quantity', { quantity: 'pm2.5' }, [4, 1, 5]],
        ['of a quantity that only another sensor has', { sensor: otherSensor, quantity: 'pm2.5' }, []],
        ['of a device', { device }, [4, 1, 2, 5]],
        ['of a sensor on a device', { sensor, device: otherDevice }, [3, 6]],
        ['of an unknown sensor', { sensor: foreignSensor }, []],
        ['of an unknown device', { device: foreignDevice }, []],
        ['that touch a range, its end not included', { fromMs: 100, toMs: 250 }, [1, 2, 3]],
        ['that touch a moment late in a long frame', { fromMs: 899 }, [5]],
        ['that begin before the range and reach into it', { fromMs: 650, toMs: 651 }, [5, 6]],
        ['after all', { fromMs: 900 }, []],
        ['before all', { toMs: 0 }, []],
        ['up to an id', { idMax: 3 }, [1, 2, 3]],
        ['of all that, newest first and counted', { sensor, device, toMs: 250, idMax: 3, newestFirst: true }, [2, 1]],
        ['up to a number of them', { limit: 2 }, [4, 1]],
        ['up to a number of the newest', { newestFirst: true, limit: 3 }, [6, 5, 3]],
        ['none when none are asked for', { limit: 0 }, []],
      ])('%s', (_, filter, expected) => {
        expect(found(filter)).toEqual(expected)
        expect(found({ ...filter, newestFirst: !filter.newestFirst, limit: 99 })).toEqual(
          filter.limit === undefined ? expected.toReversed() : expect.anything(),
        )
      })
    })

    test('reads the frames above an id in the order of receipt', () => {
      const rows = Array.from({ length: 150 }, (_, index) => ({
        ...frameRow(index + 1, index % 2 ? device : otherDevice, index % 3 ? profile : otherProfile),
        fromMs: 1_000_000 - index,
        toMs: 2_000_000,
      }))
      store.commit([...members, ...frames(...rows.toReversed())])
      expect([...store.framesAbove(40)]).toEqual(rows.slice(40))
      expect([...store.framesAbove(150)]).toEqual([])
      const [first] = store.framesAbove(0)
      expect(first).toEqual(rows[0])
    })

    test('reads more frames than it holds at once, and lets others write meanwhile', () => {
      const rows = Array.from({ length: 300 }, (_, index) => frameRow(index + 1, DEVICES[index % 2 ? 0 : 1], profile))
      store.commit([...members, ...frames(...rows)])
      const ids = rows.map(row => row.id)
      expect(found({ sensor })).toEqual(ids)
      expect(found({ sensor, newestFirst: true })).toEqual(ids.toReversed())
      expect(found({ sensor, device, limit: 70 })).toEqual(ids.filter(id => id % 2 === 0).slice(0, 70))
      const seen: number[] = []
      for (const row of store.frames({ sensor })) {
        if (row.id <= 2) store.commit(frames({ ...frameRow(1_000 + row.id, device, profile), fromMs: -5, toMs: -4 }))
        if (row.id === 200) break
        seen.push(row.id)
      }
      expect(seen).toEqual(ids.slice(0, 199))
    })

    test('reads many frames of one moment', () => {
      const rows = Array.from({ length: 150 }, (_, index) => ({
        ...frameRow(index + 1, device, profile),
        fromMs: 5,
        toMs: 6,
      }))
      store.commit([...members, ...frames(...rows)])
      expect(found({ sensor })).toEqual(rows.map(row => row.id))
      expect(found({ sensor, newestFirst: true })).toEqual(rows.map(row => row.id).toReversed())
    })

    test('lists campaigns newest first by state, submitter and number', () => {
      store.commit([
        { table: 'campaign', row: campaignRow(campaign) },
        { table: 'campaign', row: { ...campaignRow(otherCampaign), submitter: NAMES.otherSubmitter, state: 'done' } },
      ])
      const ids = (rows: { id: string }[]) => rows.map(row => row.id)
      expect(ids(store.campaigns({ limit: 1 }))).toEqual([otherCampaign])
      expect(ids(store.campaigns({ states: ['done', 'failed'] }))).toEqual([otherCampaign])
      expect(ids(store.campaigns({ states: [] }))).toEqual([])
      expect(ids(store.campaigns({ submitter: NAMES.submitter }))).toEqual([campaign])
      expect(ids(store.campaigns({ submitter: NAMES.submitter, states: ['done'] }))).toEqual([])
    })

    test.each<[string, JudgementsFilter, string[]]>([
      ['all, by window, sensor and campaign', {}, ['0aa', '0ab', '9aa', '9ba', '9bb']],
      ['of a campaign', { campaign }, ['0aa', '9aa', '9ba']],
      ['of a sensor', { sensor: otherSensor }, ['9ba', '9bb']],
      ['of a device', { device }, ['0aa', '0ab', '9aa']],
      ['of a sensor in a campaign', { campaign, sensor }, ['0aa', '9aa']],
      ['in a range, its end not included', { fromMs: 0, toMs: 900 }, ['0aa', '0ab']],
      ['from a moment on', { fromMs: 1 }, ['9aa', '9ba', '9bb']],
      ['up to a number', { limit: 2 }, ['0aa', '0ab']],
      ['of an unknown sensor', { sensor: foreignSensor }, []],
    ])('finds judgements: %s', (_, filter, expected) => {
      const row = (windowMs: number, ofSensor: typeof sensor, ofCampaign: typeof campaign): Write => {
        const on = ofSensor === sensor ? device : otherDevice
        return { table: 'judgement', row: judgementRow(ofCampaign, windowMs, ofSensor, on) }
      }
      store.commit([
        row(900, otherSensor, otherCampaign),
        row(900, otherSensor, campaign),
        row(900, sensor, campaign),
        row(0, sensor, otherCampaign),
        row(0, sensor, campaign),
        ...members,
      ])
      const keys = store.judgements(filter).map(({ windowMs, sensor, campaign }) => {
        return `${String(windowMs)[0]}${sensor[0]}${campaign[0]}`
      })
      expect(keys).toEqual(expected)
    })

    test.each<[string, Omit<WindowsFilter, 'campaign'>, string[]]>([
      ['all, by window and cell', {}, ['0/0', '0/1', '9/0', '18/1']],
      ['newest first, cells ascending', { newestFirst: true }, ['18/1', '9/0', '0/0', '0/1']],
      ['of a cell', { cell: otherCell }, ['0/1', '18/1']],
      ['in a range, its end not included', { fromMs: 9, toMs: 18 }, ['9/0']],
      ['the newest of a cell', { cell: otherCell, newestFirst: true, limit: 1 }, ['18/1']],
    ])('finds windows: %s', (_, filter, expected) => {
      const row = (windowMs: number, at: string): Write => ({ table: 'window', row: windowRow(campaign, at, windowMs) })
      store.commit([
        ...[row(18, otherCell), row(0, otherCell), row(0, cell), row(9, cell)],
        { table: 'window', row: windowRow(otherCampaign, cell, 27) },
        ...members,
      ])
      const keys = store
        .windows({ campaign, ...filter })
        .map(found => `${found.windowMs}/${CELLS.indexOf(found.cell as never)}`)
      expect(keys).toEqual(expected)
    })

    test.each<[string, Write[]]>([
      ['a frame whose id is there already', frames({ ...frameRow(1, device, profile), seq: 9 })],
      ["a frame whose device's number is there already", frames({ ...frameRow(9, device, profile), seq: 1 })],
      ['a frame twice in one batch', frames(frameRow(9, device, profile), frameRow(9, device, profile))],
      ['a frame of an unknown device', frames(frameRow(9, foreignDevice, profile))],
      ['a frame of an unknown profile', frames(frameRow(9, device, foreignProfile))],
      ['a place of an unknown device', [{ table: 'place', row: placeRow(foreignDevice) }]],
      ['a sensor on an unknown device', [{ table: 'sensor', row: sensorRow(foreignSensor, foreignDevice) }]],
      ['an unknown rival', [{ table: 'sensor', row: { ...sensorRow(sensor, device), rival: foreignDevice } }]],
      [
        'a judgement of an unknown campaign',
        [{ table: 'judgement', row: judgementRow(foreignCampaign, 0, sensor, device) }],
      ],
      [
        'a judgement of an unknown sensor',
        [{ table: 'judgement', row: judgementRow(campaign, 0, foreignSensor, device) }],
      ],
      [
        'a judgement of an unknown device',
        [{ table: 'judgement', row: judgementRow(campaign, 0, sensor, foreignDevice) }],
      ],
      ['a window of an unknown campaign', [{ table: 'window', row: windowRow(foreignCampaign, cell, 0) }]],
    ])('stops at %s and applies nothing of its batch', (_, writes) => {
      store.commit([...members, ...frames(frameRow(1, device, profile))])
      const before = contents(store)
      const mixed: Write[] = [
        { table: 'place', row: placeRow(device) },
        { table: 'sensor', row: { ...sensorRow(sensor, otherDevice), rival: device } },
        { table: 'profile', row: profileRow(PROFILES[2].replace('c', 'd') as typeof profile, [sensor, 'co2']) },
        { table: 'campaign', row: { ...campaignRow(campaign), state: 'failed' } },
        { table: 'judgement', row: judgementRow(campaign, 0, sensor, device) },
        { table: 'window', row: windowRow(campaign, cell, 0) },
        ...frames({ ...frameRow(5, otherDevice, profile), toMs: 9_000_000 }),
      ]
      expect(() => store.commit([...mixed, ...writes])).toThrow(AssertionError)
      expect(contents(store)).toEqual(before)
      store.commit(mixed)
      expect(found({ device: otherDevice, fromMs: 8_999_999 })).toEqual([5])
      expect(store.judgements({})).toHaveLength(1)
    })

    test('has everything committed after a crash', () => {
      store.commit([
        ...members,
        ...frames(frameRow(1, device, profile)),
        { table: 'place', row: placeRow(device) },
        { table: 'judgement', row: judgementRow(campaign, 0, sensor, device) },
        { table: 'window', row: windowRow(campaign, cell, 0) },
      ])
      const before = contents(store)
      store = subject.reopen(store)
      expect(contents(store)).toEqual(before)
      store.commit(frames({ ...frameRow(2, device, profile), fromMs: 0, toMs: 10 }))
      expect(found({ sensor })).toEqual([2, 1])
    })
  })
}

/** Everything a store holds that the tests above write. */
function contents(store: Store): unknown {
  const campaigns = store.campaigns()
  return {
    places: store.places(),
    sensors: store.sensors(),
    profiles: PROFILES.map(id => store.profile(id)),
    frames: [...store.frames({})],
    campaigns,
    judgements: store.judgements({}),
    windows: campaigns.map(row => store.windows({ campaign: row.id })),
  }
}
