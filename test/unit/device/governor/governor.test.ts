import { describe, expect, it } from 'vitest'
import { Governor, GovernorPolicy, type Moment, type Readings } from '../../../../device/index.ts'
import { LIMITS, utf8 } from '../../../../protocol/index.ts'

const GOOD: Readings = { socTemperatureMilliC: 55_000, underVoltage: false, throttled: false }
const SILENT: Readings = { socTemperatureMilliC: null, underVoltage: null, throttled: null }
const MONDAY_NOON = { weekday: 1, minute: 720 }

function at(seconds: number, local: Moment['local'] = MONDAY_NOON): Moment {
  return { monotonicMs: seconds * 1_000, local }
}

/** Judges readings at their second; a letter each: P paused, `-` not. */
function run(governor: Governor, looks: readonly (readonly [seconds: number, readings: Partial<Readings>])[]): string {
  return looks.map(([s, readings]) => (governor.judge({ ...GOOD, ...readings }, at(s)) ? '-' : 'P')).join('')
}

/** What other programs use, when they keep so many of four processors busy from the start on. */
const busy = (seconds: number, processors: number): Partial<Readings> => ({
  load: { processors: 4, othersMs: seconds * 1_000 * processors },
})

const text = (value: string | null, ageMs = 0): Partial<Readings> => ({
  conditions: new Map([
    ['solar', { text: value, ageMs: value === null ? null : ageMs, fault: value === null ? 'it is empty' : '' }],
  ]),
})

describe('a governor with the usual rules', () => {
  it.each([
    [GOOD, ''],
    [SILENT, ''],
    [{ ...GOOD, socTemperatureMilliC: 79_999 }, ''],
    [
      { ...GOOD, socTemperatureMilliC: 81_500 },
      'the processor is at 81.5 °C (limit 80 °C); work begins again after 5 min below 72 °C',
    ],
    [
      { ...GOOD, underVoltage: true },
      'the power supply is too weak: the board reports under-voltage; work begins again after 5 min without it',
    ],
    [
      { ...GOOD, throttled: true },
      'the board has lowered its clock to protect itself; work begins again after 5 min without it',
    ],
  ])('judges %j', (readings, reason) => {
    const governor = new Governor()
    expect(governor.judge(readings, at(0))).toBe(reason === '')
    expect(governor.reason).toBe(reason)
    expect(governor.stopsRunning).toBe(reason !== '')
  })

  it('lets work begin again when the board has been cool for five minutes', () => {
    const hot = { socTemperatureMilliC: 80_000 }
    const warm = { socTemperatureMilliC: 75_000 }
    const cool = { socTemperatureMilliC: 71_000 }
    const governor = new Governor()
    expect(
      run(governor, [
        [0, {}],
        [5, hot],
        [10, warm],
        [20, cool],
        [319, cool],
        [320, cool],
      ]),
    ).toBe('-PPPP-')
    // Warm again for a moment: the five minutes begin anew.
    expect(
      run(governor, [
        [330, hot],
        [340, cool],
        [500, warm],
        [510, cool],
        [809, cool],
        [810, cool],
      ]),
    ).toBe('PPPPP-')
  })

  it('tells new numbers without a new cause', () => {
    const governor = new Governor()
    governor.judge({ ...GOOD, socTemperatureMilliC: 81_000 }, at(0))
    const { cause } = governor
    governor.judge({ ...GOOD, socTemperatureMilliC: 76_000 }, at(5))
    expect([cause, governor.cause]).toEqual(['temperature', 'temperature'])
    expect(governor.reason).toMatch(/^the processor is at 76 °C/)
    governor.judge(SILENT, at(10))
    expect(governor.reason).toMatch(/^the processor was too hot/)
  })
})

describe('load', () => {
  const policy = GovernorPolicy({ loadMax: 0.5 })

  it('pauses after twenty seconds of others’ load, and goes on after twenty without', () => {
    const governor = new Governor(policy)
    expect(
      run(governor, [
        [0, busy(0, 3)],
        [5, busy(5, 3)],
        [15, busy(15, 3)],
        [20, busy(20, 3)],
      ]),
    ).toBe('---P')
    expect(governor.reason).toBe(
      'other programs use 75 % of the processors (limit 50 %); work begins after 20 s of at most 50 %',
    )
    expect(governor.stopsRunning).toBe(false)
    const still = { load: { processors: 4, othersMs: 60_000 } }
    expect(
      run(governor, [
        [25, still],
        [30, still],
        [35, still],
        [40, still],
      ]),
    ).toMatch(/^P.*-$/)
    expect(governor.reason).toBe('')
  })

  it('does not mind a moment of load', () => {
    const burst = (ms: number) => ({ load: { processors: 4, othersMs: ms } })
    const looks = [0, 5, 10, 15, 20, 25, 30].map(s => [s, burst(s < 10 ? 0 : 20_000)] as const)
    expect(run(new Governor(policy), looks)).toBe('-------')
  })

  it('waits for the machine to be idle when asked to', () => {
    const governor = new Governor(GovernorPolicy({ loadMax: 0.5, idleMs: 60_000 }))
    const looks = [0, 10, 20, 30, 40, 50, 59, 60].map(s => [s, busy(s, 1)] as const)
    expect(run(governor, looks)).toBe('PPPPPPP-')
    expect(governor.verdicts.find(({ rule }) => rule === 'load')?.reading).toBe('25 %')
  })

  it('lets work go on where load cannot be measured', () => {
    const governor = new Governor(GovernorPolicy({ loadMax: 0.5, idleMs: 20_000 }))
    expect(
      run(governor, [
        [0, { load: null }],
        [5, { load: null }],
      ]),
    ).toBe('--')
  })
})

