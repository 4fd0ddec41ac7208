/** Rules about the code as a whole that a reader should be able to rely on, and that no compiler checks. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** What each room may import from. Arrows point one way: protocol ← hardware ← device, and so on. */
const ROOMS: Record<string, readonly string[]> = {
  protocol: [],
  hardware: ['protocol'],
  device: ['protocol', 'hardware'],
  coordinator: ['protocol'],
  auditor: ['protocol'],
  client: ['protocol'],
  releases: ['protocol'],
  dashboard: ['protocol', 'auditor', 'device', 'coordinator'],
  simulation: ['protocol', 'device', 'coordinator', 'auditor'],
  cli: ['protocol', 'hardware', 'device', 'coordinator', 'auditor', 'client', 'releases', 'simulation'],
}

/** Where time, chance and the environment may come from; everybody else is handed them. A folder ends with a slash. */
const WORLDLY: readonly [where: string, reason: string][] = [
  ['protocol/clock.ts', 'declares what a clock is'],
  ['protocol/node/clock.ts', 'the clock of a Node process'],
  ['protocol/node/random.ts', 'the random numbers of a Node process'],
  ['protocol/metering/imports.ts', 'names a function in a message to developers, and calls none'],
  ['client/platform.ts', 'the clock and random numbers of a browser or Node'],
  ['coordinator/main.ts', 'entry point: picks the real parts'],
  ['dashboard/platform.ts', 'the clock and storage of the browser'],
  ['dashboard/verify/worker.ts', 'entry point of the worker that audits in the browser'],
  ['cli/', 'entry point: runs on a real machine for a person'],
  ['examples/region-in-a-box/', 'entry point of the demonstration'],
]
const WORLDLY_CALLS =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bMath\.random\b|\bprocess\.env\b|(?<![.\w])(?:setTimeout|setInterval)\s*\(|\bgetRandomValues\b|\brandomBytes\b/

/** Each of these libraries is known to one file only, or to one in each room. */
const LIBRARIES: Record<string, readonly string[]> = {
  'cbor-x': ['protocol/cbor/decode.ts'],
  cborg: ['protocol/cbor/encode.ts'],
  mqtt: ['client/mqtt-transport.ts', 'device/link/mqtt-link.ts'],
  aedes: ['coordinator/broker/broker.ts'],
  'mqtt-packet': ['simulation/wire/packets.ts'],
  serialport: ['hardware/serial/node-port.ts'],
  'h3-js': ['coordinator/sensing/geography.ts', 'dashboard/map/cells.ts'],
  gps: ['hardware/drivers/gps.ts'],
  'xz-decompress': ['hardware/image/source/xz.ts'],
  yauzl: ['hardware/image/source/zip.ts'],
  partitioninfo: ['hardware/image/partitions.ts'],
  'js-fatfs': ['hardware/image/fat/fatfs.ts'],
  'tuf-js': ['device/update/trust.ts'],
  '@tufjs/models': ['releases/metadata.ts'],
  pino: ['cli/log-format-json.ts'],
  '@opentelemetry/api': ['coordinator/metrics/tracing.ts'],
  'ts-json-schema-generator': ['coordinator/http/openapi/build.ts'],
  qr: ['cli/qr/symbol.ts', 'dashboard/ui/qr.tsx'],
  'fast-png': ['cli/qr/png.ts'],
  leaflet: ['dashboard/map/leaflet-map.ts'],
  uplot: ['dashboard/charts/plot.ts'],
  codemirror: ['dashboard/editor/code-editor.ts'],
  'modbus-serial': ['hardware/drivers/modbus-bus.ts'],
}

/** Rooms within rooms that run in Node, whatever the room around them is for. The second builds what the package ships. */
const NODE_FOLDERS = ['protocol/node/', 'protocol/script/engine/']

const LINES_MAX = 400

const sources = [...Object.keys(ROOMS), 'examples']
  .flatMap(room => readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map(path => join(room, path)))
  .filter(path => /\.tsx?$/.test(path) && !path.includes('/assembly/'))
  .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))

/** What a file imports, types and lazy imports included. */
function importsOf(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|^import|\bimport\()\s*['"]([^'"]+)['"]/gm)
  return [...found].map(match => match[1] ?? '')
}

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
const roomOf = (path: string): string => path.split('/')[0] ?? ''

/** Every import of a file of ours by another, as paths from the root. */
const links = sources.flatMap(({ path, text }) =>
  importsOf(text)
    .filter(specifier => specifier.startsWith('.'))
    .map(specifier => ({ from: path, to: relative(root, resolve(root, dirname(path), specifier)) })),
)

