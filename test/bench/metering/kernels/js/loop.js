// Primes by trial division, their last digits counted in an object, and all of them written as one text: an ordinary loop in JavaScript.
export default function (input) {
  const limit = new DataView(input.bytes.buffer, input.bytes.byteOffset).getUint32(0, true)
  const primes = []
  const digits = {}
  for (let candidate = 2; primes.length < limit; candidate++) {
    if (!isPrime(candidate, primes)) continue
    primes.push(candidate)
    const digit = `ends in ${candidate % 10}`
    digits[digit] = (digits[digit] ?? 0) + 1
  }
  const text = primes.map(prime => prime.toString(36)).join(' ')
  let hash = 5381
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(at)) >>> 0
  return `${hash} ${JSON.stringify(digits)}`
}

function isPrime(candidate, primes) {
  for (const prime of primes) {
    if (prime * prime > candidate) return true
    if (candidate % prime === 0) return false
  }
  return true
}
