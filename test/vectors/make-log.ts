/** Makes the vectors of the public log: entries, checkpoints with their signatures, and receipts of inclusion. */
import { toHex } from '../../protocol/bytes.ts'
import { decode, encode } from '../../protocol/cbor/index.ts'
import { portableSigner } from '../../protocol/cose/index.ts'
import {
  addSignatureLines,
  cosign,
  encodeInclusionReceipt,
  Frontier,
  formatAddCheckpoint,
  formatVerifierKey,
  portableSha256 as hash,
  leafHash,
  logKeyOf,
  logOrigin,
  nodeHash,
  parseNote,
  signCheckpoint,
  witnessKeyOf,
  witnessName,
} from '../../protocol/merkle/index.ts'
import { encodeEntry } from '../../protocol/settlement/index.ts'
import { wireCddl } from '../support/cddl.ts'
import { toDiag } from '../support/diag.ts'
import type { CheckpointFile, EntryFile, InclusionFile, NegativeVector, Refusal } from './files.ts'
import { DEVICE, REGION, REGION_ID } from './keys.ts'
import { ENTRY_CASES } from './log-cases.ts'
import { exchange, structural } from './make.ts'

const RULE = 'log-entry'
const grammar = wireCddl()
const seed = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => first + i)

/** The key that cosigns in the vectors; known to everybody. */
export const WITNESS = portableSigner(seed(65))
/** A region of no other use than to be the witness's. */
const WITNESS_NAME = witnessName(REGION_ID).replace(/.$/, 'a')

/** Entries of every type. */
export function entryFile(): EntryFile {
  const positive = ENTRY_CASES.flatMap(({ valid }) =>
    valid.map(({ title, input }) => {
      const bytes = encodeEntry(input)
      return { title, input: toDiag(input), payloadHex: toHex(bytes), leafHex: toHex(leafHash(hash, bytes)) }
    }),
  )
  const negative = ENTRY_CASES.flatMap(({ valid: [first], invalid }) => {
    if (first === undefined) throw new Error('There is an entry to begin with.')
    const base = decode(encodeEntry(first.input))
    return invalid.map(({ title, at, to, field, beyondCddl }): NegativeVector => {
      const value = exchange(base, at, to)
      const name = `${first.title}: ${title}`
      if (grammar.matches(RULE, value) !== (beyondCddl ?? false)) throw new Error(`The CDDL disagrees on '${name}'.`)
      const vector = { title: name, payloadHex: toHex(encode(value)), failure: { code: 'bad_message', field } as const }
      return beyondCddl === undefined ? vector : { ...vector, beyondCddl }
    })
  })
  const [first] = ENTRY_CASES[0]?.valid ?? []
  if (first === undefined) throw new Error('There is an entry to begin with.')
  return { rule: RULE, vectors: [...positive, ...structural(encodeEntry(first.input)), ...negative] }
}

/** Five entries of no meaning. */
const LEAVES = [0, 1, 2, 3, 4].map(i => leafHash(hash, Uint8Array.of(i)))

function headOf(size: number) {
  const frontier = new Frontier(hash)
  for (const leaf of LEAVES.slice(0, size)) frontier.append(leaf)
  return { size, root: frontier.root() }
}

/** Notes as text, and texts that are none. */
export function checkpointFile(): CheckpointFile {
  const origin = logOrigin(REGION_ID)
  const head = headOf(5)
  const note = signCheckpoint(head, origin, REGION)
  const line = cosign(parseNote(note).body, 1_795_000_000, { name: WITNESS_NAME, signer: WITNESS })
  const cosigned = addSignatureLines(note, line)
  const path = LEAVES.slice(4)
  const request = formatAddCheckpoint({ oldSize: 4, path, note })
  const badNote: Refusal = { code: 'bad_note' }
  const refused = (title: string, text: string, failure = badNote) => ({ title, note: text, failure })
  const bodyOf = (body: string) => note.replace(parseNote(note).body, body)
  const [, , root = ''] = note.split('\n')
  return {
    logKey: formatVerifierKey(logKeyOf(origin, REGION.publicKey)),
    witnessKey: formatVerifierKey(witnessKeyOf(WITNESS_NAME, WITNESS.publicKey)),
    checkpoints: [
      { title: 'five entries', origin, size: 5, rootHex: toHex(head.root), note, cosignedAtS: null },
      { title: 'cosigned', origin, size: 5, rootHex: toHex(head.root), note: cosigned, cosignedAtS: 1_795_000_000 },
      {
        title: 'no entries',
        origin,
        size: 0,
        rootHex: toHex(headOf(0).root),
        note: signCheckpoint(headOf(0), origin, REGION),
        cosignedAtS: null,
      },
      refused('a bit of the signature is flipped', note.replace(/.{4}\n$/, 'AAA=\n'), { code: 'bad_signature' }),
      refused('signed by another key', signCheckpoint(head, origin, DEVICE)),
      refused('another size than was signed', note.replace('\n5\n', '\n6\n'), { code: 'bad_signature' }),
      refused('no newline at the end', note.slice(0, -1)),
      refused('no signature', parseNote(note).body),
      refused('no empty line', note.replace('\n\n', '\n')),
      refused('a carriage return', note.replaceAll('\n', '\r\n')),
      refused('a tab', note.replace(' ', '\t')),
      refused('a hyphen for the dash', note.replace('—', '-')),
      refused('base64 with a character too many', note.replace(/\n$/, 'A\n')),
      refused('a name with a plus sign', note.replace('— hedgerow', '— hedge+row')),
      refused('nothing', ''),
    ],
    bodies: [
      { title: 'a size with a zero before it', body: `${origin}\n05\n${root}\n`, failure: badNote },
      { title: 'a size with a sign', body: `${origin}\n+5\n${root}\n`, failure: badNote },
      { title: 'a size beyond 2^53', body: `${origin}\n9007199254740992\n${root}\n`, failure: badNote },
      { title: 'a root of 31 bytes', body: `${origin}\n5\n${'A'.repeat(42)}==\n`, failure: badNote },
      { title: 'a root in base64url', body: `${origin}\n5\n${'-'.repeat(43)}=\n`, failure: badNote },
      { title: 'no origin', body: `\n5\n${root}\n`, failure: badNote },
      { title: 'two lines', body: `${origin}\n5\n`, failure: badNote },
      { title: 'an empty further line', body: `${origin}\n5\n${root}\n\n`, failure: badNote },
      { title: 'a further line', body: `${origin}\n5\n${root}\nand more\n`, size: 5 },
    ],
    requests: [
      {
        title: 'from four to five',
        oldSize: 4,
        pathHex: path.map(toHex),
        note,
        request,
      },
      { title: 'the first', oldSize: 0, pathHex: [], note, request: `old 0\n\n${note}` },
      ...(
        [
          ['no old size', request.replace('old 4\n', '')],
          ['an old size with a zero before it', request.replace('old 4', 'old 04')],
          ['a hash of 31 bytes', request.replace('old 4\n', `old 4\n${'A'.repeat(42)}==\n`)],
          ['64 hashes', request.replace('old 4\n', `old 4\n${`${'A'.repeat(43)}=\n`.repeat(63)}`)],
          ['no note', 'old 4\n\n'],
          ['no empty line', request.replaceAll('\n\n', '\n')],
          ['something else', bodyOf('x\n')],
        ] as const
      ).map(([title, text]) => ({ title, request: text, failure: badNote })),
    ],
  }
}

