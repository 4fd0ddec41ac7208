/** The entities of a region: devices as Things, their sensors' quantities as Datastreams, readings as Observations. */
import { codesOf, type DeviceId, isAccepted, type Location, QUANTITIES, toUnit } from '../../../protocol/index.ts'
import type { KnownSensor } from '../../sensing/registry.ts'
import type { PlaceRow } from '../../store/rows.ts'
import { isoTime } from '../iso-time.ts'
import type { Reading } from '../readings/reading.ts'
import type { Verdicts } from '../readings/verdicts.ts'
import type { SensingSource } from '../source.ts'
import { datastreamId, featureId, observationId, UNKNOWN_FEATURE } from './ids.ts'
import type { Entity, Related } from './model.ts'
import { type Stream, streamsOf } from './stream.ts'
import { definitionOf, unitOf } from './vocabulary.ts'

const GEOJSON = 'application/geo+json'
const MEASUREMENT = 'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement'
const MICRO = 1_000_000

/** Makes entities, and follows the links between them. */
export class Entities {
  private readonly source: SensingSource
  private readonly verdicts: Verdicts

  constructor(source: SensingSource, verdicts: Verdicts) {
    this.source = source
    this.verdicts = verdicts
  }

  /** Everything that is measured, by sensor, then quantity. */
  streams(sensors: Iterable<KnownSensor> = this.source.registry.all()): Stream[] {
    return [...sensors].sort((a, b) => (a.row.id < b.row.id ? -1 : 1)).flatMap(known => streamsOf(known))
  }

  thing(id: DeviceId): Entity {
    const { region } = this.source
    const label = this.labelOf(id)
    return entity('Things', id, {
      name: () => label,
      description: () => `A device of the region ${region} that measures.`,
      properties: () => ({ region, device: id }),
      Locations: () => this.locations(id),
      HistoricalLocations: () => this.historicalLocations(id),
      Datastreams: () => manyOf(this.streamsOfDevice(id).map(stream => this.datastream(stream))),
    })
  }

  location(place: PlaceRow): Entity {
    const { device, indoor, elevationM, sinceMs } = place
    return entity('Locations', device, {
      name: () => `Where ${this.labelOf(device)} stands`,
      description: () => (indoor ? 'In a room.' : 'In the open.'),
      encodingType: () => GEOJSON,
      location: () => pointOf(place),
      properties: () => ({ indoor, elevationM, since: isoTime(sinceMs) }),
      Things: () => manyOf([this.thing(device)]),
      HistoricalLocations: () => this.historicalLocations(device),
    })
  }

  /** Only where a device is now is remembered. */
  historicalLocation({ device, sinceMs }: PlaceRow): Entity {
    return entity('HistoricalLocations', device, {
      time: () => isoTime(sinceMs),
      Thing: () => oneOf(this.thing(device)),
      Locations: () => this.locations(device),
    })
  }

  datastream(stream: Stream): Entity {
    const { known, quantity, channel } = stream
    const { row } = known
    return entity('Datastreams', datastreamId(stream), {
      name: () => `${labelOfQuantity(quantity)} at ${this.labelOf(row.device)}`,
      description: () => `${labelOfQuantity(quantity)}, measured by a ${row.model}.`,
      observationType: () => MEASUREMENT,
      unitOfMeasurement: () => unitOf(channel.unit),
      phenomenonTime: () => this.timeOf(stream),
      properties: () => ({ resolution: toUnit(1, channel.exponent) }),
      Thing: () => oneOf(this.thing(row.device)),
      Sensor: () => oneOf(this.sensor(known)),
      ObservedProperty: () => oneOf(this.observedProperty(quantity)),
      Observations: () => ({ kind: 'observations', streams: [stream] }),
    })
  }

  sensor(known: KnownSensor): Entity {
    const { id, model, firstSeenMs, placedSinceMs } = known.row
    return entity('Sensors', id, {
      name: () => model,
      description: () => `A sensor of the model ${model}.`,
      encodingType: () => 'application/json',
      metadata: () => ({ model, channels: known.channels }),
      // The serial number stays unsaid: with it anybody could announce this sensor as theirs.
      properties: () => ({ firstSeen: isoTime(firstSeenMs), placedSince: isoTime(placedSinceMs) }),
      Datastreams: () => manyOf(streamsOf(known).map(stream => this.datastream(stream))),
    })
  }

  observedProperty(quantity: string): Entity {
    return entity('ObservedProperties', quantity, {
      name: () => labelOfQuantity(quantity),
      definition: () => definitionOf(quantity),
      description: () => labelOfQuantity(quantity),
      properties: () => ({ quantity }),
      Datastreams: () => {
        const streams = this.streams().filter(stream => stream.quantity === quantity)
        return manyOf(streams.map(stream => this.datastream(stream)))
      },
    })
  }

