import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMetricsToken } from '../../../../coordinator/metrics/metrics-token.ts'
import { ConfigError } from '../../../../protocol/index.ts'
import { systemRandom } from '../../../../protocol/node/index.ts'
import { tempDirs } from '../../../support/temp-dir.ts'

const newFolder = tempDirs()

test('makes a token for its user alone, and gives the same ever after', () => {
  const path = join(newFolder(), 'metrics.token')
  const token = openMetricsToken(path, systemRandom)
  expect(token).toMatch(/^[a-z2-7]{39}$/)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(openMetricsToken(path, systemRandom)).toBe(token)
})

test('refuses a file that holds something else, and a folder that is not there', () => {
  const path = join(newFolder(), 'metrics.token')
  writeFileSync(path, 'hunter2')
  expect(() => openMetricsToken(path, systemRandom)).toThrow(ConfigError)
  expect(() => openMetricsToken(join(path, 'x'), systemRandom)).toThrow(/cannot be made/)
})
