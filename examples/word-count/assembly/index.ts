// Counts the words of its input. The interface is two functions: the host asks `alloc` for room, puts the unit's input there, and
// calls `run`, which returns where its answer is: pointer in the upper 32 bits, length in the lower.

const APOSTROPHE: u8 = 0x27

export function alloc(length: i32): usize {
  return heap.alloc(length)
}

export function run(input: usize, length: i32): u64 {
  const counts = new Map<string, i32>()
  const end = input + length
  let at = input
  while (at < end) {
    if (!isLetter(load<u8>(at))) {
      at++
      continue
    }
    const start = at
    do {
      // Makes a capital small and leaves an apostrophe as it is.
      store<u8>(at, load<u8>(at) | 0x20)
      at++
    } while (at < end && continuesWord(at, end))
    const word = String.UTF8.decodeUnsafe(start, at - start)
    counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1)
  }
  return answer(lines(counts))
}

function isLetter(byte: u8): bool {
  const small = byte | 0x20
  return small >= 0x61 && small <= 0x7a
}

// A letter, or an apostrophe with a letter after it: the one before it was just passed.
function continuesWord(at: usize, end: usize): bool {
  const byte = load<u8>(at)
  if (isLetter(byte)) return true
  return byte == APOSTROPHE && at + 1 < end && isLetter(load<u8>(at + 1))
}

function lines(counts: Map<string, i32>): string {
  const words = counts.keys().sort()
  for (let i = 0; i < words.length; i++) words[i] = words[i] + '\t' + counts.get(words[i]).toString() + '\n'
  return words.join('')
}

function answer(text: string): u64 {
  const bytes = String.UTF8.encode(text)
  return ((changetype<usize>(bytes) as u64) << 32) | (bytes.byteLength as u64)
}
