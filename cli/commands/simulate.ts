import { defineCommand } from '../command.ts'
import { fractionOption, OWNERS_OPTION, planOf, wholeOption } from '../plan-options.ts'

/** `hedgerow simulate` */
export const simulate = defineCommand({
  name: 'simulate',
  summary: 'try a region on virtual time: how long a job takes, what it costs, who is caught',
  details:
    'Runs the coordinator and the device runtime that regions run, without a network and on virtual time; only the sandbox is replaced, by a cost model. One job is handed to a fleet, and how it went is printed. The same seed gives the same answer. Rates and times are those of the region, not of this machine. Needs no region. Exit code 3 when the job was not done. What the figures mean and leave out is in docs/simulation.md.',
  options: {
    devices: wholeOption('devices', 'devices'),
    owners: OWNERS_OPTION,
    slots: wholeOption('slots', 'leases that a device works on at once'),
    cheaters: fractionOption('cheaters', 'share of the devices that answer wrongly now and then'),
    colluding: { type: 'flag', describe: 'the cheats agree on their wrong answers' },
    units: wholeOption('units', 'units of the job'),
    'unit-ms': wholeOption('unitMs', 'milliseconds that a unit takes on a device of middling speed'),
    theta: fractionOption('theta', 'how sure the region must be of an answer'),
    trust: { type: 'flag', describe: 'take the first answer to each unit' },
    hours: fractionOption('hours', 'virtual hours after which the job is given up'),
    loss: fractionOption('loss', 'share of the segments on the lines of devices that are lost'),
    churn: fractionOption('churn', 'how often an hour each device is switched off for some minutes'),
    seed: wholeOption('seed', 'what everything by chance is drawn from'),
  },
  examples: [
    { line: 'hedgerow simulate --devices 50 --units 20000', does: 'an honest fleet' },
    {
      line: 'hedgerow simulate --devices 200 --owners 50 --cheaters 0.05 --colluding --loss 0.01',
      does: 'ten cheats of one mind among two hundred devices on poor lines',
    },
    { line: 'hedgerow simulate --trust --seed 7 --json', does: 'the figures as one JSON object' },
  ],
  run: async ({ options, io, out }) => {
    const plan = planOf(options)
    const { simulatePlan } = await import('../simulate-plan.ts')
    return simulatePlan(plan, { io, out })
  },
})
