import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeMhz19,
  encodeMhz19Answer,
  encodeMhz19SelfCalibration,
  isMhz19Answer,
  isMhz19Question,
  MHZ19_ASK,
} from '../../../../hardware/drivers/mhz19-frames.ts'
import {
  encodeModbus,
  encodeModbusAnswer,
  encodeModbusRefusal,
  modbusAnswersTo,
  modbusException,
  modbusRegisters,
} from '../../../../hardware/drivers/modbus-frames.ts'
import {
  decodeS8,
  encodeS8Answer,
  encodeS8SelfCalibration,
  isS8Answer,
  S8_ASK,
  S8_ASK_SELF_CALIBRATION,
  s8SerialOf,
} from '../../../../hardware/drivers/senseair-s8-frames.ts'
import {
  decodeSps30Measurement,
  decodeSps30Serial,
  decodeSps30Status,
  encodeSps30Measurement,
  isSps30SerialAnswer,
  SPS30_ASK_SERIAL,
  SPS30_ASK_STATUS,
  SPS30_CLEAN_FAN,
  SPS30_READ,
  SPS30_START,
  SPS30_STOP,
  SPS30_WAKE,
} from '../../../../hardware/drivers/sps30-frames.ts'
import { crc16, hasCrc16, withCrc16 } from '../../../../hardware/serial/crc16.ts'
import { createFramer, type FrameFormat } from '../../../../hardware/serial/framer.ts'
import { decodeShdlcAnswer } from '../../../../hardware/serial/shdlc.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.split(' '), byte => Number.parseInt(byte, 16))
const hex = (frame: Uint8Array): string =>
  [...frame].map(byte => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ')

/** What a framer finds in a stream. */
function framesIn(format: FrameFormat, stream: readonly number[]): string[] {
  const found: string[] = []
  createFramer(format, frame => found.push(hex(frame))).push(Uint8Array.from(stream))
  return found
}

describe('the checksum of Modbus', () => {
  test('of known bytes', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x4b37)
    expect(hex(withCrc16(bytes('FE 04 00 00 00 04')))).toBe('FE 04 00 00 00 04 E5 C6')
  })

  test('tells every changed byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (data, at, mask) => {
          const frame = withCrc16(data)
          expect(hasCrc16(frame)).toBe(true)
          const place = at % frame.length
          frame[place] = (frame[place] ?? 0) ^ mask
          expect(hasCrc16(frame)).toBe(false)
        },
      ),
    )
  })

  test('is in no frame that is too short for it', () => {
    expect([new Uint8Array(), bytes('FF'), bytes('FF FF')].map(hasCrc16)).toEqual([false, false, false])
  })
})

describe('MH-Z19', () => {
  test('questions are those of the manual', () => {
    expect(hex(MHZ19_ASK)).toBe('FF 01 86 00 00 00 00 00 79')
    expect(hex(encodeMhz19SelfCalibration(true))).toBe('FF 01 79 A0 00 00 00 00 E6')
    expect(hex(encodeMhz19SelfCalibration(false))).toBe('FF 01 79 00 00 00 00 00 86')
    expect(isMhz19Question(MHZ19_ASK)).toBe(true)
  })

  test('answers with the 544 ppm of the manual', () => {
    const answer = bytes('FF 86 02 20 00 00 00 00 58')
    expect(isMhz19Answer(answer)).toBe(true)
    expect(decodeMhz19(answer)).toEqual({ co2Ppm: 544 })
    expect(hex(encodeMhz19Answer(544))).toBe(hex(answer))
  })

  test.each([
    ['a wrong sum', 'FF 86 02 20 00 00 00 00 59'],
    ['another command', 'FF 79 01 00 00 00 00 00 86'],
    ['a byte too few', 'FF 86 02 20 00 00 00 58'],
    ['the question itself', 'FF 01 86 00 00 00 00 00 79'],
  ])('takes no frame with %s for an answer', (_, frame) => {
    expect(isMhz19Answer(bytes(frame))).toBe(false)
  })

  test('keeps every number and every undocumented byte apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), (ppm, rest) => {
        const frame = encodeMhz19Answer(ppm, [...rest])
        expect(isMhz19Answer(frame)).toBe(true)
        expect(decodeMhz19(frame).co2Ppm).toBe(ppm)
      }),
    )
  })
})

describe('Modbus', () => {
  const question = encodeModbus(1, 4, 0x0006, 2)

  test('questions are those of the Eastron manual', () => {
    expect(hex(question)).toBe('01 04 00 06 00 02 91 CA')
  })

  test('answers are as many registers as were asked for, of that unit, or a refusal', () => {
    const format = modbusAnswersTo(question)
    const right = encodeModbusAnswer(1, 4, [0x3fc0, 0])
    const refusal = encodeModbusRefusal(1, 4, 2)
    const others = [
      encodeModbusAnswer(2, 4, [0x3fc0, 0]),
      encodeModbusAnswer(1, 3, [0x3fc0, 0]),
      encodeModbusAnswer(1, 4, [0x3fc0]),
      encodeModbusAnswer(1, 4, [0x3fc0, 0, 0]),
      encodeModbusRefusal(1, 3, 2),
    ].flatMap(frame => [...frame])
    expect(framesIn(format, [...others, ...right, ...others, ...refusal])).toEqual([hex(right), hex(refusal)])
    expect(modbusRegisters(right)).toEqual([0x3fc0, 0])
    expect(modbusException(right)).toBeNull()
    expect(modbusException(refusal)).toBe(2)
  })

  test('answers to a write are its echo', () => {
    const write = encodeModbus(0xfe, 6, 0x001f, 180)
    const other = encodeModbus(0xfe, 6, 0x001f, 181)
    expect(framesIn(modbusAnswersTo(write), [...other, ...write])).toEqual([hex(write)])
  })
})

