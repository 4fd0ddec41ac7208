/** What a region says of itself to those that would watch its log: signed with its own key, so no stranger can put words into it. */
import {
  badNote,
  formatVerifierKey,
  logKeyOf,
  logOrigin,
  NOTE_TYPE_LOG,
  NOTE_TYPE_WITNESS,
  type NoteKey,
  openNote,
  type ProtocolError,
  parseVerifierKey,
  type RegionName,
  regionIdOf,
  regionName,
  type Signer,
  signNote,
  type Verifier,
  witnessName,
} from '../../protocol/index.ts'

/** `GET /log/card` */
export interface RegionCard {
  /** Of its log; also the name of the log's key. */
  origin: string
  /** Its name among people. */
  region: string
  regionId: string
  /** Verifier keys in the form of C2SP signed notes. */
  logKey: string
  witnessKey: string
  /** Where it is reached, without the last slash. */
  url: string
  /** The same once more as a note that the log's key has signed. */
  note: string
}

/** A card that was signed by the region it speaks of. */
export interface OpenedCard {
  readonly origin: string
  readonly region: RegionName
  readonly logKey: NoteKey
  readonly witnessKey: NoteKey
}

/** No checkpoint begins so, since this is the origin of no log. */
const CARD_HEADING = 'hedgerow/card'

/** The card of a region. */
export function signCard(region: RegionName, signer: Signer, witnessKey: NoteKey, url: string): RegionCard {
  const regionId = regionIdOf(signer.publicKey)
  const origin = logOrigin(regionId)
  const key = logKeyOf(origin, signer.publicKey)
  const stated = { origin, region, logKey: formatVerifierKey(key), witnessKey: formatVerifierKey(witnessKey), url }
  return { ...stated, regionId, note: signNote(cardBody(stated), origin, signer) }
}

/**
 * Reads a card that came from elsewhere.
 * @throws {ProtocolError} `bad_note`, `bad_signature` or `bad_key` unless every part of it has been signed with the key that the region's id is made of
 * @see spec/clauses.md [LOG-8.5]
 */
export function openCard(value: unknown, verifier: Verifier): OpenedCard {
  const card = fieldsOf(value)
  const logKey = parseVerifierKey(card.logKey)
  const witnessKey = parseVerifierKey(card.witnessKey)
  const regionId = regionIdOf(logKey.publicKey)
  if (logKey.type !== NOTE_TYPE_LOG || logKey.name !== logOrigin(regionId) || card.origin !== logKey.name) {
    throw badCard('the key of its log is not the one that its origin is named after')
  }
  if (witnessKey.type !== NOTE_TYPE_WITNESS || witnessKey.name !== witnessName(regionId)) {
    throw badCard('its witness key is of another region')
  }
  if (openNote(card.note, logKey, verifier) !== cardBody(card)) {
    throw badCard('the key of its log has signed something else than it says')
  }
  return { origin: card.origin, region: regionName(card.region), logKey, witnessKey }
}

type Stated = Omit<RegionCard, 'regionId' | 'note'>

const cardBody = ({ origin, region, logKey, witnessKey, url }: Stated): string =>
  `${[CARD_HEADING, origin, region, logKey, witnessKey, url].join('\n')}\n`

const FIELDS = ['origin', 'region', 'logKey', 'witnessKey', 'url', 'note'] as const

function fieldsOf(value: unknown): Record<(typeof FIELDS)[number], string> {
  const given: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const texts = FIELDS.map(name => {
    const text = given[name]
    if (typeof text !== 'string') throw badCard(`it has no field '${name}'`)
    return [name, text] as const
  })
  return Object.fromEntries(texts) as Record<(typeof FIELDS)[number], string>
}

function badCard(reason: string): ProtocolError {
  return badNote(`the region's card is no good: ${reason}`)
}
