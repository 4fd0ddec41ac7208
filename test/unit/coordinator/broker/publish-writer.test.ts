import { describe, expect, test } from 'vitest'
import { PublishWriter } from '../../../../coordinator/broker/publish-writer.ts'
import { publishPacket } from '../../../support/mqtt-packets.ts'

function setUp() {
  const calls: string[] = []
  const written: Uint8Array[] = []
  const writer = new PublishWriter({
    cork: () => calls.push('cork'),
    uncork: () => calls.push('uncork'),
    write: bytes => written.push(bytes),
  })
  return { writer, calls, bytes: () => new Uint8Array(Buffer.concat(written)) }
}

const nextTick = () => new Promise<void>(resolve => process.nextTick(resolve))

describe('publish writer', () => {
  // Around every length of the remaining length (MQTT 3.1.1 §2.2.3, table 2.4).
  for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, 16_385, 65_536]) {
    for (const qos of [0, 1] as const) {
      test(`a packet of ${length} bytes, or a few more, at QoS ${qos}`, () => {
        const topic = 'hr/1'
        const payload = new Uint8Array(Math.max(0, length - 2 - topic.length - (qos === 0 ? 0 : 2))).fill(7)
        const it = setUp()
        it.writer.write(topic, payload, qos)
        expect(it.bytes()).toEqual(publishPacket({ topic, payload, qos, id: 1 }))
      })
    }
  }

  test('packet ids count up and begin again at 1, never 0', () => {
    const it = setUp()
    for (let i = 0; i < 65_536; i++) it.writer.write('a', new Uint8Array(), 1)
    const bytes = it.bytes()
    const idAt = (i: number) => ((bytes[i * 7 + 5] ?? 0) << 8) | (bytes[i * 7 + 6] ?? 0)
    expect([idAt(0), idAt(1), idAt(65_534), idAt(65_535)]).toEqual([1, 2, 65_535, 1])
  })

  test('messages of one turn leave together', async () => {
    const it = setUp()
    expect(it.writer.isWriting).toBe(false)
    it.writer.write('a', new Uint8Array(1), 1)
    it.writer.write('a', new Uint8Array(1), 1)
    expect(it.writer.isWriting).toBe(true)
    expect(it.calls).toEqual(['cork'])
    await nextTick()
    expect(it.writer.isWriting).toBe(false)
    it.writer.write('a', new Uint8Array(1), 1)
    await nextTick()
    expect(it.calls).toEqual(['cork', 'uncork', 'cork', 'uncork'])
  })
})
