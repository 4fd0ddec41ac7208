import { symbolPng } from './png.ts'
import { symbolSvg } from './svg.ts'
import { qrSymbol } from './symbol.ts'

/**
 * A text's QR code as a picture.
 * @param path - ends in `.png`, or it becomes SVG
 */
export function qrFileOf(text: string, path: string): string | Uint8Array {
  const symbol = qrSymbol(text, 'paper')
  return /\.png$/i.test(path) ? symbolPng(symbol) : `${symbolSvg(symbol)}\n`
}
