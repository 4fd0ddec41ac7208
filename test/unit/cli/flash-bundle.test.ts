/** Bundles, with a registry that is a folder: a shell script stands for npm. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flashBundle } from '../../../cli/commands/flash-bundle.ts'
import { EXIT } from '../../../cli/exit-codes.ts'
import { run } from '../../../cli/run.ts'
import { tempDirs } from '../../support/temp-dir.ts'
import { fakeIo } from './fake-io.ts'

const newFolder = tempDirs()

const NPM = `#!/bin/sh
case "$1 $2" in
"pack node-"*) echo "the registry has no such file" >&2; exit 1 ;;
"pack "*) mkdir package && cp -r "$2"/. package/ && tar -czf hedgerow-0.9.1.tgz package && rm -r package ;;
install*) mkdir -p node_modules/yaml && echo '{}' > node_modules/yaml/package.json ;;
esac
`

/** An installation of hedgerow, an npm before the real one, and a Node. */
function workshop(): { cwd: string; entry: string; path: string } {
  const cwd = newFolder()
  const put = (path: string, text: string): void => {
    mkdirSync(join(cwd, path, '..'), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  put('lib/hedgerow/package.json', JSON.stringify({ name: 'hedgerow', version: '0.9.1' }))
  put('lib/hedgerow/dist/cli/main.js', '')
  put('bin/npm', NPM)
  chmodSync(join(cwd, 'bin/npm'), 0o755)
  put('node/bin/node', '#!/bin/sh\n')
  return { cwd, entry: join(cwd, 'lib/hedgerow/dist/cli/main.js'), path: `${join(cwd, 'bin')}:${process.env.PATH}` }
}

async function bundle(shop: ReturnType<typeof workshop>, ...words: string[]) {
  const io = { ...fakeIo({ cwd: shop.cwd, env: { PATH: shop.path } }), entry: shop.entry }
  const code = await run(['flash', 'bundle', ...words], io, [flashBundle])
  return { code, out: io.stdout.text(), err: io.stderr.text() }
}

describe('hedgerow flash bundle', () => {
  it.each(['made.tar.gz', 'made.tar.xz'])('packs this installation, what it needs and a Node into %s', async name => {
    const shop = workshop()
    const { code, out, err } = await bundle(shop, '--out', name, '--node-dir', 'node')
    expect(err).toMatch(
      /^packing hedgerow 0\.9\.1 …\nfetching what it needs …\n[\s\S]*Hedgerow 0\.9\.1 with Node .*node for arm64/,
    )
    expect({ code, out }).toEqual({ code: EXIT.ok, out: `${join(shop.cwd, name)}\n` })
    const listed = execFileSync('tar', ['-tf', join(shop.cwd, name)], { encoding: 'utf8' }).split('\n')
    for (const path of [
      'node/arm64/bin/node',
      'hedgerow/package.json',
      'hedgerow/dist/cli/main.js',
      'hedgerow/node_modules/yaml/package.json',
    ]) {
      expect(listed).toContain(path)
    }
  })

  it('says what failed, and leaves nothing', async () => {
    const shop = workshop()
    const { code, err } = await bundle(shop, '--out', 'made.tar.gz')
    expect(code).toBe(EXIT.failure)
    expect(err).toContain(
      "hedgerow: The bundle could not be made, since 'npm pack' failed: the registry has no such file.\n",
    )
    expect(readdirSync(shop.cwd).toSorted()).toEqual(['bin', 'lib', 'node'])
  })

  it('needs a Node where one is said to be, and a built package', async () => {
    const shop = workshop()
    const { err } = await bundle(shop, '--out', 'made.tar.gz', '--node-dir', 'lib')
    expect(err).toMatch(/There is no .*lib\/bin\/node: --node-dir is a folder with bin\/node\.\n$/)
    const unbuilt = await bundle({ ...shop, entry: join(shop.cwd, 'node', 'main.js') }, '--out', 'made.tar.gz')
    expect(unbuilt.err).toContain('is not built')
  })

  it.each([
    [[], '--out is missing'],
    [['--out', 'bundle.zip'], '--out must end in .tar.xz or .tar.gz'],
    [['--out', 'b.tar.gz', '--arch', 'arm'], "--arch must be arm64 or x64, not 'arm'"],
  ])('refuses %j', async (words, message) => {
    const { code, err } = await bundle(workshop(), ...words)
    expect(code).toBe(EXIT.usage)
    expect(err).toContain(message)
  })
})
