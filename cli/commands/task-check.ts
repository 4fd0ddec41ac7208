import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes, formatCount } from '../terminal/format.ts'
import { factLines } from '../terminal/table.ts'

/** `hedgerow task check` */
export const taskCheck = defineCommand({
  name: 'task check',
  summary: 'say whether a task can run on devices, and what it is',
  details:
    'Reads the module as a region and its devices do: the profile of WebAssembly, imports, limits. Nothing is run and no region is asked. What is wrong is named with its section, function and byte.',
  positionals: [{ name: 'MODULE', describe: 'a WebAssembly file, or a .js file' }],
  examples: [
    { line: 'hedgerow task check word-count.wasm', does: 'what the module is, or why it is refused' },
    {
      line: 'hedgerow task check word-count.wasm --json',
      does: 'the same for a script; exit code 1 when it is refused',
    },
  ],
  run: async ({ args: [name = ''], io, out }) => {
    const { describeTask } = await import('../task-description.ts')
    const { readTaskModule } = await import('../task-module.ts')
    const task = describeTask(await readTaskModule(io.cwd, name))
    out.result(task, style => [
      ...factLines(
        {
          kind: task.abi === 'wasi' ? 'WASI command (_start)' : 'reactor (alloc, run)',
          size: `${formatBytes(task.bytes)}; ${formatBytes(task.meteredBytes)} with what counts its fuel`,
          functions: formatCount(task.functions),
          memory: `starts with ${formatBytes(task.memoryBytes)}, ${
            task.memoryBytesMax === null
              ? 'grows to what the job allows'
              : `grows to ${formatBytes(task.memoryBytesMax)} at most`
          }`,
          imports: task.imports.length === 0 ? 'none' : task.imports.join(', '),
          'between units': task.resettable ? 'one instance, set back each time' : 'a new instance for each unit',
          'metering version': task.metering,
          sha256: task.sha256,
        },
        style,
      ),
      style.good('Devices can run it.'),
    ])
    return EXIT.ok
  },
})
