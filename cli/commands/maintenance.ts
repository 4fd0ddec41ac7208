import { defineCommand } from '../command.ts'
import { connectOperator } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'

/** `hedgerow maintenance` */
export const maintenance = defineCommand({
  name: 'maintenance',
  summary: 'hand out no work for a while',
  details:
    'Devices finish what they hold and stay connected. Jobs are taken and wait, and readings go on. It lasts over restarts until it\n' +
    'is ended.',
  options: {
    reason: { type: 'text', value: 'TEXT', default: 'maintenance', describe: 'shown wherever it is asked why' },
    end: { type: 'flag', describe: 'hand out work again' },
  },
  examples: [
    { line: 'hedgerow maintenance --reason "the disk is replaced"', does: 'nothing new begins' },
    { line: 'hedgerow maintenance --end', does: 'work goes on' },
  ],
  run: async ({ options, io, out }) => {
    const api = connectOperator(io, options.state)
    const region = options.end ? await api.maintenanceEnd() : await api.maintenanceBegin(options.reason)
    out.result(region, () => [
      options.end ? 'Work is handed out again.' : "No work is handed out until 'hedgerow maintenance --end'.",
    ])
    return EXIT.ok
  },
})
