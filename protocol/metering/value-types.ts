/** Letters that stand for value types in type texts, by their code in the binary format. */
export const VALUE_TYPES: Readonly<Record<number, string>> = {
  127: 'i', // i32
  126: 'I', // i64
  125: 'f', // f32
  124: 'F', // f64
  112: 'r', // funcref
  111: 'e', // externref
}

/** Codes of value types by their letter. */
export const TYPE_CODES: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(VALUE_TYPES).map(([code, letter]) => [letter, Number(code)]),
)
