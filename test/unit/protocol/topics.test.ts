import { describe, expect, test } from 'vitest'
import { toBase32 } from '../../../protocol/bytes.ts'
import { campaignId, deviceId, jobId, regionName, submitterName } from '../../../protocol/ids.ts'
import { LIMITS } from '../../../protocol/limits.ts'
import * as campaigns from '../../../protocol/sensing/topics.ts'
import * as topics from '../../../protocol/topics.ts'

const region = regionName('north')
const device = deviceId('zbcdefghijklmnopqrstuvw234')
const other = deviceId('zbcdefghijklmnopqrstuvw235')
const submitter = submitterName('lab')
const job = jobId('abcdefghijklmn27')
const home = `hr/1/north/c/${device}`
const jobs = 'hr/1/north/jobs/lab'
const campaign = campaignId('abcdefghijklmn27')
const sensing = 'hr/1/north/campaigns/lab'
const cell = '881f8d4887fffff'

test('the bucket is the high nibble of the thumbprint', () => {
  for (let byte = 0; byte < 256; byte++) {
    const id = deviceId(toBase32(Uint8Array.from({ length: 16 }, () => byte)))
    expect(topics.bucketOf(id)).toBe((byte >> 4).toString(16))
  }
})

describe('building and reading', () => {
  test.each([
    [topics.deviceTopic({ region, device, direction: 'up', class: 'result' }), `${home}/up/result`],
    [topics.deviceTopic({ region, device, direction: 'dn', class: 'lease' }), `${home}/dn/lease`],
    [topics.downlinkFilter(region, device), `${home}/dn/+`],
    [topics.submitTopic(region, submitter), `${jobs}/submit`],
    [topics.refusedTopic(region, submitter), `${jobs}/refused`],
    [topics.jobTopic(region, submitter, job, 'cancel'), `${jobs}/${job}/cancel`],
  ])('%s', (built, expected) => {
    expect(built).toBe(expected)
  })

  test('every topic that can be built is read back, and fits the bounds', () => {
    const longest = { region: regionName('r'.repeat(32)), submitter: submitterName('s'.repeat(32)) }
    const all: [string, object][] = [
      ...topics.UPLINK_CLASSES.map((name): [string, object] => [
        topics.deviceTopic({ region, device, direction: 'up', class: name }),
        { kind: 'device', region, bucket: 'c', device, direction: 'up', class: name },
      ]),
      ...topics.DOWNLINK_CLASSES.map((name): [string, object] => [
        topics.deviceTopic({ region, device, direction: 'dn', class: name }),
        { kind: 'device', region, bucket: 'c', device, direction: 'dn', class: name },
      ]),
      ...[...topics.JOB_REQUESTS, ...topics.JOB_REPLIES].map((leaf): [string, object] => [
        topics.jobTopic(longest.region, longest.submitter, job, leaf),
        { kind: 'job', ...longest, job, leaf },
      ]),
      [topics.submitTopic(region, submitter), { kind: 'submit', region, submitter }],
      [topics.refusedTopic(region, submitter), { kind: 'refused', region, submitter }],
      [campaigns.campaignSubmitTopic(region, submitter), { kind: 'campaign-submit', region, submitter }],
      [campaigns.campaignRefusedTopic(region, submitter), { kind: 'campaign-refused', region, submitter }],
      ...[...campaigns.CAMPAIGN_REQUESTS, ...campaigns.CAMPAIGN_REPLIES].map((leaf): [string, object] => [
        campaigns.campaignTopic(longest.region, longest.submitter, campaign, leaf),
        { kind: 'campaign', ...longest, campaign, leaf },
      ]),
      [campaigns.outTopic(region, campaign, cell), { kind: 'out', region, campaign, cell }],
    ]
    for (const [topic, parsed] of all) {
      expect(topics.parseTopic(topic)).toEqual(parsed)
      expect(topic.length).toBeLessThanOrEqual(LIMITS.topicBytesMax)
      expect(topic.split('/').length).toBeLessThanOrEqual(LIMITS.topicLevelsMax)
    }
  })

  test.each([
    '',
    'hr',
    'hr/1',
    'hr/1/',
    'hr/2/north/jobs/lab/submit',
    '/hr/1/north/jobs/lab/submit',
    'hr/1/North/jobs/lab/submit',
    'hr/1/north/jobs/lab',
    'hr/1/north/jobs/lab/submit/',
    'hr/1/north/jobs//submit',
    'hr/1/north/jobs/lab/other',
    `${jobs}/${job}/submit`,
    `${jobs}/${job}/status/x`,
    `${jobs}/not-a-job/status`,
    `hr/1/north/d/${device}/up/result`,
    `hr/1/north/C/${device}/up/result`,
    `${home}/up/lease`,
    `${home}/dn/result`,
    `${home}/up`,
    `${home}/up/result/x`,
    `${home}/up/+`,
    `${home}/up/toString`,
    `${sensing}/${campaign}/cancel`,
    `hr/1/north/out/${campaign}/${cell}/x`,
    `hr/1/north/out/${campaign}/nocell`,
    '$SYS/broker/uptime',
    'x'.repeat(70_000),
    `hr/1/north/${'/'.repeat(60_000)}`,
  ])('%.60s means nothing', topic => {
    expect(topics.parseTopic(topic)).toBeNull()
  })
})

