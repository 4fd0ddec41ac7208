import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectForJobs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import { findJob } from '../find.ts'
import { billLines, printBillCsv, readBill } from '../job-bill.ts'
import { explainAbsence } from '../job-result.ts'

const name = 'job bill'

/** `hedgerow job bill` */
export const jobBill = defineCommand({
  name,
  summary: 'show what each unit of a finished job burned, and what that cost',
  details:
    'A bill has a line for each unit: its outcome (ok, trap:<kind>, exit:<code> or out_of_fuel) and its fuel. Devices that\n' +
    'answered for the same unit agreed on both, and each of them was paid for that fuel.',
  positionals: [{ name: 'JOB', describe: 'its id, the beginning of its id, or its name' }],
  options: { ...AS_OPTION, csv: { type: 'flag', describe: 'print all lines as CSV: unit,outcome,fuel' } },
  examples: [
    { line: 'hedgerow job bill word-count', does: 'sums, prices and the dearest units' },
    { line: 'hedgerow job bill word-count --csv > bill.csv', does: 'the fuel of every unit' },
  ],
  run: async ({ options, args: [text = ''], io, out }) => {
    if (options.csv && out.json) throw usage({ name }, '--csv and --json are two forms of one thing: choose one')
    const api = connectForJobs(io, options.state, options.as)
    const job = await api.job(await findJob(api, text))
    if (job.bill === null) return explainAbsence(job, 'bill', { out, io })
    if (options.csv) await printBillCsv(api, job, job.bill, io.stdout)
    else {
      const bill = await readBill(api, job, job.bill)
      out.result(bill, style => billLines(bill, io.stdout, style))
    }
    return EXIT.ok
  },
})
