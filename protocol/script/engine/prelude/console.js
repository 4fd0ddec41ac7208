/** A console that writes to standard error: it is shown by `hedgerow task run` and dropped on devices. */

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn']
const DEPTH_MAX = 4
const ITEMS_MAX = 100

/** @param host.print - (text) => writes it to standard error */
export default function installConsole(host) {
  const write = (...values) => {
    host.print(`${values.map(value => (typeof value === 'string' ? value : show(value, 0))).join(' ')}\n`)
  }
  const console = Object.fromEntries(METHODS.map(name => [name, write]))
  Object.defineProperty(globalThis, 'console', {
    value: console,
    writable: true,
    enumerable: false,
    configurable: true,
  })
  return { show: value => show(value, 0) }
}

/** The value as a person writes it down, or near it. */
function show(value, depth) {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'symbol') return value.toString()
  if (typeof value === 'function') return `[function ${value.name || 'without a name'}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error) return showError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (depth === DEPTH_MAX) return Array.isArray(value) ? '[…]' : '{…}'
  return showItems(value, depth)
}

function showError(error, depth) {
  // The script's own frames, without those of the functions that called it.
  const frames = String(error.stack ?? '')
    .split('\n')
    .filter(line => line !== '' && !line.includes('(hedgerow:'))
  const cause = error.cause === undefined ? [] : [`  caused by ${show(error.cause, depth + 1)}`]
  return [String(error), ...frames, ...cause].join('\n')
}

function showItems(value, depth) {
  const inner = item => show(item, depth + 1)
  if (Array.isArray(value)) return `[${listed(value, inner)}]`
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name} [${listed(value, inner)}]`
  }
  if (value instanceof Set) return `Set {${listed(value, inner)}}`
  if (value instanceof Map) return `Map {${listed(value, ([key, item]) => `${inner(key)} => ${inner(item)}`)}}`
  return `{${listed(Object.entries(value), ([key, item]) => `${key}: ${inner(item)}`)}}`
}

function listed(items, showItem) {
  const shown = []
  for (const item of items) {
    if (shown.length === ITEMS_MAX) {
      shown.push('…')
      break
    }
    shown.push(showItem(item))
  }
  return shown.join(', ')
}
