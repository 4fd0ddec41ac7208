import { describe, expect, test } from 'vitest'
import {
  CONNACK,
  type ConnectRequest,
  judgePublish,
  judgeSubscribe,
  readConnect,
} from '../../../../coordinator/broker/authorize.ts'
import {
  deviceId,
  deviceTopic,
  downlinkFilter,
  jobId,
  jobTopic,
  LIMITS,
  type Principal,
  regionName,
  submitTopic,
  submitterName,
  utf8,
} from '../../../../protocol/index.ts'

const REGION = regionName('north')
const ID = deviceId('mfrggzdfmztwq2lknnwg23tpob')
const STRANGER = deviceId('a'.repeat(26))
const ACME = submitterName('acme')
const DEVICE: Principal = { kind: 'device', id: ID }
const SUBMITTER: Principal = { kind: 'submitter', name: ACME }
const JOB = jobId('a'.repeat(16))

describe('a CONNECT', () => {
  const device: ConnectRequest = {
    clientId: ID,
    clean: true,
    username: 'device',
    password: Uint8Array.of(1),
    willTopic: null,
    keepaliveSeconds: 45,
  }
  const submitter: ConnectRequest = { ...device, clientId: 'my laptop', username: 'acme', password: utf8('token') }

  test('of a device', () => {
    expect(readConnect(device)).toEqual({ kind: 'device', id: ID, frame: Uint8Array.of(1) })
  })

  test('of a submitter, under any client id', () => {
    expect(readConnect(submitter)).toEqual({ kind: 'submitter', name: 'acme', token: 'token' })
    expect(readConnect({ ...submitter, clientId: '__proto__' })).toMatchObject({ kind: 'submitter' })
    expect(readConnect({ ...submitter, clientId: '' })).toMatchObject({ kind: 'submitter' })
    expect(readConnect({ ...submitter, clean: false })).toMatchObject({ kind: 'submitter' })
  })

  test('of a Home Assistant, whose will nobody hears [TOPIC-3.1]', () => {
    expect(readConnect({ ...submitter, willTopic: 'homeassistant/status' })).toMatchObject({ kind: 'submitter' })
  })

  const { identifierRejected, badCredentials, notAuthorized } = CONNACK
  const REFUSED: [name: string, request: ConnectRequest, reason: string, code: number][] = [
    ['no client id, to be kept', { ...submitter, clientId: '', clean: false }, 'client_id', identifierRejected],
    ['a device without any client id', { ...device, clientId: '' }, 'client_id', identifierRejected],
    ['a device without its client id', { ...device, clientId: 'x' }, 'client_id', identifierRejected],
    ['a submitter that looks like a device', { ...submitter, clientId: ID }, 'client_id', identifierRejected],
    ['a will', { ...device, willTopic: 'x' }, 'will', notAuthorized],
    ['no keepalive', { ...device, keepaliveSeconds: 0 }, 'keepalive', notAuthorized],
    ['a long keepalive', { ...device, keepaliveSeconds: 301 }, 'keepalive', notAuthorized],
    ['no user name', { ...device, username: undefined }, 'no_credentials', badCredentials],
    ['no password', { ...submitter, password: undefined }, 'no_credentials', badCredentials],
    [
      'a long frame',
      { ...device, password: new Uint8Array(LIMITS.connectFrameBytesMax + 1) },
      'bad_credentials',
      badCredentials,
    ],
    ['a name of other characters', { ...submitter, username: 'Acme/#' }, 'bad_credentials', badCredentials],
    ['a token that is no text', { ...submitter, password: Uint8Array.of(0xff) }, 'bad_credentials', badCredentials],
  ]
  for (const [name, request, reason, code] of REFUSED) {
    test(`with ${name} is refused: ${reason}`, () => {
      expect(readConnect(request)).toEqual({ kind: 'refused', reason, code })
    })
  }
})

