import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { LOG_OPTIONS, openLogFormat } from '../log-format.ts'
import { coordinatorLog } from '../log-lines.ts'
import { coordinatorOptions, REGION_OPTIONS } from '../region-options.ts'
import { untilAborted } from '../wait.ts'

/** `hedgerow coordinator` */
export const coordinator = defineCommand({
  name: 'coordinator',
  summary: 'run the coordinator of a region, without devices',
  details:
    'It listens on this machine only, unless --host says otherwise. Its log goes to standard error.\n' +
    'Stopped or killed at any time, it goes on from its folder when it is started again.',
  options: { ...REGION_OPTIONS, ...LOG_OPTIONS },
  examples: [
    { line: 'hedgerow coordinator', does: 'a region for this machine' },
    { line: 'hedgerow coordinator --log-format json', does: 'with a log for programs, one JSON object a line' },
    {
      line: 'hedgerow coordinator --region allotments --host 0.0.0.0 --public-host 192.168.1.10',
      does: 'for a network',
    },
  ],
  run: async invocation => {
    const { io, out, options } = invocation
    const write = await openLogFormat(options, {
      name: 'coordinator',
      service: 'coordinator',
      clock: io.clock,
      level: 'info',
      writeLine: line => io.stderr.write(line),
    })
    const fatal = Promise.withResolvers<never>()
    const { startCoordinator } = await import('../../coordinator/index.ts')
    const running = await startCoordinator({
      ...(await coordinatorOptions(invocation)),
      log: coordinatorLog(write),
      onFatal: fatal.reject,
    })
    const { name, mqttUrl, httpUrl } = running
    out.result({ region: name, mqttUrl, httpUrl }, style => [`Region ${style.bold(name)}: ${mqttUrl} and ${httpUrl}`])
    await Promise.race([untilAborted(io.stop), fatal.promise])
    await running.close()
    return EXIT.ok
  },
})
