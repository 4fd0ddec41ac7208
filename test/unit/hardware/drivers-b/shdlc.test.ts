import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFramer } from '../../../../hardware/serial/framer.ts'
import {
  decodeShdlc,
  decodeShdlcAnswer,
  encodeShdlc,
  encodeShdlcAnswer,
  SHDLC_ANSWERS,
  SHDLC_QUESTIONS,
  shdlcAnswersTo,
} from '../../../../hardware/serial/shdlc.ts'
import { ProtocolError } from '../../../../protocol/index.ts'

const byte = fc.integer({ min: 0, max: 255 })
/** Data in which bytes that must be escaped are common. */
const data = fc
  .array(fc.oneof(byte, fc.constantFrom(0x7e, 0x7d, 0x11, 0x13, 0x5e, 0x5d, 0x31, 0x33)), { maxLength: 255 })
  .map(bytes => Uint8Array.from(bytes))
const answer = fc.record({ address: byte, command: byte, state: byte, data })

describe('SHDLC', () => {
  test('answers come back as they were sent, and nothing within looks like a delimiter', () => {
    fc.assert(
      fc.property(answer, sent => {
        const frame = encodeShdlcAnswer(sent)
        expect(decodeShdlcAnswer(frame)).toEqual(sent)
        const inner = [...frame.subarray(1, -1)]
        expect(inner.filter(byte => [0x7e, 0x11, 0x13].includes(byte))).toEqual([])
        expect(frame.length).toBeLessThanOrEqual(SHDLC_ANSWERS.lengthMax)
      }),
    )
  })

  test('questions come back as they were sent', () => {
    fc.assert(
      fc.property(byte, byte, data, (address, command, data) => {
        expect(decodeShdlc(encodeShdlc(address, command, data))).toEqual({ address, command, data })
      }),
    )
  })

  test('the longest frames fit the framer, all of whose bytes are escaped', () => {
    const sent = { address: 0x7e, command: 0x7e, state: 0x7e, data: new Uint8Array(255).fill(0x7e) }
    const frames: Uint8Array[] = []
    createFramer(SHDLC_ANSWERS, frame => frames.push(frame)).push(encodeShdlcAnswer(sent))
    expect(frames.map(decodeShdlcAnswer)).toEqual([sent])
  })

  test.each([
    ['no delimiters', '00 03 00 FC'],
    ['nothing', ''],
    ['a delimiter only', '7E'],
    ['delimiters only', '7E 7E'],
    ['too little', '7E 00 03 00 FC 7E'],
    ['a wrong sum', '7E 00 03 00 00 FD 7E'],
    ['a length that is not true', '7E 00 03 00 01 FB 7E'],
    ['an escape at the end', '7E 00 03 00 00 FC 7D 7E'],
    ['a byte that is escaped for no reason', '7E 00 7D 23 00 00 FC 7E'],
    ['a byte that is not escaped', '7E 00 11 43 00 AB 7E'],
  ])('takes no frame with %s for an answer', (_, text) => {
    const frame = Uint8Array.from(text.split(' ').filter(Boolean), digits => Number.parseInt(digits, 16))
    expect(() => decodeShdlcAnswer(frame)).toThrow(ProtocolError)
    expect(() => decodeShdlcAnswer(frame)).toThrow(/This is no SHDLC frame: /)
  })

  test('answers to other commands are passed over', () => {
    const ours = { address: 0, command: 3, state: 0, data: Uint8Array.of(1, 2) }
    const frames: Uint8Array[] = []
    const framer = createFramer(shdlcAnswersTo(3), frame => frames.push(frame))
    for (const sent of [{ ...ours, command: 0x11 }, ours, { ...ours, command: 0xd0 }])
      framer.push(encodeShdlcAnswer(sent))
    expect(frames.map(decodeShdlcAnswer)).toEqual([ours])
  })

  test('questions are found in a stream that begins anywhere', () => {
    const question = encodeShdlc(0, 0xd0, [3])
    const frames: Uint8Array[] = []
    createFramer(SHDLC_QUESTIONS, frame => frames.push(frame)).push(
      Uint8Array.of(0xff, ...question.subarray(3), ...question, 0x7e, ...question),
    )
    expect(frames).toEqual([question, question])
  })

  test('an answer whose neighbours are broken is found', () => {
    fc.assert(
      fc.property(answer, answer, fc.nat(), fc.nat(), (first, second, cutFirst, cutLast) => {
        const frames: Uint8Array[] = []
        const [before, whole] = [encodeShdlcAnswer(first), encodeShdlcAnswer(second)]
        createFramer(SHDLC_ANSWERS, frame => frames.push(frame)).push(
          Uint8Array.of(
            ...before.subarray(1 + (cutFirst % (before.length - 1))),
            ...whole,
            ...before.subarray(0, cutLast % before.length),
          ),
        )
        expect(frames.map(decodeShdlcAnswer)).toContainEqual(second)
      }),
    )
  })
})
