import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Where CI wants the machine-readable report; people read the terminal. */
const report = process.env.HEDGEROW_TEST_REPORT

/** Tests of functions and files. They leave nothing behind in their process, so the next file need not read every module again. */
const PARTS = ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts', 'test/vectors/**/*.test.ts']

/** Files of half a minute and more: one that begins last would leave the other processors idle until it ends. */
const LONGEST = [
  'hostile/hostile',
  'integration/updates',
  'property/tamper-rows',
  'simulation/',
  'browser/',
  'package/',
  'arm64/',
  'integration/hostile-',
  'differential/generated-modules',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some(name => moduleId.includes(`/test/${name}`))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter(file => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two-core machines run several processes per integration test; more files at once only makes them wait.
    maxWorkers: 2,
    reporters: report ? ['default', 'json'] : ['default'],
    ...(report ? { outputFile: { json: report } } : {}),
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'parts', include: PARTS, isolate: false } },
      { extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'], exclude: PARTS } },
    ],
  },
})
