import { decode } from 'fast-png'
import decodeQR from 'qr/decode.js'

/** What the QR code on a picture says, as a phone would read it. @param png - the picture */
export function readQr(png: Uint8Array): string {
  const { width, height, data } = decode(png)
  return decodeQR({ width, height, data: Uint8Array.from(data) })
}
