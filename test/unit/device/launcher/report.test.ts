import { expect, test } from 'vitest'
import { type Report, readReport } from '../../../../device/launcher/messages.ts'
import { reportTo, updatesUrlOf } from '../../../../device/launcher/report.ts'
import { deviceId } from '../../../../protocol/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

test('a device reports every ten seconds and when something changes, and does what the launcher advises', async () => {
  const clock = new VirtualClock()
  const sent: Report[] = []
  const finishes: boolean[] = []
  const ended = Promise.withResolvers<null>()
  let changed: () => void = () => {}
  let advise: (message: unknown) => void = () => {}
  const device = {
    id: deviceId('a'.repeat(26)),
    ended: ended.promise,
    report: () => ({ joined: true, busy: finishes.length === 0, region: 'home', blobUrl: 'http://region:8717/blob/' }),
    finishUp: (waits: boolean) => void finishes.push(waits),
    on: (_: string, listener: (event: never) => void) => {
      changed = () => listener(undefined as never)
      return () => {}
    },
  }
  const channel = {
    send: (message: Report) => void sent.push(message),
    onMessage: (listener: typeof advise) => {
      advise = listener
    },
  }
  reportTo(channel, device, clock)
  await clock.advance(30_000)
  expect(sent).toHaveLength(3)
  changed()
  advise({ hedgerow: 'finish' })
  advise({ hedgerow: 'dance' })
  advise(null)
  expect(finishes).toEqual([true])
  expect(sent.map(readReport)).toEqual(sent)
  expect(sent.at(-1)).toEqual({
    hedgerow: 'report',
    joined: true,
    busy: false,
    device: device.id,
    region: 'home',
    updatesUrl: 'http://region:8717/updates/',
  })
  advise({ hedgerow: 'resume' })
  expect(finishes).toEqual([true, false])
  ended.resolve(null)
  await clock.advance(60_000)
  expect(clock.timers).toBe(0)
  expect(sent).toHaveLength(6)
})

test('a region that has not said where it keeps blobs offers no updates', () => {
  expect(updatesUrlOf('')).toBe(null)
})
