/** QR symbols: the one file of the command that knows the library. */
import encodeQR from 'qr'

/** Rows of modules, dark ones true, with the quiet zone around them. */
export type QrSymbol = readonly (readonly boolean[])[]

/** Modules of light around a symbol: ISO/IEC 18004 §6.3.8. */
const QUIET_MODULES = 4

/**
 * The symbol of a text.
 * @param wear - what it must bear: a screen's stays clean, paper gets dirty and folded
 */
export function qrSymbol(text: string, wear: 'screen' | 'paper'): QrSymbol {
  return encodeQR(text, 'raw', { ecc: wear === 'screen' ? 'low' : 'medium', border: QUIET_MODULES })
}
