import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readGovernorFile } from '../../../cli/governor-file.ts'
import { GovernorPolicy } from '../../../device/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()

function written(text: string): string {
  const path = join(newFolder(), 'governor.yaml')
  writeFileSync(path, text)
  return path
}

describe('a governor file', () => {
  it('says when a device may work', async () => {
    const path = written(`
temperatureMax: 75
recovery: 10m
loadMax: 50%
idle: 15m
cpuShare: 0.25
hours: ['22:00-06:00', 'sat,sun 00:00-24:00']
meteredInterfaces: [wwan0]
monthlyTrafficMax: 10 GB
onBattery: pause
chargeMin: 40%
exclusive: [kodi.bin]
conditions:
  - name: solar
    file: solar.json
    field: power.watts
    atLeast: 200
    resumeAt: 250
    for: 0s
    maxAge: 10m
  - name: tariff
    mqtt: {url: mqtt://house, topic: tariff, username: me, password: secret}
    equals: 1
    whenUnknown: work
`)
    expect(await readGovernorFile(path)).toEqual(
      GovernorPolicy({
        temperatureMaxC: 75,
        recoveryMs: 600_000,
        loadMax: 0.5,
        idleMs: 900_000,
        cpuShare: 0.25,
        hours: ['22:00-06:00', 'sat,sun 00:00-24:00'],
        meteredInterfaces: ['wwan0'],
        monthlyTrafficMaxBytes: 10e9,
        onBattery: 'pause',
        chargeMinPercent: 40,
        exclusive: ['kodi.bin'],
        conditions: [
          {
            name: 'solar',
            source: { file: join(dirname(path), 'solar.json') },
            field: 'power.watts',
            demand: { atLeast: 200, resumeAt: 250 },
            forMs: 0,
            maxAgeMs: 600_000,
          },
          {
            name: 'tariff',
            source: { mqtt: { url: 'mqtt://house', topic: 'tariff', username: 'me', password: 'secret' } },
            demand: { equals: '1' },
            whenUnknown: 'work',
          },
        ],
      }),
    )
  })

  it('may be empty', async () => {
    expect(await readGovernorFile(written(''))).toEqual(GovernorPolicy())
    expect(await readGovernorFile(written('# nothing yet\n'))).toEqual(GovernorPolicy())
  })

  it.each([
    ['loadMax: 0.5\nidel: 15m\n', /^governor\.yaml, line 2: .*'idel' is not a known setting; did you mean 'idle'\?$/],
    ['\nloadMax: half\n', /^governor\.yaml, line 2: .*'loadMax' must be a share such as 0\.5 or 50%, not "half"\.$/],
    ['loadMax: 200%\n', /^governor\.yaml, line 1: .*'loadMax' is 2: it must be 0\.01 to 1\.$/],
    ['idle: 15m\n', /^governor\.yaml, line 1: .*'idle' needs 'loadMax'/],
    ['hours:\n  - 22:00-06:00\n  - always\n', /^governor\.yaml, line 3: .*'hours\[1\]' is 'always'/],
    ['hours: 22:00-06:00\n', /line 1: .*'hours' must be a list of texts/],
    ['recovery: 5\n', /line 1: .*'recovery' must be 0s or a duration/],
    ['monthlyTrafficMax: 10\n', /line 1: .*'monthlyTrafficMax' must be an amount of data such as 500 MB/],
    ['onBattery: stop\n', /line 1: .*'onBattery' must be 'pause' or 'work', not "stop"/],
    ['- a\n', /^governor\.yaml: The file must be a list of settings/],
    ['conditions: solar\n', /line 1: .*'conditions' must be a list/],
    ['conditions:\n  - solar\n', /line 2: .*'conditions\[0\]' must be/],
    ['conditions:\n  - {file: x, atLeast: 1}\n', /line 2: .*'conditions\[0\]\.name' is missing/],
    ['conditions:\n  - {name: a, atLeast: 1}\n', /line 2: .*'conditions\[0\]' needs either 'file' or 'mqtt'/],
    ['conditions:\n  - {name: a, file: x, mqtt: {}, atLeast: 1}\n', /needs either 'file' or 'mqtt'/],
    ['conditions:\n  - {name: a, file: x}\n', /needs one of 'atLeast', 'atMost' and 'equals'/],
    ['conditions:\n  - {name: a, file: x, atLeast: 1, atMost: 2}\n', /needs one of/],
    ['conditions:\n  - {name: a, file: x, equals: 1, resumeAt: 2}\n', /'conditions\[0\]\.resumeAt' goes with/],
    ['conditions:\n  - name: a\n    file: x\n    atleast: 1\n', /line 4: .*did you mean 'atLeast'\?/],
    [
      'conditions:\n  - name: a\n    mqtt:\n      url: mqtt://b\n    atLeast: 1\n',
      /'conditions\[0\]\.mqtt\.topic' is missing/,
    ],
    [
      'conditions:\n  - name: a\n    mqtt:\n      url: b\n      topic: c\n    atLeast: 1\n',
      /line 4: .*mqtt:\/\/host:port/,
    ],
    ['loadMax: [\n', /line 2: the file is not valid YAML/],
  ])('%j is refused with its line', async (text, message) => {
    const thrown = await readGovernorFile(written(text)).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ name: 'ConfigError', code: 'bad_option' })
    expect((thrown as Error).message).toMatch(message)
  })

  it('must be there when it is named', async () => {
    await expect(readGovernorFile(join(newFolder(), 'none.yaml'))).rejects.toThrow('There is no governor file')
  })
})

describe('docs/governor.md', () => {
  const docs = readFileSync(new URL('../../../docs/governor.md', import.meta.url), 'utf8')
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(docs) ?? []

  it('shows a file that is accepted and has every setting', async () => {
    const policy = await readGovernorFile(written(example))
    const usual = GovernorPolicy()
    const same = Object.keys(usual).filter(
      key => JSON.stringify(policy[key as keyof GovernorPolicy]) === JSON.stringify(usual[key as keyof GovernorPolicy]),
    )
    expect(same).toEqual([])
  })
})
