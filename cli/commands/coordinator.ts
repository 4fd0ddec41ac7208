import { defineCommand } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
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
  options: REGION_OPTIONS,
  examples: [
    { line: 'hedgerow coordinator', does: 'a region for this machine' },
    {
      line: 'hedgerow coordinator --region allotments --host 0.0.0.0 --public-host 192.168.1.10',
      does: 'for a network',
    },
  ],
  run: async invocation => {
    const { io, out } = invocation
    const fatal = Promise.withResolvers<never>()
    const { startCoordinator } = await import('../../coordinator/index.ts')
    const running = await startCoordinator({
      ...(await coordinatorOptions(invocation)),
      log: coordinatorLog(io.clock, line => io.stderr.write(line)),
      onFatal: fatal.reject,
    })
    const { name, mqttUrl, httpUrl } = running
    out.result({ region: name, mqttUrl, httpUrl }, style => [`Region ${style.bold(name)}: ${mqttUrl} and ${httpUrl}`])
    await Promise.race([untilAborted(io.stop), fatal.promise])
    await running.close()
    return EXIT.ok
  },
})
