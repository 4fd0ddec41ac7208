/** The device's side of the channel to its launcher. */
import type { Clock } from '../../protocol/index.ts'
import type { Device } from '../device.ts'
import { REPORT_EVERY_MS, type Report, readAdvice } from './messages.ts'

/** The channel to the process that started this one. */
export interface ParentChannel {
  send(message: Report): void
  onMessage(listener: (message: unknown) => void): void
}

/** Where a region that keeps blobs at a URL offers updates; null when that is no URL. */
export function updatesUrlOf(blobUrl: string): string | null {
  return URL.canParse(blobUrl) ? new URL('/updates/', blobUrl).href : null
}

/** Tells the launcher how the device is, every few seconds and when that changes, until the device ends; and does what it advises. */
export function reportTo(
  channel: ParentChannel,
  device: Pick<Device, 'id' | 'report' | 'finishUp' | 'on' | 'ended'>,
  clock: Clock,
): void {
  const say = () => {
    const { joined, busy, region, blobUrl } = device.report()
    channel.send({ hedgerow: 'report', joined, busy, device: device.id, region, updatesUrl: updatesUrlOf(blobUrl) })
  }
  let timer = clock.setTimeout(tick, REPORT_EVERY_MS)
  function tick(): void {
    say()
    timer = clock.setTimeout(tick, REPORT_EVERY_MS)
  }
  device.on('state', say)
  channel.onMessage(message => {
    const advice = readAdvice(message)
    if (advice === null) return
    device.finishUp(advice === 'finish')
    say()
  })
  void device.ended.then(() => timer.cancel())
}
