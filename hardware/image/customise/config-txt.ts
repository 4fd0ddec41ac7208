/** config.txt: what the firmware switches on before the kernel starts. Ours is one block at its end, replaced when there is one. */
import { I2C_ON, UART_ON, W1_ON } from '../../scan/overlays.ts'
import type { NodeDescription } from './types.ts'

const BEGIN = '# Hedgerow begin: written by hedgerow flash'
const END = '# Hedgerow end'
const SPI_ON = 'dtparam=spi=on'
/** On a Raspberry Pi 5 the serial port of the pins is one of its own, and `enable_uart` is about the debug connector. */
const PI5_UART = ['[pi5]', 'dtparam=uart0=on']

/** The file with what the node's sensors need; the text itself when they need nothing and there is no block of ours. */
export function changeConfigTxt(text: string, { interfaces, overlays }: NodeDescription): string {
  const lines = [
    ...(interfaces.i2c ? [I2C_ON] : []),
    ...(interfaces.spi ? [SPI_ON] : []),
    ...(interfaces.onewire ? [W1_ON] : []),
    ...(interfaces.serial ? [UART_ON] : []),
    ...overlays,
  ]
  const unique = [...new Set(lines)]
  const rest = withoutBlock(text)
  if (unique.length === 0) return rest
  // A section of one model may be open at the end of the file.
  const block = [BEGIN, '[all]', ...unique, ...(interfaces.serial ? [...PI5_UART, '[all]'] : []), END]
  return `${rest}${rest === '' || rest.endsWith('\n') ? '' : '\n'}${block.join('\n')}\n`
}

function withoutBlock(text: string): string {
  const from = text.indexOf(BEGIN)
  if (from === -1) return text
  const to = text.indexOf(END, from)
  const after = to === -1 ? '' : text.slice(to + END.length).replace(/^\r?\n/, '')
  return text.slice(0, from) + after
}
