import type { Region } from '../../coordinator/http/admin-api.ts'
import type { Ready } from '../../coordinator/http/health-api.ts'
import type { PublicTotals } from '../../coordinator/http/live-api.ts'
import { live } from '../api/live.ts'
import { devices, jobs, useLiveList } from '../api/live-list.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { useLiveCells } from '../map/live-cells.ts'
import { Badge } from '../ui/badge.tsx'
import { Page } from '../ui/page.tsx'
import { AttentionCard } from './region-attention-card.tsx'
import { Figures } from './region-figures.tsx'
import { FirstSteps } from './region-first-steps.tsx'
import { FleetCard } from './region-fleet.tsx'
import { HealthCard } from './region-health.tsx'
import { ReadingsCard } from './region-readings.tsx'
import { WorkCard } from './region-work.tsx'

const TOTALS_MS = 10_000
const READY_MS = 15_000

/** `#/region`: the region at a glance. Everybody sees what is public; whoever is signed in sees more. */
export default function RegionView() {
  const asked = useResource<Region>('/api/region')
  const totals = useResource<PublicTotals>('/api/public/totals', { everyMs: TOTALS_MS }).value
  const ready = useResource<Ready>('/ready', { everyMs: READY_MS, accept: [503] }).value
  const fleet = useLiveList(devices).rows
  const work = useLiveList(jobs).rows
  const { cells, access } = useLiveCells()
  const region = live.region.value ?? asked.value
  if (region === null) return <Page title="Region">{asked.problem}</Page>
  const deviceRows = fleet === null ? null : [...fleet.values()]
  const jobRows = work === null ? null : [...work.values()]
  return (
    <Page title={region.name} lead={LEADS[role.value]} badge={<HealthBadge ready={ready} region={region} />}>
      <Figures region={region} totals={totals} devices={deviceRows} jobs={jobRows} />
      <FirstSteps devices={deviceRows} jobs={jobRows} totals={totals} />
      <div class="grid-2">
        <div class="stack">
          {role.value === 'public' ? null : (
            <AttentionCard
              region={region}
              ready={ready}
              devices={deviceRows ?? []}
              jobs={jobRows ?? []}
              cells={cells ?? []}
            />
          )}
          {jobRows === null ? null : <WorkCard jobs={jobRows} />}
          <ReadingsCard cells={cells} access={access} />
        </div>
        <div class="stack">
          <FleetCard region={region} totals={totals} devices={deviceRows} />
          <HealthCard ready={ready} region={region} />
        </div>
      </div>
    </Page>
  )
}

const LEADS = {
  public: 'A region of small computers that lend their idle time and their sensors, and are paid for both.',
  owner: 'How the region and your devices are doing.',
  submitter: 'How the region and your jobs are doing.',
  operator: 'How your region is doing.',
} as const

function HealthBadge({ ready, region }: { ready: Ready | null; region: Region }) {
  if (ready === null) return null
  if (!ready.ready) return <Badge tone="bad">Not ready</Badge>
  return region.maintenance === null ? <Badge tone="good">Healthy</Badge> : <Badge tone="warn">Maintenance</Badge>
}
