import { expect, test } from 'vitest'
import { blobFailure } from '../../../../coordinator/blobs/blob-failure.ts'

test.each([
  ['ENOSPC', { code: 'no_space', path: '/b' }, 'There is no space left'],
  ['EDQUOT', { code: 'no_space', path: '/b' }, 'There is no space left'],
  ['EROFS', { code: 'bad_option', path: '/b', reason: 'not_writable' }, 'cannot be written'],
  ['EACCES', { code: 'bad_option', path: '/b', reason: 'not_writable' }, 'cannot be written'],
  ['EIO', { code: 'damaged', path: '/b', reason: 'disk' }, 'The disk failed'],
])('%s becomes a sentence', (code, info, words) => {
  const cause = Object.assign(new Error(code), { code })
  const failure = blobFailure(cause, '/b')
  expect(failure).toMatchObject({ info, message: expect.stringContaining(words), cause })
  expect(blobFailure(failure, '/b')).toBe(failure)
})

test('what the disk did not do is left as it is', () => {
  const error = new Error('aborted')
  expect(blobFailure(error, '/b')).toBe(error)
  expect(blobFailure('text', '/b')).toBe('text')
})
