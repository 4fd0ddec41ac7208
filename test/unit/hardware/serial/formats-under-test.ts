/** Every kind of frame the drivers use, with frames of it to send. */
import fc from 'fast-check'
import {
  PLANTOWER_FORMAT,
  PLANTOWER_LAYOUTS,
  plantowerMeasurement,
} from '../../../../hardware/drivers/plantower-frames.ts'
import { SDS011_FORMAT, sds011Measurement } from '../../../../hardware/drivers/sds011-frames.ts'
import type { FrameFormat } from '../../../../hardware/serial/framer.ts'
import { NMEA_SENTENCES } from '../../../../hardware/serial/nmea.ts'
import { encodeShdlcAnswer, SHDLC_ANSWERS } from '../../../../hardware/serial/shdlc.ts'

const word = fc.integer({ min: 0, max: 0xffff })
/** Numbers whose bytes look like headers and ends of frames, among others. */
const hostileWord = fc.oneof(
  word,
  fc.constantFrom(0xaac0, 0xc0aa, 0xab00, 0x00ab, 0x424d, 0x4d42, 0x001c, 0x7e7e, 0x7d5e),
)

const sds011 = fc
  .tuple(hostileWord, hostileWord, fc.uint8Array({ minLength: 2, maxLength: 2 }))
  .map(([pm25, pm10, id]) => sds011Measurement(pm25, pm10, id))

const plantower = fc
  .tuple(fc.constantFrom('pms3003', 'pms5003', 'pms5003st'), fc.array(hostileWord, { minLength: 9, maxLength: 9 }))
  .map(([model, words]) => {
    const layout = PLANTOWER_LAYOUTS[model]
    return plantowerMeasurement(
      layout.fields.map(({ factor }, index) => (words[index] ?? 0) * factor),
      layout,
    )
  })

const shdlc = fc
  .record({
    address: fc.constant(0),
    command: fc.integer({ min: 0, max: 255 }),
    state: fc.constant(0),
    data: fc.uint8Array({ maxLength: 40 }),
  })
  .map(encodeShdlcAnswer)

const nmea = fc.stringMatching(/^G[PN](GGA|RMC|GSV)(,[0-9A-Z.]{0,9}){1,8}$/).map(text => {
  const sum = [...text].reduce((total, letter) => total ^ letter.charCodeAt(0), 0)
  return new TextEncoder().encode(`$${text}*${sum.toString(16).toUpperCase().padStart(2, '0')}\r\n`)
})

export interface FormatUnderTest {
  readonly name: string
  readonly format: FrameFormat
  readonly frames: fc.Arbitrary<Uint8Array>
}

export const FORMATS: readonly FormatUnderTest[] = [
  { name: 'SDS011', format: SDS011_FORMAT, frames: sds011 },
  { name: 'Plantower', format: PLANTOWER_FORMAT, frames: plantower },
  { name: 'SHDLC', format: SHDLC_ANSWERS, frames: shdlc },
  { name: 'NMEA', format: NMEA_SENTENCES, frames: nmea },
]
