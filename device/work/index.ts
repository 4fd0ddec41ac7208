/** Runs leases in sandbox processes. */
export {
  createRunner,
  type Inspection,
  type Runner,
  type RunnerComponents,
  type RunnerInit,
  type RunRequest,
  type RunResult,
  type SandboxRunner,
} from './runner.ts'