describe('who may publish', () => {
  const asDevice = (topic: string) => topics.mayPublish({ kind: 'device', id: device }, region, topic)
  const asSubmitter = (topic: string) => topics.mayPublish({ kind: 'submitter', name: submitter }, region, topic)

  test('a device its own uplink', () => {
    for (const name of topics.UPLINK_CLASSES) expect(asDevice(`${home}/up/${name}`)).toBe(true)
  })

  test.each([
    `${home}/dn/lease`,
    `${home}/up/other`,
    `hr/1/north/c/${other}/up/result`,
    `hr/1/south/c/${device}/up/result`,
    `${jobs}/submit`,
    '$SYS/x/new/clients',
    '',
  ])('a device not %s', topic => {
    expect(asDevice(topic)).toBe(false)
  })

  test.each([
    `${jobs}/submit`,
    `${jobs}/${job}/cancel`,
    `${jobs}/${job}/get`,
    `${sensing}/submit`,
    `${sensing}/${campaign}/stop`,
    `${sensing}/${campaign}/get`,
    'homeassistant/status',
  ])('a submitter its own %s [TOPIC-2.3]', topic => {
    expect(asSubmitter(topic)).toBe(true)
  })

  test.each([
    `${jobs}/refused`,
    `${jobs}/${job}/result`,
    `${jobs}/${job}/status`,
    'hr/1/north/jobs/rival/submit',
    'hr/1/north/campaigns/rival/submit',
    `${sensing}/${campaign}/status`,
    `hr/1/north/out/${campaign}/${cell}`,
    'homeassistant/device/x/config',
    'hr/1/south/jobs/lab/submit',
    `${home}/up/result`,
    '$SYS/x/new/clients',
  ])('a submitter not %s', topic => {
    expect(asSubmitter(topic)).toBe(false)
  })
})

describe('who may subscribe', () => {
  const asDevice = (filter: string) => topics.maySubscribe({ kind: 'device', id: device }, region, filter)
  const asSubmitter = (filter: string) => topics.maySubscribe({ kind: 'submitter', name: submitter }, region, filter)

  test('a device to its downlink filter and nothing else', () => {
    expect(asDevice(`${home}/dn/+`)).toBe(true)
    for (const filter of ['#', '+', `${home}/dn/#`, `${home}/dn/lease`, `${home}/#`, `${home}/up/+`, '$SYS/#']) {
      expect(asDevice(filter)).toBe(false)
    }
    expect(asDevice(`hr/1/north/c/${other}/dn/+`)).toBe(false)
    expect(asDevice(`hr/1/north/+/${device}/dn/+`)).toBe(false)
    expect(asDevice(`$share/x/${home}/dn/+`)).toBe(false)
  })

  test.each(['#', '+', 'refused', '+/status', `${job}/#`, `${job}/+`, '+/+', `${job}/result`])(
    'a submitter to %s below its own level',
    rest => {
      expect(asSubmitter(`${jobs}/${rest}`)).toBe(true)
    },
  )

  test.each([
    `${sensing}/#`,
    `${sensing}/+/status`,
    'hr/1/north/out/#',
    `hr/1/north/out/${campaign}/+`,
    'homeassistant/#',
    'homeassistant/+/+/config',
    "v1.1/Datastreams('abc')/Observations",
    'v1.1/#',
  ])('a submitter to %s [TOPIC-2.4]', filter => {
    expect(asSubmitter(filter)).toBe(true)
    expect(asDevice(filter)).toBe(false)
  })

  test.each([
    '#',
    'hr/#',
    'hr/1/north/campaigns/#',
    'hr/1/north/campaigns/rival/#',
    'hr/1/south/out/#',
    'homeassistant',
    'v1.1/a b',
    'hr/1/north/jobs/#',
    'hr/1/north/jobs/+/submit',
    'hr/1/north/jobs/lab',
    'hr/1/north/jobs/lab/',
    'hr/1/north/jobs/lab2/#',
    'hr/1/south/jobs/lab/#',
    `${jobs}/#/x`,
    `${jobs}/a#`,
    `${jobs}/a+/b`,
    `${jobs}/a/b/c/d`,
    `${jobs}/${'a'.repeat(65)}`,
    `${jobs}/A`,
    `$share/g/${jobs}/#`,
    '$SYS/#',
    `${home}/dn/+`,
  ])('a submitter not to %s', filter => {
    expect(asSubmitter(filter)).toBe(false)
  })
})
