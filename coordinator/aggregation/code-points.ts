/** The order of texts by code point, which is the order of their UTF-8 bytes. JavaScript's own order is that of UTF-16 units. */

const SURROGATE = /[\ud800-\udfff]/

/** Sorts well-formed texts in place, by code point. */
export function sortByCodePoint(texts: string[]): string[] {
  // The two orders differ only where surrogates are; the built-in one is three times as fast.
  return texts.some(text => SURROGATE.test(text)) ? texts.sort(compareCodePoints) : texts.sort()
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all that are one unit, so they rank last. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}
