/** TextEncoder and TextDecoder for UTF-8. The conversions are QuickJS' own, through the driver. */

const UTF8_LABELS = new Set(['utf-8', 'utf8', 'unicode-1-1-utf-8'])
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * @param host.encode - (text) => ArrayBuffer of UTF-8; a lone surrogate must not be in it
 * @param host.decode - (buffer, offset, length) => text; each broken sequence becomes U+FFFD
 */
export default function installTextEncoding(host) {
  function encode(text = '') {
    return new Uint8Array(host.encode(String(text).toWellFormed()))
  }

  function decode(bytes) {
    return host.decode(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8'
    }

    encode(text) {
      return encode(text)
    }

    encodeInto(text, target) {
      const source = String(text)
      let [read, written] = [0, 0]
      for (const character of source) {
        const bytes = encode(character)
        if (written + bytes.length > target.length) break
        target.set(bytes, written)
        read += character.length
        written += bytes.length
      }
      return { read, written }
    }
  }

  class TextDecoder {
    #fatal
    #ignoreBOM

    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
      if (!UTF8_LABELS.has(String(label).trim().toLowerCase())) {
        throw new RangeError(`A task decodes UTF-8 only, not '${label}'.`)
      }
      this.#fatal = Boolean(fatal)
      this.#ignoreBOM = Boolean(ignoreBOM)
    }

    get encoding() {
      return 'utf-8'
    }

    get fatal() {
      return this.#fatal
    }

    get ignoreBOM() {
      return this.#ignoreBOM
    }

    decode(source = new Uint8Array(0), { stream = false } = {}) {
      if (stream) throw new TypeError('TextDecoder decodes whole texts here: collect the bytes, then decode them once.')
      const bytes = bytesOf(source)
      const text = decode(bytes)
      if (this.#fatal && text.includes('\uFFFD') && !isSame(encode(text), bytes)) {
        throw new TypeError('The bytes are not UTF-8.')
      }
      return this.#ignoreBOM || !text.startsWith(BYTE_ORDER_MARK) ? text : text.slice(1)
    }
  }

  define('TextEncoder', TextEncoder)
  define('TextDecoder', TextDecoder)
  return { encode, decode }
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true })
}

function bytesOf(source) {
  if (source instanceof Uint8Array) return source
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  return new Uint8Array(source)
}

function isSame(a, b) {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
