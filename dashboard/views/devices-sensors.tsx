import { useEffect } from 'preact/hooks'
import type { SensorSummary } from '../../protocol/index.ts'
import { live } from '../api/live.ts'
import { useResource } from '../api/resource.ts'
import { linkTo } from '../router.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Ago } from '../ui/time.tsx'
import type { SensorSaying } from './devices-sensor-words.ts'

/** The sensors of a device, as the region knows them. */
export function useSensorsOf(device: string): readonly SensorSummary[] {
  const { value, refresh } = useResource<SensorSummary[]>('/api/sensors')
  const isUp = live.region.value !== null
  useEffect(() => {
    if (isUp) refresh()
  }, [isUp, refresh])
  return (value ?? []).filter(sensor => sensor.device === device)
}

/** What a device measures with, and how that is; nothing is shown of a device without sensors. */
export function DeviceSensors({ sensors, sayings }: DeviceSensorsProps) {
  if (sensors.length === 0) return null
  const faulty = sensors.filter(({ id }) => sayings.get(id)?.isFaulty).length
  const map = <a href={linkTo('map')}>On the map</a>
  return (
    <Card title="Sensors" aside={faulty === 0 ? map : <Badge tone="bad">{`${faulty} faulty`}</Badge>}>
      <Table caption="sensors" rows={sensors} columns={columnsOf(sayings)} keyOf={({ id }) => id} />
    </Card>
  )
}

export interface DeviceSensorsProps {
  sensors: readonly SensorSummary[]
  /** What the region says of each, by its id. */
  sayings: ReadonlyMap<string, SensorSaying>
}

const columnsOf = (sayings: DeviceSensorsProps['sayings']): readonly Column<SensorSummary>[] => [
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
    cell: sensor => <SensorState sensor={sensor} saying={sayings.get(sensor.id)} />,
  },
]

function SensorState({ sensor, saying }: { sensor: SensorSummary; saying: SensorSaying | undefined }) {
  const { online, rival } = sensor
  const isFaulty = online && saying?.isFaulty
  return (
    <>
      {rival !== null ? (
        <Badge tone="bad">Rival</Badge>
      ) : isFaulty ? (
        <Badge tone="bad">Faulty</Badge>
      ) : (
        <Badge tone={online ? 'good' : 'warn'}>{online ? 'Online' : 'Offline'}</Badge>
      )}
      {rival === null ? null : (
        <span class="cell-note">
          <a href={linkTo('devices', rival)}>Another device</a> announces the same sensor.
        </span>
      )}
      {saying === undefined ? null : (
        <span class="cell-says">
          {saying.says.map(text => (
            <span key={text} class="cell-note">
              {text}
            </span>
          ))}
        </span>
      )}
    </>
  )
}
