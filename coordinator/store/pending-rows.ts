import type {
  AccountRow,
  CampaignRow,
  ClaimRow,
  DeviceRow,
  DisputeRow,
  EpochRow,
  JobRow,
  OwnerRow,
  ProfileRow,
  SensorRow,
  SubmitterRow,
  Write,
} from './rows.ts'

/** The last state of each row that a batch upserts and that other rows may name, or that is written last. */
export class PendingRows {
  readonly meta = new Map<string, string>()
  readonly claims = new Map<string, ClaimRow>()
  readonly devices = new Map<string, DeviceRow>()
  readonly submitters = new Map<string, SubmitterRow>()
  readonly owners = new Map<string, OwnerRow>()
  readonly jobs = new Map<string, JobRow>()
  readonly accounts = new Map<string, AccountRow>()
  readonly sensors = new Map<string, SensorRow>()
  readonly profiles = new Map<string, ProfileRow>()
  readonly campaigns = new Map<string, CampaignRow>()
  readonly epochs = new Map<number, EpochRow>()
  /** These name leases, which are written in their order with the rest, so they come after everything. */
  readonly disputes = new Map<string, DisputeRow>()

  /** Keeps the write if it is one of these; the others are for whoever applies them in order. */
  take(write: Write): void {
    switch (write.table) {
      case 'meta':
        this.meta.set(write.key, write.value)
        return
      case 'claim':
        this.claims.set(write.row.id, write.row)
        return
      case 'device':
        this.devices.set(write.row.id, write.row)
        return
      case 'submitter':
        this.submitters.set(write.row.name, write.row)
        return
      case 'owner':
        this.owners.set(write.row.name, write.row)
        return
      case 'job':
        this.jobs.set(write.row.id, write.row)
        return
      case 'account':
        this.accounts.set(write.row.id, write.row)
        return
      case 'sensor':
        this.sensors.set(write.row.id, write.row)
        return
      case 'profile':
        this.profiles.set(write.row.id, write.row)
        return
      case 'campaign':
        this.campaigns.set(write.row.id, write.row)
        return
      case 'epoch':
        this.epochs.set(write.row.epoch, write.row)
        return
      case 'dispute':
        this.disputes.set(write.row.id, write.row)
    }
  }

  clear(): void {
    const { meta, claims, devices, submitters, owners, jobs, accounts } = this
    for (const map of [meta, claims, devices, submitters, owners, jobs, accounts]) map.clear()
    const { sensors, profiles, campaigns, epochs, disputes } = this
    for (const map of [sensors, profiles, campaigns, epochs, disputes]) map.clear()
  }
}
