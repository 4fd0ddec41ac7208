import { expect, test } from 'vitest'
import { observationMessage } from '../../../../../coordinator/outputs/index.ts'
import { flag } from '../../../../../protocol/index.ts'
import { SENSORS } from '../../../../support/sensing-rows.ts'
import { MORNING_MS } from '../../../../support/stored-readings.ts'

const [sensor] = SENSORS
const BASE = 'http://hagley.example:8717/v1.1'
const READING = {
  sensor,
  quantity: 'pm2.5',
  atMs: MORNING_MS,
  receivedAtMs: MORNING_MS + 900,
  scaled: -5,
  exponent: -1,
}

test('a new observation is published under the path of its resource', () => {
  const { topic, payload } = observationMessage({ ...READING, flags: null }, BASE)
  expect(topic).toBe(`v1.1/Datastreams('${sensor}-pm2.5')/Observations`)
  const self = `${BASE}/Observations('${sensor}-pm2.5-${MORNING_MS}')`
  expect(JSON.parse(payload)).toEqual({
    '@iot.id': `${sensor}-pm2.5-${MORNING_MS}`,
    '@iot.selfLink': self,
    phenomenonTime: '2026-11-21T08:00:00.000Z',
    resultTime: '2026-11-21T08:00:00.900Z',
    result: -0.5,
    resultQuality: { verdict: 'unverified', codes: [] },
    'Datastream@iot.navigationLink': `${self}/Datastream`,
    'FeatureOfInterest@iot.navigationLink': `${self}/FeatureOfInterest`,
  })
})

test('one that has been judged carries its verdict', () => {
  const qualityOf = (flags: number) => JSON.parse(observationMessage({ ...READING, flags }, BASE).payload).resultQuality
  expect(qualityOf(0)).toEqual({ verdict: 'accepted', codes: [] })
  expect(qualityOf(flag('isolated'))).toEqual({ verdict: 'accepted', codes: ['isolated'] })
  expect(qualityOf(flag('range'))).toEqual({ verdict: 'rejected', codes: ['range'] })
})
