import { expect, test } from 'vitest'
import { lastWords } from '../../../../device/work/last-words.ts'

const HEAP = `
<--- Last few GCs --->

[12333:0x3b36e000]      941 ms: Mark-Compact (reduce) 3.5 (6.0) -> 3.5 (6.0) MB, pooled: 0 MB, 2.69 / 0.00 ms

FATAL ERROR: Committing semi space failed. Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0x931db0  [node]
`
const ZONE = '\n\n#\n# Fatal process out of memory: Zone\n#\n#\n#\n#FailureMessage Object: 0x7ffc\n'
const THROWN = `file:///opt/hedgerow/main.js:12
    throw new AssertionError(what)
          ^

AssertionError: a module is loaded before it runs
    at assert (file:///opt/hedgerow/main.js:12:11)
`

test.each([
  ['the heap is full', HEAP, 'Committing semi space failed. Allocation failed - JavaScript heap out of memory'],
  ['a compiler has no memory', ZONE, 'process out of memory: Zone'],
  ['something was thrown', THROWN, 'AssertionError: a module is loaded before it runs'],
  [
    'it could not start',
    'prlimit: failed to execute /no/node: No such file\n',
    'prlimit: failed to execute /no/node: No such file',
  ],
  ['it said nothing', '', ''],
])('finds why a process died when %s', (_title, stderr, words) => {
  expect(lastWords(stderr)).toBe(words)
})
