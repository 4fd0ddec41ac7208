import { encode } from 'fast-png'
import type { QrSymbol } from './symbol.ts'

/** Pixels of a module: a symbol of a claim becomes some 600 pixels wide. */
const MODULE_PIXELS = 10

/** A symbol as PNG, black and white. */
export function symbolPng(symbol: QrSymbol): Uint8Array {
  const width = symbol.length * MODULE_PIXELS
  const data = new Uint8Array(width * width)
  for (let y = 0; y < width; y++) {
    const row = symbol[Math.floor(y / MODULE_PIXELS)] ?? []
    for (let x = 0; x < width; x++) data[y * width + x] = row[Math.floor(x / MODULE_PIXELS)] ? 0 : 255
  }
  return encode({ width, height: width, data, channels: 1, depth: 8 })
}
