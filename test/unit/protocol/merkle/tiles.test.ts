import { describe, expect, it } from 'vitest'
import {
  consistencyPath,
  decodeBundle,
  encodeBundle,
  entriesPath,
  inclusionPath,
  LOG_ENTRY_BYTES_MAX,
  parseLogPath,
  tileNodeReader,
  tilePath,
  tilesFor,
  tileWidth,
} from '../../../../protocol/merkle/index.ts'
import { nodeSha256 as hash } from '../../../../protocol/node/index.ts'

const badProof = expect.objectContaining({ code: 'bad_proof' })

describe('paths of a log [LOG-4.1]', () => {
  it.each([
    ['tile/0/000', { kind: 'tile', level: 0, index: 0, width: 256 }],
    ['tile/3/x001/x234/067', { kind: 'tile', level: 3, index: 1_234_067, width: 256 }],
    ['tile/0/x001/234.p/5', { kind: 'tile', level: 0, index: 1_234, width: 5 }],
    ['tile/63/999.p/255', { kind: 'tile', level: 63, index: 999, width: 255 }],
    ['tile/entries/x001/000', { kind: 'entries', index: 1_000, width: 256 }],
    ['tile/entries/000.p/1', { kind: 'entries', index: 0, width: 1 }],
    ['checkpoint', { kind: 'checkpoint' }],
  ] as const)('%s', (path, what) => {
    expect(parseLogPath(path)).toEqual(what)
    if (what.kind === 'tile') expect(tilePath(what.level, what.index, what.width)).toBe(path)
    if (what.kind === 'entries') expect(entriesPath(what.index, what.width)).toBe(path)
  })

  it.each([
    '',
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x1/002',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/05',
    'tile/0/000.p/',
    'tile/entries/x009/x007/x199/x254/x740/x991/000',
    'tile/0/../000',
    '/tile/0/000',
    'tile/0/000/',
    'checkpoint/',
    'tile/0/０００',
    'entries/000',
  ])('%s is none', path => {
    expect(parseLogPath(path)).toBeNull()
  })

  it('are not made of what is no place', () => {
    expect(() => tilePath(0, -1)).toThrow('has a place')
    expect(() => entriesPath(0, 257)).toThrow('1 to 256')
  })
})

describe('tiles [LOG-4.1]', () => {
  it('are as many and as wide as the example of C2SP says', () => {
    // tlog-tiles, "Partial Tiles": a tree of 70 000 entries.
    const widths = (level: number, count: number) =>
      Array.from({ length: count }, (_, i) => tileWidth(level, i, 70_000))
    expect(widths(0, 275)).toEqual([...new Array<number>(273).fill(256), 112, 0])
    expect(widths(1, 3)).toEqual([256, 17, 0])
    expect(widths(2, 2)).toEqual([1, 0])
    expect([tileWidth(0, 0, 256), tileWidth(1, 0, 256), tileWidth(1, 0, 255)]).toEqual([256, 1, 0])
  })

  it('that a proof needs are known before it is made', () => {
    const size = 70_000
    expect(tilesFor(size, read => inclusionPath(hash, read, 69_999, size))).toEqual([
      { level: 2, index: 0, width: 1 },
      { level: 1, index: 1, width: 17 },
      { level: 0, index: 273, width: 112 },
    ])
    const places = tilesFor(size, read => consistencyPath(hash, read, 300, size))
    expect(places.map(({ level, index }) => `${level}/${index}`).sort()).toEqual(['0/1', '0/273', '1/0', '1/1'])
  })

  it('that are too short are refused', () => {
    const read = tileNodeReader(hash, () => new Uint8Array(31), 3)
    expect(() => read(0, 2)).toThrow(badProof)
    expect(() => read(0, 3)).toThrow('only full subtrees')
    expect(() => read(1, 1)).toThrow('only full subtrees')
  })
})

describe('bundles [LOG-4.1]', () => {
  const entries = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(LOG_ENTRY_BYTES_MAX).fill(7)]

  it('give back what was put in', () => {
    const bundle = encodeBundle(entries)
    expect([...bundle.subarray(0, 7)]).toEqual([0, 0, 0, 3, 1, 2, 3])
    expect(decodeBundle(bundle, 3)).toEqual(entries)
    expect(decodeBundle(new Uint8Array(), 0)).toEqual([])
  })

  it('are refused when there are more, fewer, or a part of one', () => {
    const bundle = encodeBundle(entries.slice(0, 2))
    for (const count of [1, 3]) expect(() => decodeBundle(bundle, count)).toThrow(badProof)
    for (const end of [1, 3, 6]) expect(() => decodeBundle(bundle.subarray(0, end), 2)).toThrow(badProof)
  })

  it('hold no entry that is too long', () => {
    expect(() => encodeBundle([new Uint8Array(LOG_ENTRY_BYTES_MAX + 1)])).toThrow('fits a bundle')
  })
})
