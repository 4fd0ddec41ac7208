import type { Device } from '../../coordinator/http/admin-api.ts'
import { devices, useLiveList } from '../api/live-list.ts'
import { role } from '../api/session.ts'
import { linkTo, query } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Empty } from '../ui/empty.tsx'
import { FilterChips, FilterSelect, SearchField } from '../ui/filters.tsx'
import { counted, creditsOnly, creditsRoughly, percent } from '../ui/format.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { matches } from '../ui/sorting.ts'
import { type Column, Table } from '../ui/table.tsx'
import { DEVICE_STATE_WORDS, DEVICE_STATES, nameOf, reasonOf, stateOf } from './devices-state.ts'

/** Every device one may see: to search, to filter and to put in order. */
export function DeviceList() {
  const { rows, problem } = useLiveList(devices)
  const all = [...(rows?.values() ?? [])]
  const isOperator = role.value === 'operator'
  return (
    <Page title={isOperator ? 'Devices' : 'My devices'} lead={leadOf(all)} actions={<AddDevices />}>
      {problem === null ? null : <Notice kind="problem">{problem}</Notice>}
      {rows === null ? null : all.length === 0 ? <NoDevices /> : <Found all={all} isOperator={isOperator} />}
    </Page>
  )
}

function leadOf(all: readonly Device[]): string {
  const online = all.filter(device => device.online && device.standing === 'joined').length
  return all.length === 0 ? '' : `${counted(all.length, 'device')}, ${online} online.`
}

function AddDevices() {
  return (
    <a class="link-button" href={linkTo('claims')}>
      Add devices
    </a>
  )
}

function NoDevices() {
  return (
    <Empty icon="device" title="No device has joined yet.">
      <p>A device joins with a claim: a code that works once and says where the region is.</p>
      <AddDevices />
    </Empty>
  )
}

function Found({ all, isOperator }: { all: readonly Device[]; isOperator: boolean }) {
  const chosen = query.value
  const [typed, owner, state] = [chosen.get('q') ?? '', chosen.get('owner') ?? '', chosen.get('state') ?? '']
  const searched = all.filter(
    device =>
      (owner === '' || device.owner === owner) &&
      matches(typed, [device.label, device.id, device.owner, reasonOf(device)]),
  )
  const states = DEVICE_STATES.map(value => ({
    value,
    label: DEVICE_STATE_WORDS[value].title,
    rows: searched.filter(device => stateOf(device) === value).length,
  }))
  const shown = state === '' ? searched : searched.filter(device => stateOf(device) === state)
  const owners = [...new Set(all.map(device => device.owner))].sort()
  return (
    <>
      <div class="toolbar">
        <SearchField name="q" label="Search name, id or reason" />
        {isOperator ? <FilterSelect name="owner" label="Owner" all="All owners" values={owners} /> : null}
        <FilterChips
          name="state"
          label="State"
          choices={[{ value: '', label: 'All', rows: searched.length }, ...states]}
        />
      </div>
      {shown.length === 0 ? (
        <Empty icon="search" title="Nothing matches.">
          <a href={linkTo('devices')}>Show all devices</a>
        </Empty>
      ) : (
        <Table
          caption="devices"
          rows={shown}
          columns={isOperator ? COLUMNS : COLUMNS.filter(({ id }) => id !== 'owner')}
          keyOf={({ id }) => id}
          sort={{ column: 'name', descending: false }}
        />
      )}
    </>
  )
}

const COLUMNS: readonly Column<Device>[] = [
  {
    id: 'name',
    title: 'Device',
    isName: true,
    sortBy: nameOf,
    cell: device => (
      <>
        <a href={linkTo('devices', device.id)}>{nameOf(device)}</a>
        {device.label === '' ? null : <span class="cell-note mono">{device.id.slice(0, 8)}…</span>}
      </>
    ),
  },
  { id: 'owner', title: 'Owner', sortBy: ({ owner }) => owner, cell: ({ owner }) => owner },
  {
    id: 'state',
    title: 'State',
    sortBy: device => DEVICE_STATES.indexOf(stateOf(device)),
    cell: device => <DeviceStateCell device={device} />,
  },
  {
    id: 'earned',
    title: 'Earned, cr',
    numeric: true,
    sortBy: ({ earnedMicro }) => BigInt(earnedMicro),
    cell: ({ earnedMicro }) => <span title={`${creditsOnly(earnedMicro)} cr`}>{creditsRoughly(earnedMicro)}</span>,
  },
  {
    id: 'credibility',
    title: 'Credibility',
    numeric: true,
    sortBy: ({ credibility }) => credibility,
    cell: ({ credibility, checksPassed }) => (
      <span title={`${counted(checksPassed, 'check')} passed in a row`}>{percent(credibility)}</span>
    ),
  },
  {
    id: 'accepted',
    title: 'Units accepted',
    numeric: true,
    sortBy: ({ unitsAccepted }) => unitsAccepted,
    cell: ({ unitsAccepted, unitsRejected }) => (
      <>
        {unitsAccepted.toLocaleString('en-GB')}
        {unitsRejected === 0 ? null : <span class="cell-note">{counted(unitsRejected, 'rejected', 'rejected')}</span>}
      </>
    ),
  },
]

function DeviceStateCell({ device }: { device: Device }) {
  const state = stateOf(device)
  const { title, tone } = DEVICE_STATE_WORDS[state]
  return (
    <div class="cell-state">
      <Badge tone={tone}>{title}</Badge>
      {state === 'ready' || state === 'working' ? null : <span class="cell-note">{reasonOf(device)}</span>}
    </div>
  )
}
