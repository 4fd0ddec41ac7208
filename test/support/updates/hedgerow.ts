/** The commands of releases and updates as a program; a version of the tests brings its own device. */
import { deviceUpdate } from '../../../cli/commands/device-update.ts'
import { releaseAdd } from '../../../cli/commands/release-add.ts'
import { releaseInit } from '../../../cli/commands/release-init.ts'
import { releaseRefresh } from '../../../cli/commands/release-refresh.ts'
import { releaseRollout } from '../../../cli/commands/release-rollout.ts'
import { releaseRotate } from '../../../cli/commands/release-rotate.ts'
import { releaseStatus } from '../../../cli/commands/release-status.ts'
import { runProcess } from '../../../cli/process.ts'

await runProcess(process.env.HEDGEROW_TEST_ENTRY ?? import.meta.filename, [
  releaseInit,
  releaseAdd,
  releaseRollout,
  releaseRefresh,
  releaseStatus,
  releaseRotate,
  deviceUpdate,
])
