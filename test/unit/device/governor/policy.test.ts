import { describe, expect, it } from 'vitest'
import { type ConditionPolicy, GovernorPolicy } from '../../../../device/index.ts'

const SOLAR: ConditionPolicy = { name: 'solar', source: { file: '/run/solar' }, demand: { atLeast: 200 } }
const topic = (mqtt: { url: string; topic: string }): ConditionPolicy => ({ ...SOLAR, source: { mqtt } })

describe('GovernorPolicy', () => {
  it('lets a device work whenever its board is well, unless the owner says more', () => {
    expect(GovernorPolicy()).toEqual({
      temperatureMaxC: 80,
      temperatureHysteresisC: 8,
      recoveryMs: 300_000,
      loadMax: null,
      loadWindowMs: 20_000,
      idleMs: 0,
      cpuShare: 1,
      hours: [],
      meteredInterfaces: [],
      monthlyTrafficMaxBytes: null,
      onBattery: 'work',
      chargeMinPercent: null,
      exclusive: [],
      conditions: [],
    })
  })

  it('takes what is in range', () => {
    const partial: Partial<GovernorPolicy> = {
      temperatureMaxC: 70,
      loadMax: 0.25,
      idleMs: 900_000,
      hours: ['22:00-06:00'],
      conditions: [SOLAR, { ...topic({ url: 'mqtts://b', topic: 'a/b' }), name: 'tariff', demand: { equals: 'low' } }],
    }
    expect(GovernorPolicy(partial)).toMatchObject(partial)
  })

  it.each([
    [{ temperatureMaxC: 39 }, 'temperatureMax', /is 39 °C: it must be 40 to 110 °C\.$/],
    [{ temperatureMaxC: Number.NaN }, 'temperatureMax', /must be 40 to 110/],
    [{ temperatureHysteresisC: 0 }, 'temperatureHysteresis', /1 to 40 °C/],
    [{ recoveryMs: -1 }, 'recovery', /0 to 86400000 ms/],
    [{ loadMax: 0 }, 'loadMax', /0\.01 to 1\.$/],
    [{ loadMax: 50 }, 'loadMax', /0\.01 to 1\.$/],
    [{ loadWindowMs: 1_000 }, 'loadWindow', /5000 to 600000 ms/],
    [{ idleMs: 60_000 }, 'idle', /needs 'loadMax'/],
    [{ cpuShare: 1.5 }, 'cpuShare', /0\.01 to 1\.$/],
    [{ chargeMinPercent: 101 }, 'chargeMin', /1 to 100 %/],
    [{ monthlyTrafficMaxBytes: 5 }, 'monthlyTrafficMax', /bytes/],
    [{ hours: ['22:00-06:00', 'always'] }, 'hours[1]', /is 'always': it must be hours such as '22:00-06:00'/],
    [{ hours: Array(65).fill('22:00-06:00') }, 'hours', /at most 64/],
    [{ exclusive: [''] }, 'exclusive[0]', /1 to 64 characters/],
    [{ meteredInterfaces: ['w'.repeat(65)] }, 'meteredInterfaces[0]', /1 to 64 characters/],
    [{ conditions: Array(17).fill(SOLAR) }, 'conditions', /at most 16/],
    [{ conditions: [SOLAR, SOLAR] }, 'conditions[1].name', /give each its own/],
    [{ conditions: [{ ...SOLAR, name: ' ' }] }, 'conditions[0].name', /1 to 32/],
    [{ conditions: [{ ...SOLAR, field: 'x'.repeat(129) }] }, 'conditions[0].field', /128/],
    [{ conditions: [{ ...SOLAR, forMs: -1 }] }, 'conditions[0].for', /0 to/],
    [{ conditions: [{ ...SOLAR, maxAgeMs: 1 }] }, 'conditions[0].maxAge', /1000 to/],
    [{ conditions: [{ ...SOLAR, source: { file: '' } }] }, 'conditions[0].file', /is empty/],
    [{ conditions: [topic({ url: 'http://b', topic: 'a' })] }, 'conditions[0].mqtt.url', /mqtt:\/\/host:port/],
    [{ conditions: [topic({ url: 'mqtt://b', topic: 'a/#' })] }, 'conditions[0].mqtt.topic', /without \+ and #/],
    [{ conditions: [{ ...SOLAR, demand: { atLeast: Number.NaN } }] }, 'conditions[0].atLeast', /a number/],
    [{ conditions: [{ ...SOLAR, demand: { atLeast: 2, resumeAt: 1 } }] }, 'conditions[0].resumeAt', /at least 2/],
    [{ conditions: [{ ...SOLAR, demand: { atMost: 2, resumeAt: 3 } }] }, 'conditions[0].resumeAt', /at most 2/],
  ] satisfies [Partial<GovernorPolicy>, string, RegExp][])('refuses %j, naming %s', (partial, path, message) => {
    let thrown: unknown
    try {
      GovernorPolicy(partial)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ name: 'ConfigError', info: { code: 'bad_option', path } })
    expect(String(thrown)).toMatch(message)
    expect(String(thrown)).toContain(`The setting '${path}' `)
  })
})
