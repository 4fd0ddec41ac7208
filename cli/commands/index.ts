/** Every command there is, in the order of `hedgerow help`. */
import type { Command } from '../command.ts'
import { campaignExplain } from './campaign-explain.ts'
import { campaignList } from './campaign-list.ts'
import { campaignResult } from './campaign-result.ts'
import { campaignStop } from './campaign-stop.ts'
import { campaignSubmit } from './campaign-submit.ts'
import { campaignWatch } from './campaign-watch.ts'
import { claimNew } from './claim-new.ts'
import { coordinator } from './coordinator.ts'
import { device } from './device.ts'
import { deviceExplain } from './device-explain.ts'
import { deviceList } from './device-list.ts'
import { deviceReinstate } from './device-reinstate.ts'
import { deviceRevoke } from './device-revoke.ts'
import { fund } from './fund.ts'
import { hardwareScan } from './hardware-scan.ts'
import { hardwareSimulate } from './hardware-simulate.ts'
import { jobBill } from './job-bill.ts'
import { jobCancel } from './job-cancel.ts'
import { jobExplain } from './job-explain.ts'
import { jobList } from './job-list.ts'
import { jobResult } from './job-result.ts'
import { jobSubmit } from './job-submit.ts'
import { jobWatch } from './job-watch.ts'
import { ledgerBalance } from './ledger-balance.ts'
import { ledgerVerify } from './ledger-verify.ts'
import { paymentExplain } from './payment-explain.ts'
import { readingExplain } from './reading-explain.ts'
import { readingExport } from './reading-export.ts'
import { submitterAdd } from './submitter-add.ts'
import { submitterList } from './submitter-list.ts'
import { taskCheck } from './task-check.ts'
import { taskRun } from './task-run.ts'
import { up } from './up.ts'

/** The commands of `hedgerow`. */
export const COMMANDS: readonly Command[] = [
  up,
  coordinator,
  device,
  claimNew,
  deviceList,
  deviceExplain,
  deviceRevoke,
  deviceReinstate,
  submitterAdd,
  submitterList,
  fund,
  taskCheck,
  taskRun,
  jobSubmit,
  jobWatch,
  jobResult,
  jobBill,
  jobCancel,
  jobList,
  jobExplain,
  campaignSubmit,
  campaignWatch,
  campaignResult,
  campaignStop,
  campaignList,
  campaignExplain,
  readingExplain,
  readingExport,
  hardwareScan,
  hardwareSimulate,
  paymentExplain,
  ledgerBalance,
  ledgerVerify,
]