describe('a PUBLISH', () => {
  const up = deviceTopic({ region: REGION, device: ID, direction: 'up', class: 'hello' })
  const cases: [name: string, principal: Principal, topic: string, outcome: unknown][] = [
    ['own uplink', DEVICE, up, { kind: 'device', device: ID, direction: 'up', class: 'hello' }],
    ['own downlink', DEVICE, up.replace('/up/hello', '/dn/lease'), 'foreign_topic'],
    ["another's uplink", DEVICE, up.replace(ID, STRANGER), 'foreign_topic'],
    ['another bucket', DEVICE, up.replace('/north/6/', '/north/7/'), 'foreign_topic'],
    ['another region', DEVICE, up.replace('north', 'south'), 'foreign_topic'],
    ['an unknown class', DEVICE, up.replace('hello', 'connect'), 'foreign_topic'],
    ['a submission by a device', DEVICE, submitTopic(REGION, ACME), 'foreign_topic'],
    ['a spoofed control topic', DEVICE, '$SYS/x/new/clients', 'dollar_topic'],
    ['a shared subscription', SUBMITTER, '$share/a/b', 'dollar_topic'],
    ['a submission', SUBMITTER, submitTopic(REGION, ACME), { kind: 'submit', submitter: 'acme' }],
    ['a cancel', SUBMITTER, jobTopic(REGION, ACME, JOB, 'cancel'), { kind: 'job', job: JOB, leaf: 'cancel' }],
    ['a forged result', SUBMITTER, jobTopic(REGION, ACME, JOB, 'result'), 'foreign_topic'],
    ["another's submission", SUBMITTER, submitTopic(REGION, submitterName('other')), 'foreign_topic'],
    ['an uplink by a submitter', SUBMITTER, up, 'foreign_topic'],
    ['nothing', SUBMITTER, '', 'foreign_topic'],
  ]
  for (const [name, principal, topic, outcome] of cases) {
    test(`to ${name}`, () => {
      const judged = judgePublish(principal, REGION, { topic, qos: 1, retain: false })
      if (typeof outcome === 'string') expect(judged).toBe(outcome)
      else expect(judged).toMatchObject(outcome as object)
    })
  }

  test('at QoS 2, or to be retained, is refused even on its own topic', () => {
    expect(judgePublish(DEVICE, REGION, { topic: up, qos: 2, retain: false })).toBe('qos2')
    expect(judgePublish(DEVICE, REGION, { topic: up, qos: 0, retain: true })).toBe('retained')
  })
})

describe('a SUBSCRIBE', () => {
  const none: ReadonlySet<string> = new Set()
  const own = downlinkFilter(REGION, ID)
  const cases: [principal: Principal, filter: string, refusal: string | null][] = [
    [DEVICE, own, null],
    [DEVICE, '#', 'foreign_topic'],
    [DEVICE, '+/+/+/+/+/+/+', 'foreign_topic'],
    [DEVICE, own.replace('dn/+', '#'), 'foreign_topic'],
    [DEVICE, own.replace(ID, '+'), 'foreign_topic'],
    [DEVICE, '$SYS/#', 'dollar_topic'],
    [DEVICE, `$share/g/${own}`, 'dollar_topic'],
    [SUBMITTER, 'hr/1/north/jobs/acme/#', null],
    [SUBMITTER, 'hr/1/north/jobs/acme/+/result', null],
    [SUBMITTER, 'hr/1/north/jobs/+/+/result', 'foreign_topic'],
    [SUBMITTER, 'hr/1/north/jobs/#', 'foreign_topic'],
    [SUBMITTER, own, 'foreign_topic'],
  ]
  for (const [principal, filter, refusal] of cases) {
    test(`of a ${principal.kind} to ${filter}: ${refusal ?? 'granted'}`, () => {
      expect(judgeSubscribe(principal, REGION, filter, none)).toBe(refusal)
    })
  }

  test('has room for so many filters, and for those held already', () => {
    const held = new Set(Array.from({ length: 4_096 }, (_, i) => `hr/1/north/jobs/acme/${i}`))
    expect(judgeSubscribe(SUBMITTER, REGION, 'hr/1/north/jobs/acme/4096', held)).toBe('too_many_filters')
    expect(judgeSubscribe(SUBMITTER, REGION, 'hr/1/north/jobs/acme/4095', held)).toBeNull()
  })
})
