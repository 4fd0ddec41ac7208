import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { openRegionKey } from '../../../coordinator/identity.ts'
import { ConfigError } from '../../../protocol/index.ts'
import { systemRandom } from '../../../protocol/node/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const tempDir = tempDirs()

it('a kill while the key is made leaves no half a key behind', () => {
  const dir = tempDir()
  const path = join(dir, 'region.key')
  // What such a kill leaves: a draft, cut short, which is never taken for the key.
  writeFileSync(`${path}.0123456789ab.new`, new Uint8Array(7), { mode: 0o600 })
  const { id } = openRegionKey(path, systemRandom)
  expect(openRegionKey(path, systemRandom).id).toBe(id)
  expect(readdirSync(dir).sort()).toEqual(['region.key', 'region.key.0123456789ab.new'])
  expect(statSync(path)).toMatchObject({ size: 32 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('never makes a new key in the place of a damaged one', () => {
  const path = join(tempDir(), 'region.key')
  writeFileSync(path, new Uint8Array(31), { mode: 0o600 })
  expect(() => openRegionKey(path, systemRandom)).toThrow(ConfigError)
  expect(readdirSync(dirname(path))).toEqual(['region.key'])
})
