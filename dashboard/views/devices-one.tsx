import type { Device, Explanation } from '../../coordinator/http/admin-api.ts'
import { devices, useLiveList } from '../api/live-list.ts'
import { type Resource, useResource } from '../api/resource.ts'
import { role } from '../api/session.ts'
import { useWhenChanged } from '../api/when-changed.ts'
import { linkTo, linkWith } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Empty } from '../ui/empty.tsx'
import { ExplanationText, Facts } from '../ui/explanation.tsx'
import { count, counted, credits, creditsRoughly, percent } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { Stat, Stats } from '../ui/stat.tsx'
import { DeviceActions } from './devices-actions.tsx'
import { DeviceLeases } from './devices-leases.tsx'
import { partReasons } from './devices-sensor-words.ts'
import { DeviceSensors, useSensorsOf } from './devices-sensors.tsx'
import { DEVICE_STATE_WORDS, nameOf, reasonOf, stateOf } from './devices-state.ts'

/** Sensors and campaigns come and go without the device changing. */
const EXPLAIN_MS = 10_000
const BACK = { href: linkTo('devices'), title: 'All devices' }

/** One device: why it works or waits, what it earned, what it measures and holds, and what can be done with it. */
export function DevicePage({ id }: { id: string }) {
  const { rows, problem } = useLiveList(devices)
  const device = rows?.get(id)
  if (device === undefined) {
    return (
      <Page title="Device" back={BACK}>
        {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
        {rows === null ? null : (
          <Empty icon="device" title="There is no such device here.">
            <span class="mono">{id}</span>
          </Empty>
        )}
      </Page>
    )
  }
  return <KnownDevice device={device} />
}

function KnownDevice({ device }: { device: Device }) {
  const { id } = device
  const explained = useResource<Explanation>(`/api/devices/${encodeURIComponent(id)}/explain`, { everyMs: EXPLAIN_MS })
  useWhenChanged(device, explained.refresh)
  const sensors = useSensorsOf(id)
  const { sensors: sayings, others } = partReasons(explained.value?.reasons ?? [], sensors)
  const state = stateOf(device)
  const { title, tone } = DEVICE_STATE_WORDS[state]
  return (
    <Page
      title={nameOf(device)}
      back={BACK}
      badge={<Badge tone={tone}>{title}</Badge>}
      lead={<Identity device={device} />}
      actions={<DeviceActions device={device} />}
    >
      {state === 'ready' || state === 'working' ? null : (
        <Notice kind={tone === 'bad' ? 'problem' : 'warn'}>{reasonOf(device)}</Notice>
      )}
      <Earnings device={device} />
      <div class="grid-2">
        <Reasons explained={explained} reasons={others} />
        <Record device={device} />
      </div>
      <DeviceSensors sensors={sensors} sayings={sayings} />
      {role.value === 'operator' ? <DeviceLeases device={id} /> : null}
    </Page>
  )
}

function Identity({ device: { id, owner } }: { device: Device }) {
  return (
    <span class="identity">
      <span>
        of{' '}
        {role.value === 'operator' ? <a href={linkWith(['devices'], { owner })}>{owner}</a> : <strong>{owner}</strong>}
      </span>
      <span class="mono">{id}</span>
      <CopyButton text={id} label="id" />
    </span>
  )
}

function Earnings({
  device: { earnedMicro, holdbackMicro, availableMicro, credibility, checksPassed },
}: {
  device: Device
}) {
  return (
    <Stats>
      <Stat label="Earned" value={creditsRoughly(earnedMicro)} unit="cr" note={credits(earnedMicro)} />
      <Stat label="Held for a while" value={creditsRoughly(holdbackMicro)} unit="cr" note={credits(holdbackMicro)} />
      <Stat label="Available" value={creditsRoughly(availableMicro)} unit="cr" note={credits(availableMicro)} />
      <Stat
        label="Credibility"
        value={percent(credibility)}
        note={`${counted(checksPassed, 'check')} passed in a row`}
      />
    </Stats>
  )
}

function Reasons({ explained, reasons }: { explained: Resource<Explanation>; reasons: readonly string[] }) {
  const { value, problem } = explained
  return (
    <Card title="Why it works or waits">
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {value === null ? null : (
        <ExplanationText explanation={{ ...value, reasons: [...reasons] }} hide={SHOWN_ELSEWHERE} />
      )}
    </Card>
  )
}

const SHOWN_ELSEWHERE = ['owner', 'standing', 'online', 'unitsAccepted', 'unitsRejected', 'leasesExpired']

function Record({ device }: { device: Device }) {
  const { unitsAccepted, unitsRejected, leasesExpired, leasesOut, creditLeases, slots } = device
  return (
    <Card title="Record">
      <Facts
        facts={[
          ['Units accepted', count(unitsAccepted)],
          ['Units rejected', count(unitsRejected)],
          ['Leases that ran out', count(leasesExpired)],
          ['Holds now', `${count(leasesOut)} of ${counted(creditLeases, 'lease')}`],
          ['Works on at once', counted(slots, 'unit')],
        ]}
      />
    </Card>
  )
}