describe('exclusive applications', () => {
  it('stop work at once, and let it go on twenty seconds after their end', () => {
    const governor = new Governor(GovernorPolicy({ exclusive: ['kodi.bin'] }))
    expect(
      run(governor, [
        [0, { exclusive: '' }],
        [5, { exclusive: 'kodi.bin' }],
      ]),
    ).toBe('-P')
    expect(governor.stopsRunning).toBe(true)
    expect(governor.reason).toBe(
      'the program kodi.bin runs, which you want the machine for; work begins again 20 s after it has ended',
    )
    expect(
      run(governor, [
        [10, { exclusive: '' }],
        [29, { exclusive: '' }],
        [30, { exclusive: '' }],
      ]),
    ).toBe('PP-')
  })

  it('are unknown where other programs are hidden', () => {
    const governor = new Governor(GovernorPolicy({ exclusive: ['kodi.bin'] }))
    expect(run(governor, [[0, { exclusive: null }]])).toBe('-')
    expect(governor.verdicts.at(-1)).toMatchObject({ rule: 'exclusive', reading: 'not known here' })
  })
})

describe('hours', () => {
  const governor = () => new Governor(GovernorPolicy({ hours: ['22:00-06:00'] }))

  it('are kept to the minute', () => {
    const one = governor()
    expect([720, 1_319, 1_320].map(minute => one.judge(GOOD, at(minute, { weekday: 1, minute })))).toEqual([
      false,
      false,
      true,
    ])
  })

  it('say when work begins', () => {
    const one = governor()
    one.judge(GOOD, at(0))
    expect(one.reason).toBe('it is outside the hours you set (22:00-06:00); work begins at 22:00')
    expect(one.stopsRunning).toBe(false)
  })

  it('cannot be kept before the clock is set', () => {
    const one = governor()
    expect(one.judge(GOOD, at(0, null))).toBe(false)
    expect(one.reason).toMatch(/clock is not set yet/)
  })

  it('leave room for when work begins, however many there are', () => {
    const hours = Array.from(
      { length: 20 },
      (_, i) => `sat ${String(i).padStart(2, '0')}:00-${String(i).padStart(2, '0')}:30`,
    )
    const one = new Governor(GovernorPolicy({ hours }))
    one.judge(GOOD, at(0))
    expect(one.reason).toBe('it is outside the hours you set (20 windows); work begins on Saturday at 00:00')
  })
})

describe('networks', () => {
  it.each([
    ['wwan0', ['wwan0'], true],
    ['wwan1', ['wwan*'], true],
    ['eth0', ['wwan*', 'usb0'], false],
    ['', ['wwan0'], false],
  ])('%j with %j metered pauses: %s', (network, meteredInterfaces, pauses) => {
    const governor = new Governor(GovernorPolicy({ meteredInterfaces }))
    expect(run(governor, [[0, { network }]])).toBe(pauses ? 'P' : '-')
    expect(governor.reason).toBe(
      pauses
        ? `the way to the internet is ${network}, which costs you money; work begins again 20 s after it is another`
        : '',
    )
  })

  it('do not flutter with an interface that comes and goes', () => {
    const governor = new Governor(GovernorPolicy({ meteredInterfaces: ['wwan0'] }))
    const [lan, modem] = [{ network: 'eth0' }, { network: 'wwan0' }]
    expect(
      run(governor, [
        [0, modem],
        [10, lan],
        [20, modem],
        [30, lan],
        [49, lan],
        [50, lan],
      ]),
    ).toBe('PPPPP-')
  })

  it('have a budget a month', () => {
    const governor = new Governor(GovernorPolicy({ monthlyTrafficMaxBytes: 10e9 }))
    expect(
      run(governor, [
        [0, { traffic: { bytes: 9.9e9 } }],
        [5, { traffic: { bytes: 10.24e9 } }],
      ]),
    ).toBe('-P')
    expect(governor.reason).toBe('this machine has moved 10.2 GB of the 10 GB of this month; work begins next month')
  })
})

