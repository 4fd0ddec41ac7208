/** How the region is at the moment of a scrape, read from its departments. */
import type { Clock } from '../../protocol/index.ts'
import type { Member } from '../fleet/fleet.ts'
import type { Counters } from '../gate/counters.ts'
import type { OpenDepartments } from '../open-departments.ts'
import { GIGAFUEL } from '../pricing/pricing.ts'
import type { ReadingOutcome } from '../sensing/intake.ts'
import type { Settlement } from '../settlement/index.ts'
import type { Store } from '../store/rows.ts'
import { type Family, gauge, type Sample } from './exposition.ts'

export interface RegionMetricsComponents {
  readonly departments: OpenDepartments
  readonly settlement: Pick<Settlement, 'checkpoint' | 'peers' | 'client'>
  readonly store: Pick<Store, 'checkpoint'>
  readonly counters: Counters
  readonly clock: Clock
  connections(): number
}

/** Prices beyond so many are left out; a region measures a handful of quantities. */
const PRICES_MAX = 64
const MICRO_PER_CREDIT = 1_000_000
const MS_PER_SECOND = 1_000
const LEASE_OUTCOMES = ['used', 'gave_back', 'malformed', 'late']
const READING_OUTCOMES: readonly ReadingOutcome[] = ['taken', 'repeated', 'foreign', 'malformed', 'profile_unknown']

/** Gauges of all departments, and the counts of what was refused. */
export function regionFamilies(components: RegionMetricsComponents): Family[] {
  const { departments, counters, connections } = components
  const { desk, jobs, ledger, sensing } = departments
  const waiting = [...jobs.allActive()].reduce((sum, { pending }) => sum + pending.units, 0)
  return [
    devices(departments),
    byLabel(
      'hedgerow_jobs_active',
      'Jobs that are not over, by their state.',
      'state',
      tallied(
        ['running', 'aggregating'],
        [...jobs.allActive()].map(({ row }) => row.state),
      ),
    ),
    ...gauge('hedgerow_units_waiting', 'Units that were never handed out yet.', waiting),
    ...gauge('hedgerow_leases_out', 'Leases that devices hold.', leasesOut(departments)),
    ...gauge(
      'hedgerow_maintenance',
      '1 while no work is handed out by order of the operator.',
      desk.maintenance === null ? 0 : 1,
    ),
    ...gauge('hedgerow_campaigns_active', 'Campaigns that are not over.', [...sensing.allActive()].length),
    ...gauge('hedgerow_sensors', 'Sensors that devices have told of.', [...sensing.registry.all()].length),
    ...gauge('hedgerow_connections', 'MQTT connections that are open.', connections()),
    refusals(counters),
    outcomes(counters, 'lease_', LEASE_OUTCOMES, {
      name: 'hedgerow_results_total',
      help: 'Results of leases that devices sent, by what became of them.',
    }),
    outcomes(counters, 'reading_', READING_OUTCOMES, {
      name: 'hedgerow_reading_frames_total',
      help: 'Frames of readings that devices sent, by what became of them.',
    }),
    ...gauge('hedgerow_ledger_transfers', 'Transfers in the ledger.', ledger.transferCount),
    ...logFamilies(components),
    prices(departments),
  ]
}

function devices({ fleet }: OpenDepartments): Family {
  const counts = new Map<string, number>()
  for (const member of fleet.all()) {
    const key = `${member.row.standing} ${stateOf(member)}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const samples = ['joined', 'caught', 'revoked'].flatMap(standing =>
    ['offline', 'paused', 'draining', 'ready'].map(state => ({
      labels: { standing, state },
      value: counts.get(`${standing} ${state}`) ?? 0,
    })),
  )
  const help = 'Enrolled devices by standing, and by whether they are connected and take work.'
  return { name: 'hedgerow_devices', type: 'gauge', help, samples }
}

function stateOf({ presence, row }: Member): string {
  if (presence === null) return 'offline'
  if (row.drainReason !== null) return 'draining'
  return presence.creditLeases === 0 || presence.reason !== '' ? 'paused' : 'ready'
}

function leasesOut({ fleet, desk }: OpenDepartments): number {
  let leases = 0
  for (const { row } of fleet.all()) leases += desk.loads.of(row.id).leases.size
  return leases
}

/** Reasons are the program's own words, `where:why`. */
function refusals(counters: Counters): Family {
  const samples = Object.entries(counters.snapshot())
    .filter(([reason]) => !/^(lease|reading)_/.test(reason))
    .map(([text, value]): Sample => {
      const at = text.indexOf(':')
      const labels = { where: at < 0 ? 'region' : text.slice(0, at), reason: at < 0 ? text : text.slice(at + 1) }
      return { labels, value }
    })
  const help = 'What was refused, by where (publish, connect, http and so on) and why.'
  return { name: 'hedgerow_refusals_total', type: 'counter', help, samples }
}

function outcomes(
  counters: Counters,
  prefix: string,
  known: readonly string[],
  family: Pick<Family, 'name' | 'help'>,
): Family {
  const counts = counters.snapshot()
  const samples = known.map(outcome => ({ labels: { outcome }, value: counts[`${prefix}${outcome}`] ?? 0 }))
  return { ...family, type: 'counter', samples }
}

function logFamilies({ departments, settlement, store, clock }: RegionMetricsComponents): Family[] {
  const signed = store.checkpoint()
  const since = (atMs: number) => Math.max(0, clock.wallMs() - atMs) / MS_PER_SECOND
  const witnesses = [...settlement.peers.all()].map(({ row }) => ({ row, state: settlement.client.state(row.origin) }))
  const cosigned = witnesses.flatMap(({ row, state }): Sample[] =>
    state.cosigned === null
      ? []
      : [{ labels: { witness: row.origin }, value: since(state.cosigned.atS * MS_PER_SECOND) }],
  )
  return [
    ...gauge('hedgerow_log_entries', 'Entries of the public log.', departments.log.size),
    ...gauge(
      'hedgerow_log_signed_entries',
      'Entries of the checkpoint that is shown.',
      settlement.checkpoint()?.size ?? 0,
    ),
    ...gauge(
      'hedgerow_checkpoint_age_seconds',
      'Since the newest checkpoint was signed or cosigned; a log that does not grow is not signed again.',
      signed === null ? null : since(signed.atMs),
    ),
    ...gauge('hedgerow_witnesses', 'Regions that are asked to cosign.', witnesses.length),
    {
      name: 'hedgerow_witness_age_seconds',
      type: 'gauge',
      help: 'Since a witness cosigned last; no line before its first since the start.',
      samples: cosigned,
    },
    ...gauge(
      'hedgerow_witness_problems',
      'Witnesses that do not cosign at present.',
      witnesses.filter(({ state }) => state.problem !== '').length,
    ),
  ]
}

function prices({ pricing }: OpenDepartments): Family {
  const samples = [GIGAFUEL, ...pricing.quantities()].slice(0, PRICES_MAX).map(what => ({
    labels: { what },
    value: Number(pricing.priceMicro(what)) / MICRO_PER_CREDIT,
  }))
  const help = 'Base price in credits: of 10^9 fuel, or of an accepted reading of a quantity.'
  return { name: 'hedgerow_price_credits', type: 'gauge', help, samples }
}

function tallied(known: readonly string[], found: readonly string[]): Map<string, number> {
  return new Map(known.map(value => [value, found.filter(one => one === value).length]))
}

function byLabel(name: string, help: string, label: string, counts: Map<string, number>): Family {
  const samples = [...counts].map(([text, value]) => ({ labels: { [label]: text }, value }))
  return { name, type: 'gauge', help, samples }
}
