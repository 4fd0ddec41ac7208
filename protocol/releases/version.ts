/** Versions of releases and their order: Semantic Versioning 2.0.0 without build metadata. */
import { ReleaseError } from './failure.ts'

const VERSION =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-((?:0|[1-9]\d{0,8}|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d{0,8}|\d*[A-Za-z-][0-9A-Za-z-]*))*))?$/
const LENGTH_MAX = 64

/** Whether a text is a version such as `1.4.0` or `2.0.0-rc.1`, at most 64 characters. It is then also safe as a file's name. */
export function isVersion(text: string): boolean {
  return text.length <= LENGTH_MAX && VERSION.test(text)
}

/**
 * The text, if it is a version.
 * @throws {ReleaseError} `bad_version`
 */
export function checkVersion(text: string): string {
  if (isVersion(text)) return text
  const message = `'${text.slice(0, LENGTH_MAX)}' is not a version: write it as 1.4.0 or 2.0.0-rc.1.`
  throw new ReleaseError({ code: 'bad_version', value: text.slice(0, LENGTH_MAX) }, message)
}

/**
 * Negative when `a` is older than `b`, 0 when they are equal, positive when it is newer. What is no version is older than all.
 * @see https://semver.org §11
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)]
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  for (let i = 0; i < 3; i++) {
    const difference = Number(left.numbers[i]) - Number(right.numbers[i])
    if (difference !== 0) return difference
  }
  return comparePre(left.pre, right.pre)
}

function parts(text: string): { numbers: readonly string[]; pre: readonly string[] } | null {
  const match = text.length <= LENGTH_MAX ? VERSION.exec(text) : null
  if (match === null) return null
  return { numbers: match.slice(1, 4), pre: match[4]?.split('.') ?? [] }
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  // A release comes after its candidates.
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0)
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareIdentifier(a[i] ?? '', b[i] ?? '')
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function compareIdentifier(a: string, b: string): number {
  const [aNumber, bNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (aNumber && bNumber) return Number(a) - Number(b)
  if (aNumber !== bNumber) return aNumber ? -1 : 1
  return a < b ? -1 : Number(a > b)
}
