import { concatBytes, utf8 } from '../bytes.ts'

/** Shortest unsigned LEB128 of a number below 2^32. */
export function leb(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** A length-prefixed UTF-8 name. */
export function nameBytes(name: string): Uint8Array {
  const text = utf8(name)
  return concatBytes(leb(text.length), text)
}

/** A section: id, length, contents. */
export function sectionBytes(id: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...contents)
  return concatBytes(Uint8Array.of(id), leb(body.length), body)
}
