import { describe, expect, it } from 'vitest'
import { fromBase64, fromHex, toHex } from '../../../../protocol/bytes.ts'
import { portableSigner, regionIdOf } from '../../../../protocol/cose/index.ts'
import { LIMITS } from '../../../../protocol/limits.ts'
import {
  addSignatureLines,
  cosign,
  formatAddCheckpoint,
  formatCheckpoint,
  formatVerifierKey,
  logKeyOf,
  logOrigin,
  openCheckpoint,
  openNote,
  parseAddCheckpoint,
  parseNote,
  parseVerifierKey,
  signCheckpoint,
  signNote,
  verifyCosignature,
  witnessKeyOf,
  witnessName,
} from '../../../../protocol/merkle/index.ts'
import { nodeVerifier } from '../../../../protocol/node/index.ts'

const verifier = nodeVerifier()
const signer = portableSigner(new Uint8Array(32).fill(1))
const other = portableSigner(new Uint8Array(32).fill(2))
const witness = { name: 'hedgerow/witness/w1', signer: portableSigner(new Uint8Array(32).fill(3)) }
const badNote = expect.objectContaining({ code: 'bad_note' })
const badSignature = expect.objectContaining({ code: 'bad_signature' })
const origin = 'hedgerow/log/x'
const head = { size: 7, root: new Uint8Array(32).fill(9) }
const logKey = logKeyOf(origin, signer.publicKey)
const witnessKey = witnessKeyOf(witness.name, witness.signer.publicKey)

/** Examples of C2SP signed-note and of golang.org/x/mod/sumdb/note. */
const EXAMPLES = [
  [
    'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'This is an example message.\n',
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
  ],
  [
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
  ],
] as const

