import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openIdentity } from '../../../device/index.ts'
import { deviceIdOf, seededRandom } from '../../../protocol/index.ts'
import { nodeVerifier } from '../../../protocol/node/index.ts'
import { tempDirs } from '../../support/temp-dir.ts'

const folder = tempDirs()

describe('openIdentity', () => {
  it('makes a key that only its own user can read, and is the same device ever after', () => {
    const dir = folder()
    const path = join(dir, 'device.key')
    const made = openIdentity(path, seededRandom(1))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path)).toHaveLength(32)
    expect(readdirSync(dir)).toEqual(['device.key'])
    expect(made.id).toBe(deviceIdOf(made.signer.publicKey))
    expect(openIdentity(path, seededRandom(2)).id).toBe(made.id)
  })

  it('signs with the key in the file', () => {
    const { signer } = openIdentity(join(folder(), 'device.key'), seededRandom(3))
    const message = new Uint8Array([1, 2, 3])
    expect(nodeVerifier().verify(signer.publicKey, message, signer.sign(message))).toBe(true)
  })

  it('refuses a key that others can read, and says how to mend it', () => {
    const path = join(folder(), 'device.key')
    openIdentity(path, seededRandom(1))
    chmodSync(path, 0o644)
    expect(() => openIdentity(path, seededRandom(1))).toThrow(`run 'chmod 600 ${path}'`)
  })

  it.each([0, 31, 33])('refuses a key of %i bytes, and says how to mend it', bytes => {
    const path = join(folder(), 'device.key')
    writeFileSync(path, new Uint8Array(bytes), { mode: 0o600 })
    expect(() => openIdentity(path, seededRandom(1))).toThrow(
      expect.objectContaining({ info: { code: 'damaged', path, reason: `it has ${bytes} bytes instead of 32` } }),
    )
  })

  it('names a folder that is not there', () => {
    expect(() => openIdentity(join(folder(), 'missing', 'device.key'), seededRandom(1))).toThrow(/cannot be made/)
  })
})
