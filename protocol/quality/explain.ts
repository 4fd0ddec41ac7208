/** A verdict in sentences, with the numbers it rests on. */
import { QUANTITIES } from '../readings/index.ts'
import { isFar } from './buddy.ts'
import type { FlatLine } from './constant.ts'
import { codesOf, isAccepted } from './flags.ts'
import { findAmong, findInSeries, judge, type NeighbourFinding, type OwnFinding, selfOf } from './judge.ts'
import type { Jump } from './jump.ts'
import { prepareNeighbours } from './neighbourhood.ts'
import { boundsOf, isPresent } from './series.ts'
import type { TwinVote } from './twin.ts'
import { isOutvoted } from './twin.ts'
import type { Flags, Point, QualityRules, VerdictCode, VerdictInput } from './types.ts'
import { amountText, durationText, timeText } from './words.ts'

/** What the region adds from a frame, in words. */
const EXTRA_SENTENCES: Partial<Readonly<Record<VerdictCode, string>>> = {
  future: 'Its time lies in the future: the clock of the device was wrong.',
  untimed: 'Its time is not known well enough to say that it belongs in this window.',
  late: 'It came after its window had been judged. That does not reject it.',
  duplicate_sensor: 'Another device announces the same sensor, and only one of them can have it.',
}

/**
 * Says why a reading's verdict is what it is. The first sentence is the verdict, the others its reasons.
 * @param index - of the reading in `input.series.points`
 */
export function explainVerdict(input: VerdictInput, index: number): string[] {
  const { rules, quantity } = input.series
  const point = input.series.points[index]
  const own = findInSeries(input.series)[index]
  if (point === undefined || own === undefined) return [`There is no reading ${index} in this window.`]
  const flags = judge(input)[index] ?? 0
  const extra = codesOf(flags).flatMap(code => EXTRA_SENTENCES[code] ?? [])
  const words = { unit: unitOf(quantity), quantity, rules, periodMs: input.series.periodMs }
  return [
    verdictSentence(point, flags, words.unit),
    ...ownSentences(own, point, words),
    ...extra,
    ...neighbourSentences(input, point, flags, words),
  ]
}

interface Words {
  readonly unit: string
  readonly quantity: string
  readonly rules: QualityRules
  readonly periodMs: number
}

function unitOf(quantity: string): string {
  const unit = QUANTITIES.get(quantity)?.unit ?? ''
  return unit === '' || unit === '/' ? '' : ` ${unit}`
}

function verdictSentence(point: Point, flags: Flags, unit: string): string {
  const what = isPresent(point) ? `${amountText(point.value)}${unit}` : 'The missing value'
  const codes = codesOf(flags).join(', ')
  const verdict = isAccepted(flags) ? 'accepted' : 'rejected'
  return `${what} at ${timeText(point.atMs)} is ${verdict}${codes === '' ? '' : ` (${codes})`}.`
}

function ownSentences(
  { missing, outOfRange, jump, flatLine, twins }: OwnFinding,
  point: Point,
  words: Words,
): string[] {
  return [
    ...(missing ? ['The sensor gave no value.'] : []),
    ...(outOfRange ? [rangeSentence(point, words)] : []),
    ...(jump === null ? [] : [jumpSentence(jump, words)]),
    ...(flatLine === null ? [] : [flatSentence(flatLine, words)]),
    ...(twins === null || twins.asked === 0 ? [] : [twinSentence(twins, words)]),
  ]
}

function rangeSentence(point: Point, { rules: { range }, periodMs, quantity, unit }: Words): string {
  if (range === null || !isPresent(point)) return ''
  const { min, max } = boundsOf(range, periodMs)
  const side = point.value < min ? `below ${amountText(min)}` : `above ${amountText(max)}`
  const because =
    max < range.max
      ? `, the most that ${durationText(periodMs)} can bring at ${range.maxPerSecond}${unit} a second`
      : ''
  return `It is ${side}${unit}, which ${quantity} cannot be here${because}.`
}

