import { fromUtf8, ProtocolError } from '../protocol/index.ts'

/** The JSON of a reply. @throws {ProtocolError} `bad_text` when it is none */
export function readJson(payload: Uint8Array): unknown {
  const text = fromUtf8(payload)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ProtocolError({ code: 'bad_text', reason: 'json' }, 'The reply is not JSON.', { cause })
  }
}