describe('SenseAir S8', () => {
  test('questions are those of the manual', () => {
    expect(hex(S8_ASK)).toBe('FE 04 00 00 00 04 E5 C6')
    expect(hex(S8_ASK_SELF_CALIBRATION)).toBe('FE 03 00 1F 00 01 A1 C3')
    expect(hex(encodeS8SelfCalibration(true))).toBe('FE 06 00 1F 00 B4 AC 74')
    expect(hex(encodeS8SelfCalibration(false))).toBe('FE 06 00 1F 00 00 AC 03')
  })

  test('answers with status and concentration', () => {
    const answer = encodeS8Answer({ status: 0x20, co2Ppm: 404 })
    expect(hex(answer.subarray(0, -2))).toBe('FE 04 08 00 20 00 00 00 00 01 94')
    expect(answer).toHaveLength(13)
    expect(isS8Answer(answer)).toBe(true)
    expect(decodeS8(answer)).toEqual({ status: 0x20, co2Ppm: 404 })
    expect(isS8Answer(encodeModbusRefusal(0xfe, 4, 2))).toBe(false)
    expect(isS8Answer(encodeModbusAnswer(0xfe, 4, [0, 404]))).toBe(false)
  })

  test('keeps its sign', () => {
    expect(decodeS8(encodeS8Answer({ status: 0, co2Ppm: -12 })).co2Ppm).toBe(-12)
  })

  test.each([
    [[0x0004, 0xd2ff], '0004d2ff'],
    [[0xfedc, 0xba98], 'fedcba98'],
    [[0, 0], null],
    [[0xffff, 0xffff], null],
  ])('registers %j are the number %s', (registers, serial) => {
    expect(s8SerialOf(registers)).toBe(serial)
  })
})

describe('SPS30', () => {
  test('commands are those of the datasheet', () => {
    expect(hex(SPS30_START)).toBe('7E 00 00 02 01 03 F9 7E')
    expect(hex(SPS30_STOP)).toBe('7E 00 01 00 FE 7E')
    expect(hex(SPS30_READ)).toBe('7E 00 03 00 FC 7E')
    expect(hex(SPS30_CLEAN_FAN)).toBe('7E 00 56 00 A9 7E')
    expect(hex(SPS30_ASK_SERIAL)).toBe('7E 00 D0 01 03 2B 7E')
    expect(hex(SPS30_ASK_STATUS)).toBe('7E 00 D2 01 00 2C 7E')
    // The command itself is one of the bytes that are escaped.
    expect(hex(SPS30_WAKE)).toBe('7E 00 7D 31 00 EE 7E')
  })

  test('that was awake refuses to wake, as seen on a real one', () => {
    expect(decodeShdlcAnswer(bytes('7E 00 7D 31 43 00 AB 7E'))).toEqual({
      address: 0,
      command: 0x11,
      state: 0x43,
      data: new Uint8Array(),
    })
  })

  test('measurements come back as they were sent', () => {
    const measurement = {
      pm1: 1.5,
      pm2_5: 2.25,
      pm4: 3.125,
      pm10: 1_000,
      count0_5: 0.5,
      count1: 8,
      count2_5: 9,
      count4: 10,
      count10: 11,
      typicalSizeUm: 0.5,
    }
    const data = encodeSps30Measurement(measurement)
    expect(hex(data.subarray(0, 8))).toBe('3F C0 00 00 40 10 00 00')
    expect(decodeSps30Measurement(data)).toEqual(measurement)
    expect(decodeSps30Measurement(new Uint8Array())).toBeNull()
    expect(decodeSps30Measurement(data.subarray(0, 36))).toBeNull()
  })

  test.each([
    ['41 42 43 31 32 00', 'ABC12'],
    ['41 42 00 FF FF', 'AB'],
    ['41 42', 'AB'],
    ['00', null],
    ['FF FE 00', null],
    ['41 20 42 00', null],
  ])('data %s is the serial number %s', (data, serial) => {
    expect(decodeSps30Serial(bytes(data))).toBe(serial)
  })

  test('is told by its serial number', () => {
    const answer = { address: 0, command: 0xd0, state: 0, data: bytes('41 42 00') }
    expect(isSps30SerialAnswer(answer)).toBe(true)
    expect(isSps30SerialAnswer({ ...answer, command: 3 })).toBe(false)
    expect(isSps30SerialAnswer({ ...answer, data: bytes('00') })).toBe(false)
  })

  test('status is 32 bits, then one byte for later', () => {
    expect(decodeSps30Status(bytes('00 20 00 10 00'))).toBe((1 << 21) | (1 << 4))
    expect(decodeSps30Status(new Uint8Array())).toBeNull()
  })
})
