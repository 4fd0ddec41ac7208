import { defineCommand } from '../command.ts'

/** `hedgerow task run` */
export const taskRun = defineCommand({
  name: 'task run',
  summary: 'run one unit of a task here, with the fuel it would be billed',
  details:
    "Runs in the sandbox that devices use. The unit's input comes from standard input or --input, its output goes to standard output, and everything else to standard error. Fuel is the same on every machine; random bytes follow from the job and the unit, so in a job they are others. Exit code 3 when the unit trapped, exited with a code or ran out of fuel.",
  positionals: [{ name: 'MODULE', describe: 'a WebAssembly file, or a .js file' }],
  options: {
    input: { type: 'text', value: 'FILE', describe: 'the input of the unit; standard input when left out' },
    args: { type: 'text', value: 'WORDS', describe: 'program arguments, divided at spaces' },
    unit: { type: 'integer', value: 'N', min: 0, max: 9_999_999, default: 0, describe: 'number of the unit' },
    memory: {
      type: 'integer',
      value: 'MIB',
      min: 1,
      max: 512,
      default: 64,
      describe: 'as task.memoryMiB; 64 when left out',
    },
    'fuel-max': {
      type: 'integer',
      value: 'FUEL',
      min: 1,
      max: 100_000_000_000,
      default: 1_000_000_000,
      describe: 'as task.unitFuelMax; 1000000000 when left out',
    },
    timeout: {
      type: 'integer',
      value: 'MS',
      min: 1,
      max: 600_000,
      default: 60_000,
      describe: 'give up after this many milliseconds; 60000 when left out',
    },
    profile: { type: 'flag', describe: 'show which functions burn the fuel' },
  },
  examples: [
    { line: "echo '0 500' | hedgerow task run primes.wasm", does: 'the output, and what it cost' },
    {
      line: 'hedgerow task run parse.wasm --input page.html --profile',
      does: 'also the functions that burned the fuel',
    },
    { line: 'hedgerow task run parse.wasm --input page.html --json', does: 'all of it as one JSON object' },
  ],
  run: async invocation => {
    const { runTask } = await import('../task-run.ts')
    return runTask(invocation)
  },
})
