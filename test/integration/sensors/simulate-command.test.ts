import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { hardwareSimulate } from '../../../cli/commands/hardware-simulate.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { parseSensorsFile } from '../../../hardware/config.ts'
import { openSds011 } from '../../../hardware/drivers/sds011.ts'
import { SIMULATED_MODELS } from '../../../hardware/simulated/index.ts'
import { systemClock } from '../../../protocol/node/index.ts'
import { eventually } from '../../support/eventually.ts'
import { HAS_PTYS, serialBench } from '../../support/serial-bench.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { fakeIo } from '../../unit/cli/fake-io.ts'

const tempDir = tempDirs()

/** The command as it runs in a terminal, until it is stopped. */
function started(words: string, cwd = tempDir()) {
  const io = { ...fakeIo({ cwd }), clock: systemClock }
  const ended = run(['hardware', 'simulate', ...words.split(' ')], io, [hardwareSimulate])
  return { io, ended, cwd, out: () => io.stdout.text(), err: () => io.stderr.text() }
}

describe.skipIf(!HAS_PTYS)('hedgerow hardware simulate', () => {
  const bench = serialBench()

  test.each([...SIMULATED_MODELS.keys()])('%s prints lines that a sensors file takes', async model => {
    const { io, ended, out } = started(model)
    await eventually('it has started', () => /port: /.test(out()))
    const { sensors } = parseSensorsFile(parse(out().slice(out().indexOf('sensors:'))))
    expect(sensors).toEqual([{ ...SIMULATED_MODELS.get(model)?.config, port: expect.stringMatching(/^\/dev\/pts\//) }])
    io.abort()
    expect(await ended).toBe(EXIT.ok)
  })

  test('a driver reads what it says it sends, at a name that stays, until Ctrl-C', async () => {
    const { io, ended, err, out, cwd } = started('sds011 --link dust --json')
    await eventually('it has started', () => out().endsWith('\n'))
    const link = join(cwd, 'dust')
    expect(JSON.parse(out())).toEqual({ port: link, model: 'sds011', config: { driver: 'sds011', port: link } })
    const sensor = bench.use(await openSds011(bench.parts(), { driver: 'sds011', port: link }))
    expect(sensor.serial).toBe('a160')
    io.abort()
    expect(await ended).toBe(EXIT.ok)
    expect(existsSync(link)).toBe(false)
    expect(err()).toBe('')
  })

  test('tells in words what goes over the line, and ends with its port', async () => {
    const { ended, err } = started('sds011 --fan-dead --unplug-after 2s')
    expect(await ended).toBe(EXIT.ok)
    expect(err()).toMatch(/\nPM2\.5 999\.9 µg\/m³, PM10 1999\.9 µg\/m³\n(.*\n)*The port is gone\.\n$/)
  })

  test('takes over the link of a simulator that was killed, and nothing else of that name', async () => {
    const cwd = tempDir()
    const first = started('gps --link here', cwd)
    await eventually('it has started', () => first.out() !== '')
    const second = started('gps --link here', cwd)
    await eventually('it has started', () => second.out() !== '')
    expect(realpathSync(join(cwd, 'here'))).toMatch(/^\/dev\/pts\//)
    first.io.abort()
    await first.ended
    expect(existsSync(join(cwd, 'here'))).toBe(true)
    second.io.abort()
    await second.ended
    expect(existsSync(join(cwd, 'here'))).toBe(false)
    writeFileSync(join(cwd, 'mine'), 'do not touch')
    const third = started('gps --link mine', cwd)
    expect(await third.ended).toBe(EXIT.failure)
    expect(third.err()).toMatch(/mine is there and is not a link\. Choose another --link\./)
  })

  test.each([
    ['sd011', /no simulated 'sd011'\. Did you mean 'sds011'\?/],
    ['sds011 --byte-loss 3', /--byte-loss must be a number from 0 to 1, not '3'/],
    ['sds011 --checksum-errors x', /--checksum-errors must be a number from 0 to 1/],
    ['sds011 --unplug-after soon', /--unplug-after must be a time such as 30s/],
  ])('refuses %s', async (words, complaint) => {
    const { ended, err } = started(words)
    expect(await ended).toBe(EXIT.usage)
    expect(err()).toMatch(complaint)
  })
})
