/** Every rule that a public log must keep, by its code. A code never changes its meaning. */

export const RULES = {
  // What is signed, and the tree under it.
  'log.unreadable': 'Every part of the log that its checkpoint covers can be read.',
  'checkpoint.form': 'A checkpoint is a signed note of an origin, a size and a root (C2SP tlog-checkpoint).',
  'checkpoint.key': 'The log is signed with the key of its first entry, and with the one that was asked for.',
  'checkpoint.signature': 'The signature of the log key over a checkpoint is valid.',
  'checkpoint.origin': "The origin of a checkpoint is that of the first entry's region.",
  'checkpoint.witness': 'Every witness that was asked for has cosigned the checkpoint.',
  'checkpoint.cosignature': 'Every line of a witness whose key is known is a valid cosignature.',
  'tree.size': 'The log has as many entries as its checkpoint says.',
  'tree.tile': 'A tile holds the hashes of what is below it.',
  'tree.root': 'The entries hash to the root of the checkpoint.',
  // Entries as such.
  'entry.form': 'An entry is a deterministic encoding of one of the kinds of entry.',
  'time.order': 'The time of a transfer is never before that of an earlier one.',
  'genesis.place': 'The first entry, and no other, says who the region is.',
  'genesis.key': "The region's id is that of its key.",
  'opening.place': 'Balances from before the log come before the first transfer, each account once.',
  'opening.sum': 'Balances from before the log sum to zero, and only the treasury owes.',
  'policy.missing': 'The rules about money are told before they are needed.',
  'policy.range': 'The rules about money are within their bounds.',
  // Transfers.
  'transfer.amount': 'A transfer moves more than nothing and at most 2^63 - 1 micro-credits.',
  'transfer.account': 'A transfer joins two accounts of known form.',
  'transfer.route': 'Money of a kind only goes from and to the accounts that the kind is for.',
  'transfer.purpose': 'A purpose names what is paid for in the form of its kind.',
  'transfer.twice': 'No purpose is paid for twice.',
  'transfer.overdraft': 'No account but the treasury spends what it does not have, or what is set aside.',
  'transfer.basis': 'A payment, and nothing else, names the accepted work behind it.',
  'pending.phase': 'What resolves a pending transfer names it, and only a pending transfer has a timeout.',
  'pending.unknown': 'Only a pending transfer that is open can be posted, voided or expire.',
  'pending.match': 'What resolves a pending transfer is of its kind and joins its accounts.',
  'pending.amount': 'No more is posted than is left, and void and expire give back exactly what is left.',
  'pending.time': 'A pending transfer expires when its time is up, and nothing is posted after that.',
  'sum.zero': 'All balances sum to zero.',
  // Jobs.
  'job.twice': 'A job, campaign or dispute begins once.',
  'job.unknown': 'Money of a job moves between its first entry and its last.',
  'job.price':
    'A job is taken at the price of fuel that is in force; a check by the region, at up to eight times that.',
  'job.check':
    'What the region pays for out of its own fees are units of the task of capacity checks, which all burn the same.',
  'job.escrow': 'The escrow of a job or campaign is its budget, taken from its submitter, once.',
  'job.fee':
    "The fee of a job or campaign, with what of it is put by, is no more than the region's part of what was paid, and no less since remainders are carried.",
  'dust.amount':
    "When a job or campaign ends, what devices are owed beyond whole micro-credits is put by, as far as the region's part reaches, and no more.",
  'job.refund': 'What is left of an escrow goes back to its submitter, all of it, and the escrow is empty at the end.',
  'job.result': 'A job has a result when it is done, and only then.',
  'pay.units': 'A run of units lies within its job, and no unit is paid for in two different runs.',
  'pay.repeated': 'Nobody is paid twice for the same units.',
  'pay.agreement': 'Everybody who is paid for the same run gave the same answer.',
  'pay.lease': 'A lease is in the hands of one device.',
  'pay.amount': "What is paid is the device's part of the price of the accepted work.",
  'pay.standing': 'Only devices in good standing are paid.',
  // Holdback.
  'release.device': 'Earnings become available to the device that earned them.',
  'release.early': 'Earnings are held for a whole window before they are released.',
  'slash.device': 'A slash takes from the holdback of the device that it names.',
  'slash.standing': 'Only the holdback of a caught device is taken.',
  'slash.amount': 'No more goes back into an escrow than was paid out of it for what is done again.',
  // Campaigns.
  'verdict.order': 'The revisions of a window follow each other.',
  'verdict.counts':
    'No more readings are paid than accepted, no more accepted than sent, and what was paid stays paid.',
  'verdict.unpaid': 'What a verdict says is paid has been paid.',
  'sense.verdict': 'A payment for readings is for what a verdict before it accepted and nobody was paid for yet.',
  // Devices and their papers.
  'device.key': "A device's id is that of its key.",
  'device.twice': 'A device is enrolled once.',
  'device.unknown': 'Only devices that are enrolled earn or sign.',
  'receipt.order': 'The receipts of a device are counted from 1 without a gap.',
  'receipt.totals': "The totals of a receipt are those of the device's accounts, so none ever falls.",
  'binding.statement': 'The device has signed the address that its earnings go to.',
  'binding.order': 'The numbers of the signed statements of a device grow.',
  'binding.effect': 'An address does not count before it is bound.',
  // Prices, payouts, disputes.
  'price.order': 'Prices are set once an epoch, in order.',
  'price.step': 'A price moves by at most half of itself at a time.',
  'payout.epoch': 'Epochs are closed in order, and payouts name the one that is closed next.',
  'payout.totals': 'What an epoch paid out, and all epochs together, are the sums of their transfers.',
  'dispute.unknown': 'The money of a dispute moves while it is open.',
  'dispute.deposit': 'Whoever disputes has set the deposit aside.',
  'dispute.region':
    'The region disputes only what caught devices alone have lately answered, once, puts nothing down, and gives the slashed pool no more back than it took.',
  'dispute.end': 'A dispute ends once, and its money is settled by then.',
  // The rows of a database against its log.
  'row.transfer': 'Every row of a transfer is what the log says, in its order, under the id of its purpose.',
  'row.account': 'The sums of every account are those of its transfers.',
  'row.hold': 'The open pending transfers are those of the log.',
  'row.checkpoint': 'The size beside the checkpoint is the one that is signed.',
  'row.receipt': 'The newest receipt of every device is the one in the log.',
  'row.epoch': 'Every closed epoch is the one in the log.',
  'row.payout': "Every payee's part of an epoch is the sum of its transfers.",
  'row.price': 'The prices in force are those of the log.',
  'row.binding': 'Every bound address is one of the log.',
  'row.dispute': 'Every dispute is as the log tells it.',
  'row.device': 'Every device is enrolled, owned and standing as the log says.',
  'row.holdback':
    "What a device's row has held back is the balance of its holdback, and young what its newest window earned.",
  'row.count': 'Counters of leases and units are those of the rows and payments that they count.',
  'row.job': 'Every job is on the terms, as paid and as ended as the log says.',
  'row.spec': 'The specification of every job and campaign is the one whose SHA-256 the log tells.',
  'row.accepted': 'The accepted runs of a job are those that were paid for, and cover it when it is done.',
  'row.outputs': 'Every answer that is kept is the one of its digest, of its units and of the fuel that was paid.',
  'row.bill': 'The bill of a job that is done is that of its accepted answers.',
  'row.lease':
    'Every lease that was paid is of the device, job, units and answer of its payment, and leases are numbered without a gap.',
  'row.campaign': 'Every campaign is on the terms, as paid and as ended as the log says, and counts what was judged.',
  'row.judgement':
    'Every judgement is the newest verdict of its sensor and window, with the flags whose SHA-256 the log tells.',
  'row.window': 'The value of a cell in a window is that of the accepted readings in the signed frames.',
  'row.frame': 'Every frame is signed by its device, and its row says what it says.',
  'row.profile': 'Every profile is the one of its id.',
  'row.sensor': 'Every sensor has the id of its model and serial.',
  'row.place': 'Every place is one on the Earth.',
  'row.claim': 'Every claim that was used was used by a device of its owner.',
  'row.submitter': 'Everybody who has an account to hand in work from is a submitter.',
  'row.floor': 'What a device asks is not negative and was stated.',
  'row.reference': 'Every row that names another one names one that is there.',
  'row.peer': 'The keys of every other region that cosigns can be read.',
  'row.meta': 'What the database says of the log is so.',
  'row.sum': 'Every row of a table that has sums is the one whose sum was written with it.',
} as const

/** The name of a rule. */
export type RuleCode = keyof typeof RULES
