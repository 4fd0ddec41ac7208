/** What `hedgerow flash` says: the plan of a card, byte for byte when asked, and what was done. */
import type { BootFile, Disk, Plan } from '../hardware/image/index.ts'
import type { Terminal } from './io.ts'
import type { Style } from './terminal/style.ts'
import { type Column, tableLines } from './terminal/table.ts'
import { printable } from './terminal/text.ts'

/** One file of a plan, as JSON. */
export interface FileJson {
  readonly path: string
  readonly bytes: number
  readonly secret: boolean
  /** Its text; null for what is no text, or secret and not asked for. */
  readonly text: string | null
  /** Its bytes when it is no text, up to {@link BINARY_BYTES_MAX}; null otherwise. */
  readonly base64: string | null
}

const BINARY_BYTES_MAX = 4_096

/** A plan as JSON. */
export function planJson({ detected, warnings, files }: Plan, showSecrets: boolean) {
  return { detected, warnings, files: files.map(file => fileJson(file, showSecrets)) }
}

function fileJson({ path, content, secret = false }: BootFile, showSecrets: boolean): FileJson {
  const shown = showSecrets || !secret
  const text = shown ? textOf(content) : null
  const binary = shown && text === null && content.length <= BINARY_BYTES_MAX
  return { path, bytes: content.length, secret, text, base64: binary ? Buffer.from(content).toString('base64') : null }
}

/** A plan with every file's text. */
export function planLines(plan: Plan, showSecrets: boolean, style: Style): string[] {
  return [
    ...foundLines(plan, style),
    ...plan.files.flatMap(file => ['', ...fileLines(fileJson(file, showSecrets), style)]),
  ]
}

/** What was found, and what will not be as it was wished for. */
export function foundLines({ detected, warnings }: Plan, style: Style): string[] {
  return [
    `${style.bold(printable(detected.os))}: settings as ${detected.format}`,
    ...detected.why.map(reason => style.dim(`  ${printable(reason)}`)),
    ...warnings.map(warning => style.warn(`  ${printable(warning)}`)),
  ]
}

function fileLines({ path, bytes, secret, text }: FileJson, style: Style): string[] {
  const heading = style.bold(`── ${printable(path)} (${bytes} bytes)`)
  if (text !== null) {
    const lines = text.replace(/\n$/, '').split('\n')
    return [heading, ...lines.map(line => printable(line.replaceAll('\t', '    ')))]
  }
  return [heading, style.dim(secret ? 'secret: --show-secrets prints it' : 'not a text')]
}

/** UTF-8 without control characters but tabs and line ends; null for anything else. */
function textOf(content: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
    return /[^\P{Cc}\t\r\n]/u.test(text) ? null : text
  } catch {
    return null
  }
}

const DISK_COLUMNS: readonly Column<Disk>[] = [
  { title: 'DISK', value: ({ path }) => path },
  { title: 'SIZE', value: ({ sizeBytes }) => (sizeBytes === 0 ? 'no card' : gigabytes(sizeBytes)), align: 'right' },
  { title: 'MODEL', value: ({ model }) => model || '-', shrinks: true },
  { title: 'REMOVABLE', value: ({ removable }) => (removable ? 'yes' : 'no') },
  {
    title: 'IN USE',
    value: ({ system, uses }) => (system ? 'system' : usesOf(uses) || 'no'),
    paint: ({ system, uses }, style) => (system ? style.bad : uses.length > 0 ? style.warn : style.good),
    shrinks: true,
  },
]

function usesOf(uses: Disk['uses']): string {
  return uses.map(use => (use.kind === 'mounted' ? use.where : use.kind === 'held' ? use.by : 'swap')).join(' ')
}

/** The disks of this machine. */
export function diskLines(disks: readonly Disk[], terminal: Terminal, style: Style): string[] {
  return disks.length === 0
    ? ['There is no disk that could be a card.']
    : tableLines(disks, DISK_COLUMNS, terminal, style)
}

/** `31.9 GB`, as it is printed on cards. */
export function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
