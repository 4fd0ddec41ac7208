/** The command on the machine that runs the test, with everything real but the wait between its looks. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { hastyClock } from '../../support/virtual-clock.ts'
import { fakeIo } from './fake-io.ts'

const newFolder = tempDirs()

async function deviceGovernor(folder: string, ...more: string[]) {
  const io = { ...fakeIo({ cwd: folder }), clock: hastyClock() }
  const code = await run(['device', 'governor', '--folder', folder, ...more], io)
  return { code, out: io.stdout.text(), err: io.stderr.text() }
}

describe('hedgerow device governor', () => {
  it('shows the rules that every device has', async () => {
    const folder = newFolder()
    const { code, out, err } = await deviceGovernor(folder)
    expect(code).toBe(EXIT.ok)
    expect(out).toMatch(/^RULE +NOW +WORKS WHILE +VERDICT\ntemperature .*below 80 °C .*\nunder-voltage .*\nthrottled /)
    expect(err).toContain('There is no governor.yaml')
  })

  it("shows the owner's rules and what they say of this machine", async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'sun'), '150\n')
    writeFileSync(
      join(folder, 'governor.yaml'),
      'loadMax: 100%\nconditions:\n  - {name: sun, file: sun, atLeast: 200}\n  - {name: grid, file: gone, equals: 1}\n',
    )
    const { out, err } = await deviceGovernor(folder)
    expect(out).toMatch(/^load +\d+ % +at most 100 % +works$/m)
    expect(out).toMatch(/^condition sun +150 +at least 200 +pauses$/m)
    expect(out).toMatch(/^condition grid +unknown: there is no file .*gone +'1' +pauses$/m)
    expect(err).toBe('')
  })

  it('prints JSON', async () => {
    const folder = newFolder()
    const file = join(folder, 'night.yaml')
    writeFileSync(file, 'exclusive: [no-such-program]\n')
    const { out } = await deviceGovernor(folder, '--governor', 'night.yaml', '--json')
    const { rules, ...rest } = JSON.parse(out)
    expect(rest).toEqual({ file, works: rules.every(({ paused }: { paused: boolean }) => !paused) })
    expect(rules).toContainEqual({
      rule: 'exclusive',
      paused: false,
      reading: 'none runs',
      limit: 'none of no-such-program',
    })
  })

  it('tells what is wrong with a file', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'governor.yaml'), 'loadMax: 3\n')
    const { code, err } = await deviceGovernor(folder)
    expect(code).not.toBe(EXIT.ok)
    expect(err).toContain("governor.yaml, line 1: The setting 'loadMax' is 3: it must be 0.01 to 1.")
  })
})
