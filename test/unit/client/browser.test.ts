import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('the client bundles for a browser without any module of Node', async () => {
  const { outputFiles } = await build({
    entryPoints: ['client/index.ts'],
    absWorkingDir: new URL('../../..', import.meta.url).pathname,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2024',
    logLevel: 'silent',
  })
  const [bundle] = outputFiles
  expect(bundle?.text).toContain('connectSubmitter')
  expect(bundle?.text).not.toMatch(/from ["']node:|require\(["']node:/)
})
