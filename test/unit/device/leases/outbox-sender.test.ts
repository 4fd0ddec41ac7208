import { describe, expect, it } from 'vitest'
import { OutboxSender } from '../../../../device/leases/index.ts'
import { type OutboxRow, openDeviceStore } from '../../../../device/store/index.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

function world(frames = 0) {
  const clock = new VirtualClock()
  const { outbox } = openDeviceStore(':memory:')
  const sent: number[] = []
  const resendings: number[] = []
  let broken = false
  const publish = async ({ frame }: OutboxRow) => {
    sent.push(new DataView(frame.buffer, frame.byteOffset).getUint32(0))
    if (broken) throw new Error('closed')
  }
  const sender = new OutboxSender({
    clock,
    outbox,
    publish,
    resending: () => void resendings.push(clock.monotonicMs()),
  })
  const put = () => {
    const seq = outbox.nextSeq()
    const frame = new Uint8Array(4)
    new DataView(frame.buffer).setUint32(0, seq)
    outbox.put(seq, frame)
    return { seq, frame }
  }
  const add = () => {
    const { seq, frame } = put()
    sender.added({ seq, frame, profile: null })
    return seq
  }
  for (let i = 0; i < frames; i++) put()
  const take = () => sent.splice(0)
  const breakLine = () => {
    broken = true
  }
  return { clock, outbox, sender, add, take, breakLine, resendings }
}

describe('OutboxSender', () => {
  it('sends at once, and forgets with the ack', async () => {
    const { clock, outbox, sender, add, take } = world()
    sender.online()
    const seq = add()
    expect(take()).toEqual([seq])
    sender.acked([seq])
    expect(outbox.frames).toBe(0)
    await clock.advance(60_000)
    expect(take()).toEqual([])
  })

  it('keeps everything while there is no region, then sends it oldest first', () => {
    const { sender, add, take } = world()
    const seqs = [add(), add(), add()]
    expect(take()).toEqual([])
    sender.online()
    expect(take()).toEqual(seqs)
  })

  it('sends again what is not acknowledged within ten seconds', async () => {
    const { clock, sender, add, take, resendings } = world()
    sender.online()
    const first = add()
    await clock.advance(6_000)
    const second = add()
    expect(take()).toEqual([first, second])
    await clock.advance(3_999)
    expect(take()).toEqual([])
    await clock.advance(1)
    expect(take()).toEqual([first])
    expect(resendings).toEqual([10_000])
    await clock.advance(6_000)
    expect(take()).toEqual([second])
    sender.acked([first, second])
    await clock.advance(60_000)
    expect(take()).toEqual([])
    expect(sender.inFlight).toBe(0)
  })

  it('sends everything again after a reconnect', async () => {
    const { clock, sender, add, take, breakLine } = world()
    sender.online()
    breakLine()
    const seqs = [add(), add()]
    await settle()
    expect(take()).toEqual(seqs)
    sender.offline()
    await clock.advance(60_000)
    expect(take()).toEqual([])
    sender.online()
    expect(take()).toEqual(seqs)
  })

  it('has no more than 32 frames under way, and keeps the order', () => {
    const { sender, add, take, outbox } = world(100)
    sender.online()
    const first = take()
    expect(first).toHaveLength(32)
    add()
    expect(take()).toEqual([])
    sender.acked(first.slice(0, 20))
    const second = take()
    expect(second).toHaveLength(20)
    const rest: number[] = []
    for (let acked = [...first.slice(20), ...second]; acked.length > 0; acked = take()) {
      sender.acked(acked)
      rest.push(...acked)
    }
    expect(outbox.frames).toBe(0)
    expect(rest).toEqual([...rest].sort((a, b) => a - b))
  })

  it('does not mind acks of frames it does not have', () => {
    const { sender, take } = world()
    sender.online()
    sender.acked([5, 6])
    expect(take()).toEqual([])
  })
})
