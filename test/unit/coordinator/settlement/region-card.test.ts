import { describe, expect, test } from 'vitest'
import { openCard, type RegionCard } from '../../../../coordinator/settlement/index.ts'
import { signCard } from '../../../../coordinator/settlement/region-card.ts'
import {
  formatVerifierKey,
  logKeyOf,
  logOrigin,
  openNote,
  ProtocolError,
  portableSigner,
  regionIdOf,
  regionName,
  signCheckpoint,
  signNote,
  witnessKeyOf,
  witnessName,
} from '../../../../protocol/index.ts'
import { nodeVerifier } from '../../../../protocol/node/index.ts'

const verifier = nodeVerifier()
const signer = portableSigner(new Uint8Array(32).fill(1))
const stranger = portableSigner(new Uint8Array(32).fill(4))
const id = regionIdOf(signer.publicKey)
const strangerId = regionIdOf(stranger.publicKey)
const witnessKey = witnessKeyOf(witnessName(id), portableSigner(new Uint8Array(32).fill(2)).publicKey)
const card = signCard(regionName('hill'), signer, witnessKey, 'http://hill:8717')

/** The card with other words, and a note over them by somebody. */
function reworded(changes: Partial<RegionCard>, by = signer): RegionCard {
  const { region, ...rest } = { ...card, ...changes }
  const body = `${['hedgerow/card', rest.origin, region, rest.logKey, rest.witnessKey, rest.url].join('\n')}\n`
  return { ...rest, region, note: signNote(body, rest.origin, by) }
}

describe("a region's card", () => {
  test('says where its log is and who signs it', () => {
    expect(card).toMatchObject({ origin: `hedgerow/log/${id}`, region: 'hill', regionId: id, url: 'http://hill:8717' })
    expect(openNote(card.note, logKeyOf(card.origin, signer.publicKey), verifier)).toContain('hedgerow/card\n')
    const opened = openCard(JSON.parse(JSON.stringify(card)), verifier)
    expect(opened).toEqual({
      origin: card.origin,
      region: 'hill',
      logKey: logKeyOf(logOrigin(id), signer.publicKey),
      witnessKey,
    })
    expect(openCard(reworded({ url: 'http://elsewhere' }), verifier).origin).toBe(card.origin)
  })

  const strangersWitness = formatVerifierKey(witnessKeyOf(witnessName(strangerId), stranger.publicKey))
  const falseWitness = formatVerifierKey(witnessKeyOf(witnessName(id), stranger.publicKey))
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'card'],
    ['a card without a note', { ...card, note: undefined }],
    ['a number for its address', { ...card, url: 1 }],
    ["a stranger's witness key", { ...card, witnessKey: falseWitness }],
    ["a stranger's witness key that a stranger signed", reworded({ witnessKey: falseWitness }, stranger)],
    ['the witness key of another region', reworded({ witnessKey: strangersWitness })],
    ['a log key for a witness key', reworded({ witnessKey: card.logKey })],
    ['another address than was signed', { ...card, url: 'http://elsewhere' }],
    ['another name than was signed', { ...card, region: 'dale' }],
    [
      "a stranger's log key",
      reworded({ logKey: formatVerifierKey(logKeyOf(card.origin, stranger.publicKey)) }, stranger),
    ],
    ['an origin that is not of its key', reworded({ origin: logOrigin(strangerId) })],
    [
      'a checkpoint for a note',
      { ...card, note: signCheckpoint({ size: 1, root: new Uint8Array(32) }, card.origin, signer) },
    ],
    ['a name that is none', reworded({ region: 'No Name' })],
  ])('[LOG-8.5] is refused when it is %s', (_, value) => {
    expect(() => openCard(value, verifier)).toThrow(ProtocolError)
  })
})
