import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSettingsFile } from '../../../cli/settings-file.ts'
import { RegionPolicy } from '../../../coordinator/config.ts'
import { PayoutConfig } from '../../../coordinator/payout/config.ts'
import { ConfigError } from '../../../protocol/index.ts'

const dir = mkdtempSync(join(tmpdir(), 'hedgerow-settings-'))
afterAll(() => rmSync(dir, { recursive: true }))
const path = join(dir, 'region.yaml')
const readText = (text: string) => {
  writeFileSync(path, text)
  return readSettingsFile(path)
}

test('credits, times and shares are read as the coordinator wants them', async () => {
  const { policy, payout } = await readText(`
gigafuelPrice: 0.02
holdbackWindow: 48h
epoch: 7d
priceStepMax: 0
disputeDeposit: 0.5
payout:
  method: csv
  minimum: 5
  fee: 0.35
  confirm: 30d
`)
  expect(policy).toEqual({
    gigafuelPriceMicro: 20_000n,
    holdbackWindowMs: 172_800_000,
    epochMs: 604_800_000,
    priceStepMax: 0,
    disputeDepositMicro: 500_000n,
  })
  expect(RegionPolicy(policy).epochMs).toBe(604_800_000)
  expect(PayoutConfig(payout)).toMatchObject({ method: 'csv', minimumMicro: 5_000_000n, feeMicro: 350_000n })
})

test('a contract is read with its signers and its scale', async () => {
  const signer = `0x${'ab'.repeat(20)}`
  const { payout } = await readText(`
payout:
  method: chain
  chain:
    chainId: 100
    contract: "${signer}"
    signers: ["${signer}"]
    creditScale: { baseUnits: 1000000000000, micro: 1 }
`)
  expect(PayoutConfig(payout).chain).toEqual({
    chainId: 100,
    contract: signer,
    signers: [signer],
    threshold: 1,
    creditScale: { baseUnits: 1_000_000_000_000n, micro: 1n },
  })
})

test('an empty list of settings leaves everything as it is', async () => {
  expect(await readText('{}')).toEqual({ policy: {} })
})

test.each([
  ['epoc: 1d', "region.yaml, line 1: The setting 'epoc' is not a known setting; did you mean 'epoch'?"],
  ['fee: 3\nepoch: daily', "line 1: The setting 'fee' is not a known setting"],
  ['epoch: daily', 'The setting \'epoch\' must be a duration such as 30s, 15m, 24h or 7d, not "daily".'],
  ['gigafuelPrice: cheap', 'must be an amount of credits such as 0.01'],
  ['payout: csv', "line 1: The setting 'payout' must be a list of settings"],
  ['payout:\n  methd: csv', "line 2: The setting 'payout.methd' is not a known setting; did you mean 'method'?"],
  ['payout:\n  method: chain\n  chain: { chainId: 1 }', "The setting 'payout.chain.contract' is missing"],
  ['- 1', 'The file must be a list of settings'],
])('%s is refused, with its line and what helps', async (text, message) => {
  await expect(readText(text)).rejects.toThrow(ConfigError)
  await expect(readText(text)).rejects.toThrow(message)
})
