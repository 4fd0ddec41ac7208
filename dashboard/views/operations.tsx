import { Page } from '../ui/page.tsx'
import { BackupCard } from './operations-backup.tsx'
import { MaintenanceCard } from './operations-maintenance.tsx'
import { UpdatesCard } from './operations-updates.tsx'

/** `#/operations`: what keeps a region running. Only the operator's. */
export default function OperationsView() {
  return (
    <Page title="Operations" lead="Pausing the region, copying its database, and what devices are offered as updates.">
      <MaintenanceCard />
      <BackupCard />
      <UpdatesCard />
    </Page>
  )
}