  observation(stream: Stream, reading: Reading): Entity {
    const { atMs, scaled, exponent, receivedAtMs } = reading
    return entity('Observations', observationId(stream, atMs), {
      phenomenonTime: () => isoTime(atMs),
      resultTime: () => isoTime(receivedAtMs),
      result: () => (scaled === null ? null : toUnit(scaled, exponent)),
      resultQuality: () => this.qualityOf(stream, reading),
      parameters: () => parametersOf(reading),
      Datastream: () => oneOf(this.datastream(stream)),
      FeatureOfInterest: () => oneOf(this.feature(this.placeOf(stream, reading))),
    })
  }

  /** @param place - null when nobody remembers where the readings were made */
  feature(place: Location | null): Entity {
    if (place === null) {
      return entity('FeaturesOfInterest', UNKNOWN_FEATURE, {
        name: () => 'Unknown place',
        description: () => 'Where these readings were made is not remembered.',
        encodingType: () => GEOJSON,
        feature: () => ({ type: 'Feature', geometry: null, properties: {} }),
        Observations: () => ({ kind: 'observations', streams: [] }),
      })
    }
    const { indoor, elevationM } = place
    const id = featureId(place)
    return entity('FeaturesOfInterest', id, {
      name: () => (indoor ? 'The air in a room' : 'The air in the open'),
      description: () => 'What the sensors at this place measure.',
      encodingType: () => GEOJSON,
      feature: () => pointOf(place),
      properties: () => ({ indoor, elevationM }),
      Observations: () => ({ kind: 'observations', streams: this.streams().filter(stream => this.isAt(stream, id)) }),
    })
  }

  private labelOf(device: DeviceId): string {
    return this.source.labelOf(device) || device
  }

  private streamsOfDevice(device: DeviceId): Stream[] {
    return this.streams(this.source.registry.ofDevice(device))
  }

  private locations(device: DeviceId): Related {
    const place = this.source.registry.place(device)
    return manyOf(place === undefined ? [] : [this.location(place)])
  }

  private historicalLocations(device: DeviceId): Related {
    const place = this.source.registry.place(device)
    return manyOf(place === undefined ? [] : [this.historicalLocation(place)])
  }

  private isAt({ known }: Stream, feature: string): boolean {
    const place = this.source.registry.place(known.row.device)
    return place !== undefined && featureId(place) === feature
  }

  /** Where a reading was made: where its device is, if it was there by then, else as its verdict says. */
  private placeOf(stream: Stream, reading: Reading): Location | null {
    const place = this.source.registry.place(reading.device)
    if (place !== undefined && reading.atMs >= place.sinceMs) return place
    return this.verdicts.placeOf(stream, reading)
  }

  private qualityOf(stream: Stream, reading: Reading): unknown {
    const flags = this.verdicts.flagsOf(stream, reading)
    if (flags === null) return { verdict: 'unverified', codes: [] }
    return { verdict: isAccepted(flags) ? 'accepted' : 'rejected', codes: codesOf(flags) }
  }

  private timeOf({ sensor, quantity }: Stream): string | undefined {
    const [first] = this.source.frames({ sensor, quantity, limit: 1 })
    const [last] = this.source.frames({ sensor, quantity, newestFirst: true, limit: 1 })
    return first && last && `${isoTime(first.fromMs)}/${isoTime(last.toMs)}`
  }
}

/** What else is known of a reading; values in its unit. */
function parametersOf({ device, periodMs, uncertaintyMs, spread, exponent }: Reading): object {
  const inUnit = (scaled: number | null) => (scaled === null ? null : toUnit(scaled, exponent))
  const statistics = spread && {
    least: inUnit(spread.least),
    greatest: inUnit(spread.greatest),
    samples: spread.samples,
  }
  return { device, periodMs, uncertaintyMs, ...statistics }
}

function pointOf({ latitudeMicroDeg, longitudeMicroDeg }: Location): object {
  return { type: 'Point', coordinates: [longitudeMicroDeg / MICRO, latitudeMicroDeg / MICRO] }
}

function labelOfQuantity(quantity: string): string {
  return QUANTITIES.get(quantity)?.label ?? quantity
}

function oneOf(other: Entity | null): Related {
  return { kind: 'one', entity: other }
}

function manyOf(entities: readonly Entity[]): Related {
  return { kind: 'many', entities }
}

/** An entity whose properties and links are worked out by functions of their names. */
function entity(set: Entity['set'], id: string, parts: Readonly<Record<string, () => unknown>>): Entity {
  return {
    set,
    id,
    property: name => (Object.hasOwn(parts, name) ? parts[name]?.() : undefined),
    related: name => (parts[name]?.() ?? { kind: 'one', entity: null }) as Related,
  }
}
