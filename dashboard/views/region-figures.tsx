import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Device, Job, Region } from '../../coordinator/http/admin-api.ts'
import type { PublicTotals } from '../../coordinator/http/live-api.ts'
import type { Prices } from '../../coordinator/http/price-api.ts'
import { live } from '../api/live.ts'
import { now } from '../api/now.ts'
import { useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { linkTo } from '../router.ts'
import { count, counted, credits, creditsRoughly, percent, rate } from '../ui/format.ts'
import { Sparkline } from '../ui/sparkline.tsx'
import { Stat, Stats } from '../ui/stat.tsx'
import { isOver } from './jobs-state.ts'

const RATES_MAX = 60

export interface FiguresProps {
  region: Region
  totals: PublicTotals | null
  /** Null where whoever looks may not see them. */
  devices: readonly Device[] | null
  jobs: readonly Job[] | null
}

/** The few numbers that say how a region is doing. */
export function Figures({ region, totals, devices, jobs }: FiguresProps) {
  const own = role.value === 'owner' ? devices : null
  return (
    <Stats>
      {own === null ? (
        <Stat
          label="Devices online"
          value={count(region.devicesOnline)}
          note={`of ${count(region.devicesJoined)} joined${totals === null ? '' : `, ${counted(totals.owners, 'owner')}`}`}
        />
      ) : (
        <Stat
          label="My devices online"
          value={count(own.filter(({ online }) => online).length)}
          note={`of ${count(own.length)}; ${count(region.devicesOnline)} in the region`}
        />
      )}
      {jobs === null ? <WorkDone region={region} totals={totals} /> : <Throughput jobs={jobs} />}
      {own === null ? <PaidOut totals={totals} /> : <Earned devices={own} />}
      <PriceNow />
    </Stats>
  )
}

function WorkDone({ region, totals }: { region: Region; totals: PublicTotals | null }) {
  return (
    <Stat
      label="Jobs under way"
      value={count(region.jobsRunning)}
      note={
        totals === null
          ? ''
          : `${count(totals.jobsFinished)} finished, ${counted(totals.unitsVerified, 'unit')} verified`
      }
    />
  )
}

function Throughput({ jobs }: { jobs: readonly Job[] }) {
  const running = jobs.filter(job => !isOver(job))
  const perSecond = running.reduce((sum, { ratePerSecond }) => sum + ratePerSecond, 0)
  const rates = useSignal<readonly number[]>([])
  const latest = useSignal(perSecond)
  latest.value = perSecond
  const second = now.value
  useEffect(() => {
    rates.value = [...rates.value, latest.value].slice(-RATES_MAX)
  }, [second, rates, latest])
  return (
    <Stat label="Throughput" value={rate(perSecond)} note={`${counted(running.length, 'job')} under way`}>
      {rates.value.some(value => value > 0) ? (
        <Sparkline values={rates.value} label="Units verified a second, in the last minute" />
      ) : null}
    </Stat>
  )
}

function PaidOut({ totals }: { totals: PublicTotals | null }) {
  const transfers = live.ledger.value?.transfers ?? totals?.transfers
  return (
    <Stat
      label="Paid to devices"
      value={totals === null ? '–' : <span title={credits(totals.paidMicro)}>{creditsRoughly(totals.paidMicro)}</span>}
      unit="cr"
      note={transfers === undefined ? '' : <a href={linkTo('ledger')}>{counted(transfers, 'transfer')}</a>}
    />
  )
}

function Earned({ devices }: { devices: readonly Device[] }) {
  const sum = (amount: (device: Device) => string) => devices.reduce((all, device) => all + BigInt(amount(device)), 0n)
  const earned = sum(({ earnedMicro }) => earnedMicro)
  return (
    <Stat
      label="Earned"
      value={<span title={credits(earned)}>{creditsRoughly(earned)}</span>}
      unit="cr"
      note={`${creditsRoughly(sum(({ availableMicro }) => availableMicro))} cr available`}
    />
  )
}

function PriceNow() {
  const asked = useResource<Prices>('/api/prices').value
  const prices = live.prices.value ?? asked
  const work = prices?.prices.find(({ what }) => what === 'gigafuel')
  if (!prices || work === undefined) return null
  const moves = prices.moves.filter(({ what }) => what === 'gigafuel').toReversed()
  const course =
    moves.length === 0 ? [] : [Number(moves[0]?.beforeMicro), ...moves.map(move => Number(move.afterMicro))]
  const { utilisation } = work
  return (
    <Stat
      label="Price of a gigafuel"
      value={<span title={credits(work.priceMicro)}>{creditsRoughly(work.priceMicro)}</span>}
      unit="cr"
      note={
        <a href={linkTo('prices')}>
          {utilisation === null ? 'Prices' : `${percent(utilisation)} of the region at work`}
        </a>
      }
    >
      <Sparkline values={course} label="The price in the last epochs" fit />
    </Stat>
  )
}
