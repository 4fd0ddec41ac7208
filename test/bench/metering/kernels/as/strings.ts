// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Builds, joins, splits and counts short strings: many small allocations.
import { answer, mix, random, SEED, seedRandom, sizeAt } from './reactor'

export { alloc } from './reactor'

const WORDS = 1000

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(count: i32): u64 {
  const lines: string[] = []
  const counts = new Map<string, i32>()
  seedRandom(7)
  for (let i = 0; i < count; i++) {
    const word = 'word' + (random() % WORDS).toString()
    counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1)
    lines.push(word + ':' + i.toString())
  }
  const parts = lines.join(',').split(',')
  let hash = mix(SEED, parts.length)
  for (let i = 0; i < parts.length; i++) hash = mixText(hash, parts[i])
  const words = counts.keys()
  for (let i = 0; i < words.length; i++) hash = mix(mixText(hash, words[i]), counts.get(words[i]))
  return hash
}

function mixText(start: u64, text: string): u64 {
  let hash = mix(start, text.length)
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i))
  return hash
}
