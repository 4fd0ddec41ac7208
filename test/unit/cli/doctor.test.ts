import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { doctor } from '../../../cli/commands/doctor.ts'
import { findingLines, summaryOf } from '../../../cli/doctor-table.ts'
import { run } from '../../../cli/run.ts'
import { PLAIN_STYLE } from '../../../cli/terminal/style.ts'
import { openIdentity } from '../../../device/index.ts'
import { broken, warning, well } from '../../../protocol/index.ts'
import { systemRandom } from '../../../protocol/node/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { fakeIo, fakeTerminal } from './fake-io.ts'

const newFolder = tempDirs()
const FOUND = [
  well('clock', 'The clock is kept right from the network.'),
  warning(
    'disk',
    '100 MiB are free where /home/me/.hedgerow is.',
    'See what takes the space: sudo du -xh / | sort -h | tail -30.',
  ),
  broken('broker', 'Nothing listens.', 'Start it.'),
]

test('shows findings as a table, with what to do below what is not well', () => {
  expect(findingLines(FOUND, fakeTerminal(true, 70), PLAIN_STYLE)).toEqual([
    'ok       clock   The clock is kept right from the network.',
    'warning  disk    100 MiB are free where /home/me/.hedgerow is.',
    '                 → See what takes the space: sudo du -xh / | sort -h',
    '                   | tail -30.',
    'BROKEN   broker  Nothing listens.',
    '                 → Start it.',
  ])
})

test('makes control characters visible', () => {
  const [line] = findingLines([well('a\u001b[2J', 'b\u0007')], fakeTerminal(), PLAIN_STYLE)
  expect(line).not.toContain('\u001b')
  expect(line).not.toContain('\u0007')
})

test('says in one sentence how it is', () => {
  expect(summaryOf(FOUND)).toBe('3 checks: 1 broken, 1 warning.')
  expect(summaryOf(FOUND.slice(0, 2))).toBe('2 checks: it works, with 1 warning.')
  expect(summaryOf(FOUND.slice(0, 1))).toBe('1 checks: all is well.')
})

test('finds neither device nor coordinator, and says where it looked', async () => {
  const io = fakeIo({ cwd: newFolder() })
  expect(await run(['doctor'], io, [doctor])).toBe(1)
  expect(io.stderr.text()).toMatch(/Neither a device nor a coordinator was started with the folder .*\.hedgerow/)
})

test('looks at a device that has a key and nothing else: broken, as JSON too', async () => {
  const folder = newFolder()
  openIdentity(join(folder, 'device.key'), systemRandom)
  chmodSync(join(folder, 'device.key'), 0o644)
  const io = fakeIo({ cwd: folder })
  expect(await run(['doctor', '--folder', folder, '--json'], io, [doctor])).toBe(1)
  const found = JSON.parse(io.stdout.text())
  expect(Object.keys(found)).toEqual(['ok', 'machine', 'device'])
  expect(found.ok).toBe(false)
  const bad = found.device.filter(({ verdict }: { verdict: string }) => verdict === 'broken')
  expect(bad.map(({ check }: { check: string }) => check)).toEqual(expect.arrayContaining(['permissions', 'device']))
  expect(bad.every(({ fix }: { fix: string }) => fix !== '')).toBe(true)
})

test('looks at a coordinator whose ledger is gone', async () => {
  const state = newFolder()
  mkdirSync(join(state, 'coordinator'), { mode: 0o700 })
  writeFileSync(join(state, 'coordinator/region.key'), 'x'.repeat(32), { mode: 0o600 })
  const io = fakeIo({ cwd: state })
  expect(await run(['doctor', '--state', state], io, [doctor])).toBe(1)
  expect(io.stdout.text()).toContain('No coordinator was started with the folder')
})
