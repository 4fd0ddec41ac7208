/** Runs leases in sandbox processes. */
export {
  createRunner,
  type Runner,
  type RunnerComponents,
  type RunnerInit,
  type RunRequest,
  type RunResult,
} from './runner.ts'
