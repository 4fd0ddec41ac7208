import { isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { defineConfig, type Options } from 'tsup'

/**
 * Puts the MQTT library into the device's own code as one piece. From node_modules it is 93 CommonJS files, which cost a device 13 MB
 * and 25 ms. Its copy of Node's streams becomes Node's own; what a device never uses of it stays outside.
 */
const lightMqtt: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'light-mqtt',
  setup(build) {
    build.onResolve({ filter: /^mqtt$/ }, ({ importer, pluginData }) => {
      if (pluginData === 'inside') return undefined
      if (!importer.endsWith('device/link/mqtt-link.ts')) return { path: 'mqtt', external: true }
      return build.resolve('mqtt', {
        importer,
        resolveDir: dirname(importer),
        kind: 'require-call',
        pluginData: 'inside',
      })
    })
    build.onResolve({ filter: /^(ws|socks|supports-color)$/ }, ({ path }) => ({ path, external: true }))
    build.onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'stream', namespace: 'builtin' }))
    build.onResolve({ filter: /^[a-z_]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'builtin' } : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}')`,
    }))
  },
}

const shared: Options = {
  format: 'esm',
  target: 'node24',
  platform: 'node',
  // Later `node:` modules such as node:sqlite exist only under their prefixed name.
  removeNodeProtocol: false,
  sourcemap: false,
}

const library: Options = {
  ...shared,
  entry: {
    'protocol/index': 'protocol/index.ts',
    'protocol/node/index': 'protocol/node/index.ts',
    'device/index': 'device/index.ts',
    'coordinator/index': 'coordinator/index.ts',
    'client/index': 'client/index.ts',
    'hardware/index': 'hardware/index.ts',
    'auditor/index': 'auditor/index.ts',
    'cli/main': 'cli/main.ts',
  },
  splitting: true,
  noExternal: ['mqtt'],
  esbuildPlugins: [lightMqtt],
  // The builds run at once, and each cleans up only after itself; the JavaScript engine knows itself when it is stale.
  clean: ['!device/sandbox/**', '!device/launcher.mjs', '!protocol/javascript-engine.*', '!dashboard/**'],
  onSuccess: 'node protocol/script/engine/build.ts --quiet',
  dts: {
    entry: [
      'protocol/index.ts',
      'protocol/node/index.ts',
      'device/index.ts',
      'coordinator/index.ts',
      'client/index.ts',
      'hardware/index.ts',
      'auditor/index.ts',
    ],
  },
}

// One file with everything in it, since a sandbox process may read nothing else. As CommonJS, which Node starts 11 ms sooner.
const sandbox: Options = {
  ...shared,
  format: 'cjs',
  entry: { 'device/sandbox/main': 'device/sandbox/main.ts' },
  splitting: false,
  noExternal: [/.*/],
  clean: false,
  dts: false,
}

// One file with nothing but Node's own modules in it, since it lies outside the versions that it starts.
const launcher: Options = {
  ...shared,
  entry: { 'device/launcher': 'device/launcher/main.ts' },
  outExtension: () => ({ js: '.mjs' }),
  splitting: false,
  noExternal: [/.*/],
  clean: false,
  dts: false,
}

// The coordinator's page, with all it needs: it loads nothing from anywhere else.
const dashboard: Options = {
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  entry: {
    main: 'dashboard/main.tsx',
    'verify-worker': 'dashboard/verify/worker.ts',
    'task-worker': 'dashboard/editor/task-worker.ts',
  },
  outDir: 'dist/dashboard',
  publicDir: 'dashboard/public',
  tsconfig: 'dashboard/tsconfig.json',
  splitting: true,
  minify: true,
  sourcemap: false,
  noExternal: [/.*/],
  clean: true,
  dts: false,
}

export default defineConfig([library, sandbox, launcher, dashboard])
