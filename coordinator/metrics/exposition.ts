/**
 * Writes measurements as Prometheus reads them: the text exposition format 0.0.4.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { assert } from '../../protocol/index.ts'

/** Values of labels by their names. */
export type Labels = Readonly<Record<string, string>>

/** One line. */
export interface Sample {
  readonly labels?: Labels
  readonly value: number
  /** Of histograms alone: which of its lines this is. */
  readonly part?: 'bucket' | 'sum' | 'count'
}

/** Everything of one name. */
export interface Family {
  /** Ends in its unit, such as `_seconds` or `_bytes`; a counter's ends in `_total`. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One sentence for operators. */
  readonly help: string
  readonly samples: readonly Sample[]
}

/** The `Content-Type` of the format. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** A gauge with a single value; nothing when the value is not known. */
export function gauge(name: string, help: string, value: number | null): Family[] {
  return value === null ? [] : [{ name, type: 'gauge', help, samples: [{ value }] }]
}

/** A counter with a single value. */
export function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [{ value }] }
}

/** The whole answer to a scrape. Families come in the order given, each once. */
export function expositionText(families: readonly Family[]): string {
  const seen = new Set<string>()
  const lines = families.flatMap(family => {
    const { name, type, help } = family
    assert(NAME.test(name) && !seen.has(name), `a family has a name of its own: ${name}`)
    assert((type === 'counter') === name.endsWith('_total'), `counters end in _total, and nothing else does: ${name}`)
    seen.add(name)
    return [
      `# HELP ${name} ${escapeHelp(help)}`,
      `# TYPE ${name} ${type}`,
      ...family.samples.map(one => line(name, one)),
    ]
  })
  return `${lines.join('\n')}\n`
}

function line(name: string, { labels = {}, value, part }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => {
    assert(LABEL.test(label), `a label has a name: ${label}`)
    return `${label}="${escapeLabel(text)}"`
  })
  const suffix = part === undefined ? '' : `_${part}`
  return `${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}`
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
