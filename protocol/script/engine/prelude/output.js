/** From what a script returns to the bytes of its unit's output. */

/**
 * @param encode - (text) => UTF-8 as a Uint8Array
 * @returns an ArrayBuffer
 * @throws TypeError for what has no bytes, such as a function
 */
export default function outputOf(value, encode) {
  if (value instanceof ArrayBuffer) return value
  if (ArrayBuffer.isView(value)) return bufferOf(value)
  return encode(textOf(value)).buffer
}

/** The view's own part of its buffer. */
function bufferOf({ buffer, byteOffset, byteLength }) {
  if (byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) return buffer
  const copy = new Uint8Array(byteLength)
  copy.set(new Uint8Array(buffer, byteOffset, byteLength))
  return copy.buffer
}

function textOf(value) {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  // What the aggregate `merge-map` reads.
  if (value instanceof Map) return Array.from(value, ([key, count]) => `${key}\t${count}\n`).join('')
  const text = JSON.stringify(value)
  if (text !== undefined) return text
  throw new TypeError(`The script returned a ${typeof value}: return a text, a number, bytes, or what JSON can hold.`)
}
