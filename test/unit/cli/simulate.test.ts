import { expect, test } from 'vitest'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { fakeIo } from './fake-io.ts'

const SMALL = ['simulate', '--devices', '6', '--units', '60']

test.each([
  ['--devices 0', '--devices must be a whole number from 1 to 1000, not '],
  ['--units 1000001', '--units must be a whole number from 1 to 1000000, not '],
  ['--unit-ms 1.5', '--unit-ms must be a whole number from 1 to 100000, not '],
  ['--devices 4 --owners 5', '--owners must be at most the 4 of --devices, not '],
  ['--cheaters 0.6', '--cheaters must be a number from 0 to 0.5, not '],
  ['--cheaters many', '--cheaters must be a number from 0 to 0.5, not '],
  ['--theta 1', '--theta must be a number from 0.5 to 0.999999, not '],
  ['--hours 0', '--hours must be a number from 0.01 to 720, not '],
  ['--loss -0.1', '--loss'],
  ['--churn 61', '--churn must be a number from 0 to 60, not '],
  ['--colluding', '--colluding says how cheats cheat, so it needs --cheaters'],
  ['--trust --theta 0.9', '--trust takes the first answer, so --theta is of no use with it'],
])('simulate %s is refused in one sentence', async (words, sentence) => {
  const io = fakeIo()
  expect(await run(['simulate', ...words.split(' ')], io)).toBe(EXIT.usage)
  expect(io.stdout.text()).toBe('')
  expect(io.stderr.text()).toContain(sentence)
  expect(io.stderr.text()).toMatch(/^hedgerow: .*See 'hedgerow simulate --help'\.\n$/s)
})

test('simulate prints its figures and the seed', async () => {
  const io = fakeIo()
  expect(await run([...SMALL, '--seed', '7'], io)).toBe(EXIT.ok)
  expect(io.stderr.text()).toContain('Simulating 6 devices and 60 units with seed 7.')
  const table = io.stdout.text()
  expect(table).toMatch(/^seed +7$/m)
  expect(table).toMatch(/^fleet +6 devices of 6 owners, 2 slots each$/m)
  expect(table).toMatch(/^units accepted +60 of 60, /m)
  expect(table).toMatch(/^cheats caught +there are none$/m)
  expect(table).toMatch(/^honest devices caught +0$/m)
  expect(table).toMatch(/^paid by the submitter +\d.* cr$/m)
})

test('simulate --json prints the same object for the same seed and nothing else', async () => {
  const [first, again] = [fakeIo(), fakeIo()]
  for (const io of [first, again]) expect(await run([...SMALL, '--trust', '--json'], io)).toBe(EXIT.ok)
  expect(again.stdout.text()).toBe(first.stdout.text())
  const answer = JSON.parse(first.stdout.text())
  expect(answer).toMatchObject({
    state: 'done',
    units: 60,
    unitsAccepted: 60,
    plan: { devices: 6, seed: 1, theta: null },
  })
})

test('simulate exits with 3 when the job was not done in time', async () => {
  const io = fakeIo()
  expect(await run([...SMALL, '--unit-ms', '100000', '--hours', '0.01'], io)).toBe(EXIT.jobFailed)
  expect(io.stdout.text()).toMatch(/^state +running$/m)
  expect(io.stderr.text()).toContain('The job was not done: It was not done after 0.01 virtual hours.')
})

test('simulate says why the region refuses the job', async () => {
  const io = fakeIo()
  expect(await run([...SMALL, '--owners', '1'], io)).toBe(EXIT.failure)
  expect(io.stderr.text()).toContain('this region has devices of 1 owner')
})

test('simulate ends when somebody presses Ctrl-C', async () => {
  const io = fakeIo()
  io.abort()
  expect(await run([...SMALL, '--units', '1000000'], io)).toBe(EXIT.interrupted)
  expect(io.stdout.text()).toBe('')
  expect(io.stderr.text()).toContain('Stopped before the job was over')
})