describe('batteries', () => {
  const power = (onBattery: boolean, chargePercent: number | null) => ({ power: { onBattery, chargePercent } })

  it('pause work while they are used, and for five minutes after', () => {
    const governor = new Governor(GovernorPolicy({ onBattery: 'pause' }))
    const looks = [
      [0, power(false, 90)],
      [5, power(true, 90)],
      [10, power(false, 89)],
      [309, power(false, 90)],
    ] as const
    expect(run(governor, looks)).toBe('-PPP')
    expect(governor.reason).toBe('this machine ran on its battery; work begins again after 5 min on mains power')
    expect(run(governor, [[310, power(false, 90)]])).toBe('-')
  })

  it('pause work while they are low, until there is a little more', () => {
    const governor = new Governor(GovernorPolicy({ chargeMinPercent: 40 }))
    expect(
      run(governor, [
        [0, power(false, 40)],
        [5, power(false, 39)],
      ]),
    ).toBe('-P')
    expect(governor.reason).toBe('the battery is at 39 % (limit 40 %); work begins again after 5 min at 45 % or more')
    expect(
      run(governor, [
        [400, power(false, 44)],
        [500, power(false, 45)],
        [799, power(false, 46)],
        [800, power(false, 46)],
      ]),
    ).toBe('PPP-')
  })

  it.each([null, undefined])('are not asked for on a machine without one: %s', none => {
    const policy = GovernorPolicy({ onBattery: 'pause', chargeMinPercent: 40 })
    expect(run(new Governor(policy), [[0, { ...(none === null ? { power: none } : {}) }]])).toBe('-')
  })
})

describe('conditions', () => {
  const source = { file: '/run/solar' }
  const solar = (more: object) =>
    new Governor(
      GovernorPolicy({ conditions: [{ name: 'solar', source, demand: { atLeast: 200, resumeAt: 250 }, ...more }] }),
    )

  it('hold for their time in both directions, with their own hysteresis', () => {
    const governor = solar({})
    expect(
      run(governor, [
        [0, text('300')],
        [10, text('100')],
        [69, text('100')],
        [70, text('100')],
        [80, text('220')],
        [200, text('220')],
      ]),
    ).toBe('---PPP')
    expect(governor.reason).toBe("'solar' is 220 (you ask for at least 200); work begins after 1 min of at least 250")
    expect(
      run(governor, [
        [210, text('250.5')],
        [269, text('260')],
        [270, text('260')],
      ]),
    ).toBe('PP-')
  })

  it.each([
    [{ atMost: 20, resumeAt: 10 }, '20', '21'],
    [{ atLeast: -5 }, '-5', '-5.1'],
    [{ equals: 'cheap' }, 'cheap', 'dear'],
    [{ equals: 'true' }, 'true', 'false'],
  ])('%j is content with %s and not with %s', (demand, content, not) => {
    expect(run(solar({ demand }), [[0, text(content)]])).toBe('-')
    expect(run(solar({ demand }), [[0, text(not)]])).toBe('P')
  })

  it.each([
    ['no value', text(null), /^'solar' is unknown, since it is empty \(you ask/],
    ['a value that is no number', text('on'), /since it says 'on', which is no number/],
    ['an old value', text('300', 600_001), /since its last value is older than 10 min/],
    ['nothing at all', {}, /since it has yet to be heard/],
  ])('pauses on %s, unless the owner says to work', (_, readings, reason) => {
    const governor = solar({ maxAgeMs: 600_000 })
    expect(run(governor, [[0, readings]])).toBe('P')
    expect(governor.reason).toMatch(reason)
    expect(run(solar({ maxAgeMs: 600_000, whenUnknown: 'work' }), [[0, readings]])).toBe('-')
  })
})

describe('several reasons', () => {
  it('are said together, and stop what runs when one of them does', () => {
    const governor = new Governor(GovernorPolicy({ hours: ['22:00-06:00'] }))
    governor.judge({ ...GOOD, socTemperatureMilliC: 90_000 }, at(0))
    expect(governor.cause).toBe('temperature, hours')
    expect(governor.stopsRunning).toBe(true)
    expect(governor.reason).toBe(
      'the processor is at 90 °C (limit 80 °C); work begins again after 5 min below 72 °C. ' +
        'Also, it is outside the hours you set (22:00-06:00); work begins at 22:00',
    )
  })

  it('fit what a status message has room for', () => {
    const governor = new Governor(GovernorPolicy({ hours: ['22:00-06:00'], onBattery: 'pause', exclusive: ['kodi'] }))
    const all = { socTemperatureMilliC: 90_000, underVoltage: true, throttled: true, exclusive: 'kodi' }
    governor.judge({ ...all, power: { onBattery: true, chargePercent: 5 } }, at(0))
    expect(governor.reason).toMatch(/^the processor is at 90 °C .*\. Also, \d more of your rules$/)
    expect(utf8(governor.reason).length).toBeLessThanOrEqual(LIMITS.reasonBytesMax)
  })
})
