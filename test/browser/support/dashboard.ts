/** The page as the package ships it, built anew from the sources, so that no test looks at an old one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'tsup'
import config from '../../../tsup.config.ts'

const OUT_DIR = 'dist/dashboard'

/** A folder for `dashboardDir`, and what deletes it. */
export interface BuiltDashboard extends Disposable {
  readonly dir: string
}

/** Builds the page into a folder of its own, as tsup.config.ts says. */
export async function buildDashboard(): Promise<BuiltDashboard> {
  const options = [config].flat().find(one => typeof one === 'object' && one.outDir === OUT_DIR)
  if (options === undefined || typeof options === 'function') throw new Error(`tsup.config.ts builds no ${OUT_DIR}.`)
  const dir = mkdtempSync(join(tmpdir(), 'hedgerow-dashboard-'))
  await build({ ...options, outDir: dir, config: false, silent: true })
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}
