import { describe, expect, test } from 'vitest'
import { type CborValue, encode } from '../../../../protocol/cbor/index.ts'
import { ProtocolError } from '../../../../protocol/errors.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import { Reader } from '../../../../protocol/messages/read.ts'

const open = (...fields: CborValue[]) => Reader.open('sample', encode(fields), fields.length)

/** Field and reason of a refusal. */
function faultOf(read: () => unknown): { field: string; reason: string } | null {
  try {
    read()
    return null
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError) || thrown.info.code !== 'bad_message') throw thrown
    const { message, field, reason } = thrown.info
    expect(message).toBe('sample')
    expect(thrown.message).toBe(`The sample message is refused: its ${field} ${reason}.`)
    return { field, reason }
  }
}

describe('opening', () => {
  test.each<[string, CborValue]>([
    ['too short', [1]],
    ['too long', [1, 2, 3]],
    ['not an array', 1],
    ['a map', new Map([[0, 1]])],
    ['bytes', new Uint8Array(2)],
  ])('%s [WIRE-2.1]', (_title, value) => {
    const fault = faultOf(() => Reader.open('sample', encode(value), 2))
    expect(fault).toEqual({ field: 'payload', reason: 'must be an array of 2 elements' })
  })

  test('a payload above the frame bound is refused before it is decoded [WIRE-2.7]', () => {
    const fault = faultOf(() => Reader.open('sample', new Uint8Array(LIMITS.frameBytesMax + 1).fill(0xff), 1))
    expect(fault).toEqual({ field: 'payload', reason: 'must be at most 65536 bytes' })
    expect(Reader.open('sample', encode([new Uint8Array(LIMITS.frameBytesMax - 4)]), 1)).toBeInstanceOf(Reader)
  })
})