describe('signed notes [LOG-3.1]', () => {
  it.each(EXAMPLES)('of others: %s', (vkey, body, line) => {
    const key = parseVerifierKey(vkey)
    expect(formatVerifierKey(key)).toBe(vkey)
    expect(formatVerifierKey(logKeyOf(key.name, key.publicKey))).toBe(vkey)
    expect(openNote(`${body}\n${line}`, key, verifier)).toBe(body)
    expect(() => openNote(`${body.replace('i', 'I')}\n${line}`, key, verifier)).toThrow(badSignature)
  })

  it('are signed as others sign them', () => {
    // golang.org/x/mod/sumdb/note: PRIVATE+KEY+PeterNeumann+c74f20a3+AYEK….
    const [vkey, body, line] = EXAMPLES[1]
    const peter = portableSigner(fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').subarray(1))
    expect(signNote(body, parseVerifierKey(vkey).name, peter)).toBe(`${body}\n${line}`)
  })

  it('may have empty lines and signatures of strangers', () => {
    const body = 'a\n\nb\n'
    const note = addSignatureLines(signNote(body, 'x', signer), signNote(body, 'y', other).split('\n\n').at(-1) ?? '')
    expect(parseNote(note)).toMatchObject({ body, signatures: [{ name: 'x' }, { name: 'y' }] })
    expect(openNote(note, logKeyOf('x', signer.publicKey), verifier)).toBe(body)
    expect(() => openNote(note, logKeyOf('z', signer.publicKey), verifier)).toThrow(badNote)
    expect(() => openNote(note, logKeyOf('x', other.publicKey), verifier)).toThrow(badNote)
  })

  it('are refused when one of two signatures of a key is not its own', () => {
    const note = signNote('a\n', 'x', signer)
    const line = note.slice(3)
    const wrong = parseNote(note.replace('a\n', 'b\n')).signatures[0]
    expect(wrong).toBeDefined()
    expect(() => openNote(`b\n\n${line}`, logKeyOf('x', signer.publicKey), verifier)).toThrow(badSignature)
    const good = signNote('b\n', 'x', signer)
    expect(() => openNote(`${good}${line}`, logKeyOf('x', signer.publicKey), verifier)).toThrow(badSignature)
  })

  it.each([
    ['a control character', 'a\u0007\n\n— x AAAAAAA=\n'],
    ['a lone surrogate', 'a\ud800\n\n— x AAAAAAA=\n'],
    ['no signature', 'a\n\n'],
    ['a line that is none', 'a\n\n— x AAAAAAA=\nb\n'],
    ['a signature that is cut short', 'a\n\n— x AAAAAA==\n'],
    ['base64 with leftover bits', 'a\n\n— x AAAAAAB=\n'],
    ['base64 without padding', 'a\n\n— x AAAAAAA\n'],
    ['a no-break space in a name', 'a\n\n— x\u00a0y AAAAAAA=\n'],
    ['a name that is too long', `a\n\n— ${'x'.repeat(LIMITS.noteNameBytesMax + 1)} AAAAAAA=\n`],
    ['too many signatures', `a\n\n${'— x AAAAAAA=\n'.repeat(LIMITS.noteSignaturesMax + 1)}`],
    ['too much text', `${'a'.repeat(LIMITS.noteBytesMax)}\n\n— x AAAAAAA=\n`],
  ])('are refused with %s', (_title, text) => {
    expect(() => parseNote(text)).toThrow(badNote)
  })

  it('have as many signatures as C2SP asks for at least', () => {
    expect(LIMITS.noteSignaturesMax).toBeGreaterThanOrEqual(16)
    expect(parseNote(`a\n\n${'— x AAAAAAA=\n'.repeat(LIMITS.noteSignaturesMax)}`).signatures).toHaveLength(64)
  })

  it('are not signed over what would be read as another text', () => {
    for (const body of ['a', 'a\r\n', '']) expect(() => signNote(body, 'x', signer)).toThrow(badNote)
    expect(() => signNote('a\n', 'x y', signer)).toThrow(badNote)
  })

  it('have keys that are refused when their parts do not fit', () => {
    const vkey = formatVerifierKey(logKey)
    expect(parseVerifierKey(vkey)).toEqual(logKey)
    const wrong = [
      '',
      vkey.replace('+', ''),
      vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'),
      `${vkey}A`,
      // Type 2 is ECDSA.
      'example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    ]
    for (const text of wrong) expect(() => parseVerifierKey(text)).toThrow(badNote)
    const neutral = logKeyOf('x', fromHex(`01${'00'.repeat(31)}`))
    expect(() => parseVerifierKey(formatVerifierKey(neutral))).toThrow(expect.objectContaining({ code: 'bad_key' }))
    expect(() => logKeyOf('a b', signer.publicKey)).toThrow(badNote)
  })
})

describe('checkpoints [LOG-3.2]', () => {
  it('have the form of C2SP, and the origin of their region', () => {
    expect(formatCheckpoint({ origin, ...head })).toBe(`hedgerow/log/x\n7\n${'CQkJ'.repeat(10)}CQk=\n`)
    const region = regionIdOf(signer.publicKey)
    expect(logOrigin(region)).toBe(`hedgerow/log/${region}`)
  })

  it('are opened with the key of their log only', () => {
    const note = signCheckpoint(head, origin, signer)
    expect(openCheckpoint(note, logKey, verifier)).toEqual({ origin, ...head })
    expect(() => openCheckpoint(note, logKeyOf(origin, other.publicKey), verifier)).toThrow(badNote)
    const foreign = signNote(formatCheckpoint({ origin: 'hedgerow/log/y', ...head }), origin, signer)
    expect(() => openCheckpoint(foreign, logKey, verifier)).toThrow(badNote)
    expect(() => openCheckpoint(note, { ...logKey, type: 4 }, verifier)).toThrow(badNote)
  })
})

describe('cosignatures [LOG-6.1]', () => {
  const note = signCheckpoint(head, origin, signer)
  const { body } = parseNote(note)
  const line = cosign(body, 1_679_315_147, witness)

  it('are over the time and the text, behind eight bytes of time', () => {
    const [signature] = parseNote(addSignatureLines(note, line)).signatures.slice(1)
    expect(signature?.bytes).toHaveLength(72)
    expect(toHex(signature?.bytes.subarray(0, 8) ?? new Uint8Array())).toBe('00000000641850cb')
    expect(
      verifier.verify(
        witness.signer.publicKey,
        new TextEncoder().encode(`cosignature/v1\ntime 1679315147\n${body}`),
        signature?.bytes.subarray(8) ?? new Uint8Array(),
      ),
    ).toBe(true)
  })

  it('say when, and nothing of another witness, text or time', () => {
    const cosigned = addSignatureLines(note, line)
    expect(openCheckpoint(cosigned, logKey, verifier)).toEqual({ origin, ...head })
    expect(verifyCosignature(cosigned, witnessKey, verifier)).toBe(1_679_315_147)
    expect(verifyCosignature(note, witnessKey, verifier)).toBeNull()
    expect(verifyCosignature(cosigned, logKeyOf(witness.name, witness.signer.publicKey), verifier)).toBeNull()
    expect(verifyCosignature(cosigned, witnessKeyOf(witness.name, other.publicKey), verifier)).toBeNull()
    expect(verifyCosignature(cosigned.replace('\n7\n', '\n8\n'), witnessKey, verifier)).toBeNull()
    const later = cosign(body, 1_679_315_148, witness)
    const bytes = (text: string) => parseNote(addSignatureLines(note, text)).signatures[1]?.bytes ?? new Uint8Array()
    const mixed = Uint8Array.from([...bytes(later).subarray(0, 8), ...bytes(line).subarray(8)])
    const forged = line.replace(/ [^ ]+\n$/, ` ${Buffer.from([...witnessKey.keyId, ...mixed]).toString('base64')}\n`)
    expect(verifyCosignature(addSignatureLines(note, forged), witnessKey, verifier)).toBeNull()
  })

  it('of one witness are kept once, the newest', () => {
    const later = cosign(body, 1_679_399_999, witness)
    const twice = addSignatureLines(addSignatureLines(note, line), later)
    expect(parseNote(twice).signatures).toHaveLength(2)
    expect(verifyCosignature(twice, witnessKey, verifier)).toBe(1_679_399_999)
    // A log that leaves both in is read all the same.
    expect(verifyCosignature(`${addSignatureLines(note, later)}${line}`, witnessKey, verifier)).toBe(1_679_399_999)
    expect(() => addSignatureLines(note, line.slice(0, -1))).toThrow(badNote)
    expect(() => addSignatureLines(note, 'hello\n')).toThrow(badNote)
  })

  it('are of whole seconds, and of another type than a log’s signature', () => {
    expect(() => cosign(body, 0.5, witness)).toThrow('whole seconds')
    const huge = Uint8Array.from([...new Uint8Array(8).fill(127), ...new Uint8Array(64)])
    const text = `— ${witness.name} ${Buffer.from([...witnessKey.keyId, ...huge]).toString('base64')}\n`
    expect(verifyCosignature(addSignatureLines(note, text), witnessKey, verifier)).toBeNull()
    expect(toHex(witnessKey.keyId)).not.toBe(toHex(logKeyOf(witness.name, witness.signer.publicKey).keyId))
    const region = regionIdOf(signer.publicKey)
    expect(witnessName(region)).toBe(`hedgerow/witness/${region}`)
  })
})

describe('requests to cosign [LOG-6.2]', () => {
  const note = signCheckpoint(head, origin, signer)

  it('come back as they were', () => {
    for (const path of [[], [head.root, head.root], new Array<Uint8Array>(63).fill(head.root)]) {
      const request = { oldSize: 5, path, note }
      expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual(request)
    }
  })

  it('are refused when they are too long', () => {
    const path = new Array<Uint8Array>(64).fill(head.root)
    expect(() => parseAddCheckpoint(formatAddCheckpoint({ oldSize: 5, path, note }))).toThrow(badNote)
    expect(() => parseAddCheckpoint(`old 5\n\n${note}${'x'.repeat(20_000)}`)).toThrow(badNote)
    expect(() => parseAddCheckpoint('')).toThrow(badNote)
  })
})
