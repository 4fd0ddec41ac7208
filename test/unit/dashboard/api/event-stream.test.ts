import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EventParser } from '../../../../dashboard/api/event-stream.ts'

const TEXT = ': ping\n\nevent: region\ndata: {"name":"meadow"}\n\ndata: one\ndata: two\nid: 7\n\nevent: empty\n\n'
const EVENTS = [
  { name: 'region', data: '{"name":"meadow"}' },
  { name: 'message', data: 'one\ntwo' },
]

test('events come out of a stream, comments and unknown fields do not', () => {
  expect(new EventParser().push(TEXT)).toEqual(EVENTS)
})

test('wherever the stream is cut, and whatever ends its lines, the events are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(200)), fc.constantFrom('\n', '\r\n', '\r'), (cuts, end) => {
      const text = `${TEXT}\n`.replaceAll('\n', end)
      const parser = new EventParser()
      const at = [0, ...cuts.filter(cut => cut < text.length).sort((a, b) => a - b), text.length]
      const found = at.slice(1).flatMap((to, i) => parser.push(text.slice(at[i], to)))
      expect(found).toEqual(EVENTS)
    }),
  )
})