function jumpSentence({ guilty, earlier, later, limit, median, windowMs }: Jump, { unit }: Words): string {
  const change = amountText(Math.abs(later.value - earlier.value))
  const gap = durationText(later.atMs - earlier.atMs)
  const jump =
    `From ${amountText(earlier.value)} at ${timeText(earlier.atMs)} to ${amountText(later.value)} at ` +
    `${timeText(later.atMs)} is a change of ${change}${unit} in ${gap}; at most ${amountText(limit)} is allowed.`
  if (median === null) {
    return `${jump} The last ${durationText(windowMs)} hold too few readings to say which of the two is wrong; that does not reject it.`
  }
  const about = `the median ${amountText(median)} of the last ${durationText(windowMs)}`
  if (!guilty) return `${jump} Both are as far from ${about}, so neither is rejected for it.`
  return later.value === earlier.value
    ? `It stays at ${amountText(later.value)}, which was a jump just before, ${amountText(Math.abs(later.value - median))} from ${about}.`
    : `${jump} It is further than the other one from ${about}.`
}

function flatSentence({ from, to, least, greatest }: FlatLine, { rules, unit }: Words): string {
  const value = least === greatest ? amountText(least) : `between ${amountText(least)} and ${amountText(greatest)}`
  const minutes = rules.constant?.minutes ?? 0
  return `It has been ${value}${unit} from ${timeText(from.atMs)} to ${timeText(to.atMs)}; ${minutes} minutes without a change are a flat line.`
}

function twinSentence(vote: TwinVote, { rules: { twin }, unit }: Words): string {
  const { asked, against } = vote
  const others = asked === 1 ? 'The other sensor' : `${against.length} of the ${asked} other sensors`
  if (twin === null || !isOutvoted(vote)) {
    return `${asked === 1 ? 'The other sensor of this quantity on its device agrees' : `Of the ${asked} other sensors of this quantity on its device ${asked - against.length} agree`}.`
  }
  const values = against.map(({ id, value }) => `${id} had ${amountText(value)}${unit}`).join(', ')
  const ratio = twin.ratio === 0 ? '' : ` and ${amountText(twin.ratio * 100)} % of their mean`
  return `${others} of this quantity on its device ${asked === 1 ? 'disagrees' : 'disagree'}: ${values}; a difference above ${amountText(twin.absolute)}${unit}${ratio} is too much.`
}

function neighbourSentences(input: VerdictInput, point: Point, flags: Flags, words: Words): string[] {
  const { rules } = words
  if (rules.buddy === null && rules.spatial === null) return []
  const codes = codesOf(flags).filter(code => code !== 'buddy' && code !== 'spatial')
  const self = selfOf(input)
  const found = findAmong(self, point, prepareNeighbours(self, input.neighbours), rules)
  const rejectedBefore = codes.some(code => !['jump_unclear', 'isolated', 'late'].includes(code))
  if (found === null || rejectedBefore) return ['Its neighbours are not asked, since it is rejected without them.']
  if (found.buddy === null && found.spatial === null) return [isolatedSentence(rules)]
  return comparisons(found, point, words)
}

function isolatedSentence({ buddy, spatial }: QualityRules): string {
  const wants = [buddy, spatial].flatMap(rule =>
    rule === null ? [] : [`${rule.neighboursMin} within ${amountText(rule.radiusM / 1_000)} km`],
  )
  return `It has too few neighbours to be compared with (${wants.join(' or ')} are needed). That does not reject it.`
}

function comparisons({ buddy, spatial }: NeighbourFinding, point: Point, { rules, unit }: Words): string[] {
  const sentences: string[] = []
  const value = `${amountText(point.value ?? Number.NaN)}${unit} at ${timeText(point.atMs)}`
  for (const [check, found] of [
    ['buddy', buddy],
    ['spatial', spatial],
  ] as const) {
    if (found === null) continue
    const { neighbours, dropped, expected, spread, difference, allowed } = found
    const what =
      check === 'buddy'
        ? `its ${neighbours} neighbours' median`
        : `what its ${neighbours} neighbours predict for its place,`
    const verdict = isFar(found) ? 'at most' : 'up to'
    sentences.push(
      `${value} is ${amountText(difference)} from ${what} ${amountText(expected)}; ${verdict} ${amountText(allowed)} is allowed ` +
        `(threshold ${amountText(rules[check]?.threshold ?? 0)} × spread ${amountText(spread)}).`,
    )
    if (dropped > 0) {
      sentences.push(
        `${dropped === 1 ? 'One neighbour was' : `${dropped} neighbours were`} left out for being far from the others.`,
      )
    }
  }
  return sentences
}
