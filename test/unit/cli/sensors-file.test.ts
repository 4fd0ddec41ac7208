import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSensorsFile } from '../../../cli/sensors-file.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const newFolder = tempDirs()

function written(text: string): string {
  const path = join(newFolder(), 'sensors.yaml')
  writeFileSync(path, text)
  return path
}

describe('a sensors file', () => {
  it('tells where the device stands and what it has', async () => {
    const path = written(
      'location: {latitude: 52.5, longitude: 13.4, elevation: 34}\nsensors:\n  - driver: sds011\n    port: /dev/ttyUSB0\n',
    )
    expect(await readSensorsFile(path)).toEqual({
      location: { latitudeMicroDeg: 52_500_000, longitudeMicroDeg: 13_400_000, elevationM: 34, indoor: false },
      sensors: [{ driver: 'sds011', port: '/dev/ttyUSB0' }],
    })
  })

  it('may be empty', async () => {
    expect(await readSensorsFile(written(''))).toEqual({ location: null, sensors: [] })
  })

  it('may name files beside it', async () => {
    const path = written(
      'sensors:\n  - {driver: replay, file: log.csv, columns: {temperature: t}, periodMs: 1000, endsNow: true}\n',
    )
    const { sensors } = await readSensorsFile(path)
    expect(sensors).toMatchObject([{ file: join(path, '..', 'log.csv') }])
  })

  it.each([
    ['sensors:\n  - driver: sds012\n', /^sensors\.yaml, line 2: .*'sensors\[0\]\.driver'.*sds011/],
    ['sensors:\n  - driver: sds011\n    port: /dev/ttyUSB0\n    prot: 1\n', /^sensors\.yaml, line 4: .*prot/],
    ['sensors: [\n', /^sensors\.yaml, line \d: the file is not valid YAML or JSON/],
    ['- driver: sds011\n', /^sensors\.yaml: /],
  ])('that is wrong is refused with its line: %j', async (text, sentence) => {
    await expect(readSensorsFile(written(text))).rejects.toThrow(sentence)
    await expect(readSensorsFile(written(text))).rejects.toMatchObject({ code: 'bad_option' })
  })

  it('must be there when it is named, and be a file', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'sensors.yaml'))
    for (const name of ['sensors.yaml', 'nothing.yaml']) {
      await expect(readSensorsFile(join(folder, name))).rejects.toThrow(
        /^There is no sensors file .*: check its name\.$/,
      )
    }
  })
})
