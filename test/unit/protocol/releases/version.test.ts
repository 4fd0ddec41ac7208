import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkVersion, compareVersions, isVersion } from '../../../../protocol/releases/index.ts'

/** https://semver.org §11.4. */
const IN_ORDER = [
  '0.9.10',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '2.0.0',
]

test('versions have the order of Semantic Versioning', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(IN_ORDER), versions => {
      const sorted = versions.toSorted(compareVersions)
      expect(sorted).toEqual(IN_ORDER.filter(version => versions.includes(version)))
    }),
  )
  expect(compareVersions('1.2.3', '1.2.3')).toBe(0)
})

test('what is no version is older than all, and refused by name', () => {
  for (const text of [
    '',
    '1.0',
    '01.0.0',
    '1.0.0+build',
    '../1.0.0',
    '1.0.0/..',
    '1.0.0-',
    'v1.0.0',
    '1.0.0 ',
    `1.0.0-${'a'.repeat(70)}`,
  ]) {
    expect(isVersion(text)).toBe(false)
    expect(compareVersions(text, '0.0.0')).toBeLessThan(0)
    expect(() => checkVersion(text)).toThrow(/is not a version/)
  }
})