/** Receipts of RFC 9942. */
export function inclusionFile(): InclusionFile {
  const [a, c, d, e, f] = LEAVES
  if (!a || !c || !d || !e || !f) throw new Error('There are five leaves.')
  const head = headOf(5)
  const left = nodeHash(hash, a, c)
  const path = [e, left, f]
  const proof = { ...head, index: 2, path }
  const receipt = encodeInclusionReceipt(proof, REGION)
  const keyHex = toHex(REGION.publicKey)
  const refused = (title: string, bytes: Uint8Array, failure: Refusal, leaf = d) => {
    return { title, receiptHex: toHex(bytes), leafHex: toHex(leaf), publicKeyHex: keyHex, failure }
  }
  const badProof: Refusal = { code: 'bad_proof' }
  const badSignature: Refusal = { code: 'bad_signature' }
  const fields = decode(receipt)
  const swapped = (at: number, to: Parameters<typeof encode>[0]) => encode(exchange(fields, [at], to))
  const single = encodeInclusionReceipt({ size: 1, root: a, index: 0, path: [] }, REGION)
  return {
    vectors: [
      {
        title: 'the third of five',
        receiptHex: toHex(receipt),
        leafHex: toHex(d),
        publicKeyHex: keyHex,
        size: 5,
        index: 2,
        rootHex: toHex(head.root),
      },
      {
        title: 'the only one',
        receiptHex: toHex(single),
        leafHex: toHex(a),
        publicKeyHex: keyHex,
        size: 1,
        index: 0,
        rootHex: toHex(a),
      },
      refused('another entry', receipt, badSignature, e),
      refused('another place', encodeInclusionReceipt({ ...proof, index: 3 }, REGION), badSignature),
      refused('signed by another key', encodeInclusionReceipt(proof, DEVICE), badSignature),
      refused(
        'a root that is not that of the path',
        encodeInclusionReceipt({ ...proof, root: a }, REGION),
        badSignature,
      ),
      refused('a place outside the tree', encodeInclusionReceipt({ ...proof, index: 5 }, REGION), badProof),
      refused('a hash too few', encodeInclusionReceipt({ ...proof, path: [e, left] }, REGION), badProof),
      refused('a hash too many', encodeInclusionReceipt({ ...proof, path: [...path, f] }, REGION), badProof),
      refused(
        'a hash of 31 bytes',
        encodeInclusionReceipt({ ...proof, path: [e.subarray(1), left, f] }, REGION),
        badProof,
      ),
      refused('another tree in its header', swapped(0, Uint8Array.of(0xa2, 1, 0x32, 0x19, 1, 0x8b, 2)), badProof),
      refused('no tree in its header', swapped(0, Uint8Array.of(0xa1, 1, 0x32)), badProof),
      refused('no proof', swapped(1, new Map()), badProof),
      refused(
        'a proof of consistency',
        swapped(1, new Map([[396, new Map([[-2, [encode([4, 5, path])]]])]])),
        badProof,
      ),
      refused(
        'two proofs',
        swapped(1, new Map([[396, new Map([[-1, [encode([5, 2, path]), encode([5, 2, path])]]])]])),
        badProof,
      ),
      refused('the root as its payload', swapped(2, head.root), badProof),
      refused('a signature of 63 bytes', swapped(3, new Uint8Array(63)), badProof),
      refused('three elements', encode((fields as unknown[]).slice(0, 3) as never), badProof),
      refused('no bytes', new Uint8Array(), { code: 'bad_cbor', reason: 'truncated' }),
    ],
  }
}
