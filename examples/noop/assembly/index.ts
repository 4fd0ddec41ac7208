// Does next to nothing: what remains of a job's time is what distributing it costs.

const OUTPUT_BYTES: usize = 32

const output = memory.data(32)

export function alloc(length: i32): usize {
  return heap.alloc(length)
}

// The first 32 bytes of the input, with zeros after a shorter one, so that units can be told apart.
export function run(input: usize, length: i32): u64 {
  memory.copy(output, input, min<usize>(length, OUTPUT_BYTES))
  return ((output as u64) << 32) | (OUTPUT_BYTES as u64)
}