describe('imports', () => {
  test('are found at all', () => {
    expect(links.length).toBeGreaterThan(500)
    expect(links).toContainEqual({ from: 'device/main.ts', to: 'protocol/index.ts' })
    // A lazy one.
    expect(links).toContainEqual({ from: 'device/main.ts', to: 'device/work/index.ts' })
  })

  test('point one way from room to room', () => {
    const wrong = links.filter(({ from, to }) => {
      const [importer, imported] = [roomOf(from), roomOf(to)]
      return importer in ROOMS && importer !== imported && !ROOMS[importer]?.includes(imported)
    })
    expect(wrong).toEqual([])
  })

  test('of Node are only where there is Node', () => {
    const browsers = sources.filter(
      ({ path }) => /^(protocol|client)\//.test(path) && !NODE_FOLDERS.some(folder => path.startsWith(folder)),
    )
    const wrong = browsers.flatMap(({ path, text }) => {
      const node = importsOf(text).filter(specifier => specifier.startsWith('node:'))
      return node.map(specifier => `${path}: ${specifier}`)
    })
    expect(wrong).toEqual([])
    const linked = links.filter(
      ({ from, to }) =>
        NODE_FOLDERS.some(folder => to.startsWith(folder) && !from.startsWith(folder)) &&
        /^(protocol|client)\//.test(from),
    )
    expect(linked).toEqual([])
  })

  test('end in .ts, so that Node runs the sources as they are', () => {
    const bundled = ({ from, to }: { from: string; to: string }) =>
      from.startsWith('dashboard/') && /\.(tsx|css)$/.test(to)
    expect(links.filter(link => !link.to.endsWith('.ts') && !bundled(link))).toEqual([])
  })

  test('of the coordinator by its page are types', () => {
    const imports = sources
      .filter(({ path }) => path.startsWith('dashboard/'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/^import (?!type\b).*coordinator\//gm)].map(([line]) => `${path}: ${line}`),
      )
    expect(imports).toEqual([])
  })

  test.each(Object.entries(LIBRARIES))('of %s are in %j', (library, paths) => {
    const users = sources.filter(({ text }) =>
      importsOf(text).some(specifier => specifier === library || specifier.startsWith(`${library}/`)),
    )
    expect(users.map(({ path }) => path).sort()).toEqual([...paths].sort())
  })
})

describe('time, chance and environment', () => {
  const users = sources.filter(({ text }) => WORLDLY_CALLS.test(withoutComments(text))).map(({ path }) => path)
  const isAllowed = (path: string) =>
    WORLDLY.some(([where]) => path === where || (where.endsWith('/') && path.startsWith(where)))

  test('come from few places', () => {
    expect(users.filter(path => !isAllowed(path))).toEqual([])
  })

  test('come from each of the places that are allowed to give them', () => {
    const given = WORLDLY.map(([where]) => where).filter(where => users.some(path => path.startsWith(where)))
    expect(WORLDLY.map(([where]) => where).filter(where => !given.includes(where))).toEqual([])
  })
})

test(`no file has more than ${LINES_MAX} lines`, () => {
  const long = sources.filter(({ text }) => text.split('\n').length > LINES_MAX + 1)
  expect(long.map(({ path }) => path)).toEqual([])
})

test('no file mentions a path of the machine it was written on', () => {
  const paths = trackedFiles()
  expect(paths.length).toBeGreaterThan(100)
  // A home folder of `me` is the documentation's.
  const machinePath = /(?<![\w.-])\/(?:home\/(?!me\b)|root\/|tmp\/|work\/|Users\/)/
  const wrong = paths
    .filter(path => !path.endsWith('.wasm') && path !== 'package-lock.json' && path !== 'test/unit/tidy.test.ts')
    .filter(path => machinePath.test(readIfThere(join(root, path))))
  expect(wrong).toEqual([])
})

test('no test runs alone', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(path =>
    path.endsWith('.test.ts'),
  )
  const alone = /\b(?:test|it|describe)\.only\b/
  expect(
    tests.filter(path => alone.test(readFileSync(join(root, 'test', path), 'utf8').replace(alone.source, ''))),
  ).toEqual([])
})

/** What git keeps; the sources, where they lie without it. */
function trackedFiles(): string[] {
  try {
    return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
      .split('\0')
      .filter(Boolean)
  } catch {
    return sources.map(({ path }) => path)
  }
}

/** A file that is tracked may have been deleted a moment ago. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
