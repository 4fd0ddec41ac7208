import { useEffect } from 'preact/hooks'
import type { SensorSummary } from '../../protocol/index.ts'
import { live } from '../api/live.ts'
import { useResource } from '../api/resource.ts'
import { linkTo } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'

/** What a device measures with; nothing is shown of a device without sensors. */
export function DeviceSensors({ device }: { device: string }) {
  const { value, refresh } = useResource<SensorSummary[]>('/api/sensors')
  const isUp = live.region.value !== null
  useEffect(() => {
    if (isUp) refresh()
  }, [isUp, refresh])
  const sensors = (value ?? []).filter(sensor => sensor.device === device)
  if (sensors.length === 0) return null
  return (
    <Card title="Sensors" aside={<a href={linkTo('map')}>On the map</a>}>
      <Table caption="sensors" rows={sensors} columns={COLUMNS} keyOf={({ id }) => id} />
    </Card>
  )
}

const COLUMNS: readonly Column<SensorSummary>[] = [
  {
    id: 'model',
    title: 'Sensor',
    isName: true,
    cell: ({ model, serial, id }) => (
      <>
        {model}
        <span class="cell-note mono">{serial === '' ? id : serial}</span>
      </>
    ),
  },
  {
    id: 'channels',
    title: 'Measures',
    cell: ({ channels }) =>
      channels.map(({ quantity, unit }) => `${quantity}${unit === '' ? '' : ` (${unit})`}`).join(', '),
  },
  {
    id: 'cell',
    title: 'Cell',
    cell: ({ cell }) => (cell === null ? 'no place' : <span class="mono">{cell}</span>),
  },
  { id: 'since', title: 'Here since', cell: ({ placedSinceMs }) => <Ago at={placedSinceMs} /> },
  {
    id: 'state',
    title: 'State',
    cell: ({ online, rival }) =>
      rival !== null ? (
        <>
          <Badge tone="bad">Rival</Badge>
          <span class="cell-note">
            <a href={linkTo('devices', rival)}>Another device</a> announces the same sensor.
          </span>
        </>
      ) : (
        <Badge tone={online ? 'good' : 'warn'}>{online ? 'Online' : 'Offline'}</Badge>
      ),
  },
]