describe('one field at a time, in order', () => {
  test('reads every kind', () => {
    const read = open(
      7,
      -7,
      1,
      new Uint8Array(2),
      new Uint8Array(3),
      'é',
      null,
      5,
      null,
      ['a', 'b'],
      [1, 2],
      [0, 2],
      [2, 5],
    )
    expect(read.uint('a')).toBe(7)
    expect(read.int('b')).toBe(-7)
    expect(read.choice('c', ['x', 'y'])).toBe('y')
    expect(read.bytes('d', 2)).toEqual(new Uint8Array(2))
    expect(read.bytesUpTo('e', 3, 1)).toEqual(new Uint8Array(3))
    expect(read.text('f', 2)).toBe('é')
    expect(read.nullable('g', field => read.uint(field))).toBeNull()
    expect(read.nullable('h', field => read.uint(field))).toBe(5)
    expect(read.nothing('i', 'must be null')).toBeNull()
    expect(read.texts('j', 2, 1)).toEqual(['a', 'b'])
    expect(read.uints('k', 2)).toEqual([1, 2])
    expect(read.set('l', ['x', 'y', 'z'])).toEqual(['x', 'z'])
    expect(read.ascending('m', 2, 2, 5)).toEqual([2, 5])
  })

  test('a variant reads on after its number', () => {
    const [tag, fields] = open([1, 'x']).variant('shape', [1, 2])
    expect([tag, fields.text('name', 1)]).toEqual([1, 'x'])
  })

  test.each<[string, CborValue, (read: Reader) => unknown, string, string]>([
    ['a negative', -1, r => r.uint('n'), 'n', 'must be an integer of 0 to 9007199254740991'],
    ['a large integer', 2n ** 53n, r => r.uint('n'), 'n', 'must be an integer of 0 to 9007199254740991'],
    ['below', 1, r => r.uint('n', 2, 3), 'n', 'must be an integer of 2 to 3'],
    ['above', 4, r => r.uint('n', 2, 3), 'n', 'must be an integer of 2 to 3'],
    ['a boolean', true, r => r.uint('n', 0, 1), 'n', 'must be an integer of 0 to 1'],
    ['a text for a signed', '1', r => r.int('n'), 'n', 'must be an integer of -9007199254740991 to 9007199254740991'],
    ['no such choice', 2, r => r.choice('c', ['x', 'y']), 'c', 'must be an integer of 0 to 1'],
    ['a negative choice', -1, r => r.choice('c', ['x']), 'c', 'must be an integer of 0 to 0'],
    ['a name for a choice', 'length', r => r.choice('c', ['x']), 'c', 'must be an integer of 0 to 0'],
    ['another length', new Uint8Array(3), r => r.bytes('b', 2), 'b', 'must be a byte string of 2 bytes'],
    ['a text for bytes', 'ab', r => r.bytes('b', 2), 'b', 'must be a byte string of 2 bytes'],
    ['bytes too short', new Uint8Array(0), r => r.bytesUpTo('b', 2, 1), 'b', 'must be a byte string of 1 to 2 bytes'],
    ['bytes too long', new Uint8Array(3), r => r.bytesUpTo('b', 2), 'b', 'must be a byte string of 0 to 2 bytes'],
    ['a text too long', 'éé', r => r.text('t', 3), 't', 'must be a text of at most 3 bytes'],
    ['null for a text', null, r => r.text('t', 3), 't', 'must be a text of at most 3 bytes'],
    ['something for nothing', 0, r => r.nothing('x', 'must be null here'), 'x', 'must be null here'],
    ['an unknown shape', [2], r => r.variant('v', [1, 1]), 'v', 'must be an array that starts with 0 to 1'],
    ['a shape that is none', 1, r => r.variant('v', [1, 1]), 'v', 'must be an array that starts with 0 to 1'],
    ['a shape by a text', ['length'], r => r.variant('v', [1]), 'v', 'must be an array that starts with 0 to 0'],
    ['a shape too long', [0, 0], r => r.variant('v', [1]), 'v', 'must be an array of 1 elements when it starts with 0'],
    ['an empty list', [], r => r.uints('l', 2), 'l', 'must be an array of 1 to 2 elements'],
    ['a list too long', [1, 2, 3], r => r.uints('l', 2), 'l', 'must be an array of 1 to 2 elements'],
    ['a bad element', [1, -2], r => r.uints('l', 2), 'l[1]', 'must be an integer of 0 to 9007199254740991'],
    ['a bad text', ['a', 'bc'], r => r.texts('l', 2, 1), 'l[1]', 'must be a text of at most 1 bytes'],
    ['twice the same', [1, 1], r => r.set('s', ['x', 'y']), 's[1]', 'must be larger than the element before it'],
    ['no number at all', [], r => r.ascending('a', 2, 1, 9), 'a', 'must be an array of 1 to 2 elements'],
    ['too many numbers', [1, 2, 3], r => r.ascending('a', 2, 1, 9), 'a', 'must be an array of 1 to 2 elements'],
    ['a number too small', [0, 2], r => r.ascending('a', 2, 1, 9), 'a[0]', 'must be an integer of 1 to 9'],
    ['a number too large', [1, 10], r => r.ascending('a', 2, 1, 9), 'a[1]', 'must be an integer of 1 to 9'],
    ['a number twice', [3, 3], r => r.ascending('a', 2, 1, 9), 'a[1]', 'must be larger than the element before it'],
    ['a text of another form', 'A', r => r.textLike('t', /^[a-z]$/, 'a small letter'), 't', 'must be a small letter'],
    ['bytes for such a text', new Uint8Array(1), r => r.textLike('t', /./, 'a letter'), 't', 'must be a letter'],
    ['below a signed bound', -3, r => r.int('n', -2, 2), 'n', 'must be an integer of -2 to 2'],
    ['above a signed bound', 3, r => r.int('n', -2, 2), 'n', 'must be an integer of -2 to 2'],
    ['a record too short', [1], r => r.record('r', 2), 'r', 'must be an array of 2 elements'],
    ['a record that is none', 1, r => r.record('r', 1), 'r', 'must be an array of 1 elements'],
    ['too many records', [[1], [1]], r => r.records('l', 1, 1, () => 0, 0), 'l', 'must be an array of 0 to 1 elements'],
    ['not in the set', [2], r => r.set('s', ['x', 'y']), 's[0]', 'must be an integer of 0 to 1'],
  ])('%s is refused with its path [WIRE-2.4]', (_title, value, read, field, reason) => {
    expect(faultOf(() => read(open(value)))).toEqual({ field, reason })
  })

  test('paths lead through records and variants [WIRE-2.4]', () => {
    const nested = (r: Reader) =>
      r.records('rows', 3, 2, row => [row.uint('id'), row.variant('shape', [2])[1].uint('size')])
    expect(nested(open([[1, [0, 2]]]))).toEqual([[1, 2]])
    expect(
      faultOf(() =>
        nested(
          open([
            [1, [0, 2]],
            [1, [0, 'x']],
          ]),
        ),
      )?.field,
    ).toBe('rows[1].shape.size')
    expect(faultOf(() => nested(open([[1, [0, 2]], [1]])))).toEqual({
      field: 'rows[1]',
      reason: 'must be an array of 2 elements',
    })
    expect(faultOf(() => nested(open([])))?.field).toBe('rows')
    expect(open([]).records('rows', 3, 2, () => 1, 0)).toEqual([])
    const inner = () => open([1, ['x']]).record('place', 2)
    expect(inner().uint('id')).toBe(1)
    expect(faultOf(() => inner().uint('id', 2))?.field).toBe('place.id')
  })

  test('bytes are views of the message, not copies', () => {
    const message = encode([new Uint8Array([1, 2, 3])])
    expect(Reader.open('sample', message, 1).bytes('b', 3).buffer).toBe(message.buffer)
  })
})
