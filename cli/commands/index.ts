/** Every command there is, in the order of `hedgerow help`. */
import type { Command } from '../command.ts'
import { backup } from './backup.ts'
import { campaignExplain } from './campaign-explain.ts'
import { campaignList } from './campaign-list.ts'
import { campaignResult } from './campaign-result.ts'
import { campaignStop } from './campaign-stop.ts'
import { campaignSubmit } from './campaign-submit.ts'
import { campaignWatch } from './campaign-watch.ts'
import { claimNew } from './claim-new.ts'
import { coordinator } from './coordinator.ts'
import { dashboard } from './dashboard.ts'
import { device } from './device.ts'
import { deviceDispute } from './device-dispute.ts'
import { deviceDrain } from './device-drain.ts'
import { deviceEarnings } from './device-earnings.ts'
import { deviceExplain } from './device-explain.ts'
import { deviceGovernor } from './device-governor.ts'
import { deviceList } from './device-list.ts'
import { devicePayoutAddress } from './device-payout-address.ts'
import { devicePriceFloor } from './device-price-floor.ts'
import { deviceReinstate } from './device-reinstate.ts'
import { deviceRevoke } from './device-revoke.ts'
import { deviceUpdate } from './device-update.ts'
import { disputeList } from './dispute-list.ts'
import { disputeOpen } from './dispute-open.ts'
import { disputeShow } from './dispute-show.ts'
import { doctor } from './doctor.ts'
import { flash } from './flash.ts'
import { flashBundle } from './flash-bundle.ts'
import { fund } from './fund.ts'
import { hardwareScan } from './hardware-scan.ts'
import { hardwareSimulate } from './hardware-simulate.ts'
import { jobBill } from './job-bill.ts'
import { jobCancel } from './job-cancel.ts'
import { jobDoubts } from './job-doubts.ts'
import { jobExplain } from './job-explain.ts'
import { jobList } from './job-list.ts'
import { jobPlacements } from './job-placements.ts'
import { jobResult } from './job-result.ts'
import { jobSubmit } from './job-submit.ts'
import { jobWatch } from './job-watch.ts'
import { ledgerBalance } from './ledger-balance.ts'
import { ledgerExport } from './ledger-export.ts'
import { ledgerVerify } from './ledger-verify.ts'
import { maintenance } from './maintenance.ts'
import { ownerAdd } from './owner-add.ts'
import { ownerList } from './owner-list.ts'
import { ownerRemove } from './owner-remove.ts'
import { ownerRenew } from './owner-renew.ts'
import { paymentExplain } from './payment-explain.ts'
import { payoutAddresses } from './payout-addresses.ts'
import { payoutClaims } from './payout-claims.ts'
import { payoutConfirm } from './payout-confirm.ts'
import { payoutExport } from './payout-export.ts'
import { payoutKey } from './payout-key.ts'
import { payoutList } from './payout-list.ts'
import { payoutSign } from './payout-sign.ts'
import { payoutVoid } from './payout-void.ts'
import { priceExplain } from './price-explain.ts'
import { priceList } from './price-list.ts'
import { readingExplain } from './reading-explain.ts'
import { readingExport } from './reading-export.ts'
import { releaseAdd } from './release-add.ts'
import { releaseInit } from './release-init.ts'
import { releaseRefresh } from './release-refresh.ts'
import { releaseRollout } from './release-rollout.ts'
import { releaseRotate } from './release-rotate.ts'
import { releaseStatus } from './release-status.ts'
import { reputationExport } from './reputation-export.ts'
import { reputationImport } from './reputation-import.ts'
import { reputationTrust } from './reputation-trust.ts'
import { restore } from './restore.ts'
import { simulate } from './simulate.ts'
import { submitterAdd } from './submitter-add.ts'
import { submitterList } from './submitter-list.ts'
import { taskCheck } from './task-check.ts'
import { taskRun } from './task-run.ts'
import { up } from './up.ts'
import { witnessAdd } from './witness-add.ts'
import { witnessList } from './witness-list.ts'
import { witnessRemove } from './witness-remove.ts'

/** The commands of `hedgerow`. */
export const COMMANDS: readonly Command[] = [
  up,
  dashboard,
  doctor,
  coordinator,
  device,
  claimNew,
  flash,
  flashBundle,
  deviceList,
  deviceExplain,
  deviceGovernor,
  deviceRevoke,
  deviceReinstate,
  deviceDrain,
  deviceEarnings,
  devicePayoutAddress,
  devicePriceFloor,
  deviceDispute,
  deviceUpdate,
  ownerAdd,
  ownerList,
  ownerRenew,
  ownerRemove,
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
  jobDoubts,
  jobExplain,
  jobPlacements,
  maintenance,
  backup,
  restore,
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
  ledgerExport,
  witnessList,
  witnessAdd,
  witnessRemove,
  disputeOpen,
  disputeList,
  disputeShow,
  payoutList,
  payoutExport,
  payoutConfirm,
  payoutVoid,
  payoutAddresses,
  payoutClaims,
  payoutSign,
  payoutKey,
  priceList,
  priceExplain,
  reputationExport,
  reputationImport,
  reputationTrust,
  simulate,
  releaseInit,
  releaseAdd,
  releaseRollout,
  releaseStatus,
  releaseRefresh,
  releaseRotate,
]
