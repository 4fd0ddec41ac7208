/**
 * Reads the text exposition format of Prometheus by its grammar, and throws at whatever Prometheus would refuse or misread.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { strict as assert } from 'node:assert'

export interface ReadSample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface ReadFamily {
  type: string
  help: string
  samples: ReadSample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (NaN|[+-]Inf|[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?)$`)
const PAIR = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/
const UNITS = /_(seconds|bytes|total|credits)$/
const PARTS = ['_bucket', '_sum', '_count']

/** Families by name; every rule about names, types, order and histograms is checked. */
export function readExposition(text: string): Map<string, ReadFamily> {
  assert.ok(text.endsWith('\n'), 'the last line ends')
  const families = new Map<string, ReadFamily>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) (.*)$/.exec(line)
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    if (help) {
      current = help[1] ?? ''
      assert.ok(!families.has(current), `${current} comes once`)
      families.set(current, { type: '', help: help[2] ?? '', samples: [] })
    } else if (type) {
      assert.equal(type[1], current, 'TYPE follows HELP of the same name')
      const family = families.get(current)
      assert.ok(family && family.type === '' && family.samples.length === 0, 'TYPE comes once and before samples')
      family.type = type[2] ?? ''
    } else readSample(line, current, families.get(current))
  }
  for (const [name, family] of families) checkFamily(name, family)
  return families
}

function readSample(line: string, current: string, family: ReadFamily | undefined): void {
  const found = SAMPLE.exec(line)
  assert.ok(found && family, `a line is a sample: ${line}`)
  const [, name = '', pairs = '', number = ''] = found
  const known = family.type === 'histogram' ? PARTS.map(part => current + part) : [current]
  assert.ok(known.includes(name), `${name} stands with its family ${current}`)
  family.samples.push({ name, labels: readLabels(pairs), value: Number(number.replace('Inf', 'Infinity')) })
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = text; rest !== ''; ) {
    const pair = PAIR.exec(rest)
    assert.ok(pair, `labels are pairs: ${text}`)
    const [whole, name = '', value = ''] = pair
    assert.ok(!(name in labels), `label ${name} comes once`)
    labels[name] = value.replaceAll(/\\(["\\n])/g, (_, char) => (char === 'n' ? '\n' : char))
    rest = rest.slice(whole.length)
  }
  return labels
}

function checkFamily(name: string, { type, help, samples }: ReadFamily): void {
  assert.ok(type !== '' && help.endsWith('.'), `${name} has a type and a sentence`)
  assert.equal(type === 'counter', name.endsWith('_total'), `${name}: counters end in _total`)
  if (type === 'histogram') assert.match(name, /_(seconds|bytes|rows)$/)
  else if (/second|byte/.test(name)) assert.match(name, UNITS)
  const series = samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`)
  assert.equal(new Set(series).size, series.length, `no line of ${name} comes twice`)
  if (type === 'counter') assert.ok(samples.every(({ value }) => value >= 0))
  if (type === 'histogram') checkHistogram(name, samples)
}

function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
  for (const group of groups.values()) {
    const buckets = group.filter(sample => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')))
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
      'bounds ascend',
    )
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY)
    const counts = buckets.map(({ value }) => value)
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
      'buckets are cumulative',
    )
    assert.equal(group.find(sample => sample.name === `${name}_count`)?.value, counts.at(-1))
    assert.ok(group.some(sample => sample.name === `${name}_sum`))
  }
}
