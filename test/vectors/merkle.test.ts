/**
 * Proofs about RFC 9162 trees as transparency-dev publishes them. Those of subtrees are from a later draft (merkle tree certificates): the
 * ones whose subtree begins at 0 are proofs about trees, and are checked as such; the others have no meaning here and are left out.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromBase64 } from '../../protocol/bytes.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { portableSha256, verifyConsistency, verifyInclusion } from '../../protocol/merkle/index.ts'
import { nodeSha256 } from '../../protocol/node/index.ts'
import { describeVectors, vectorFolder, vectorText } from '../support/vectors.ts'

interface InclusionVector {
  readonly leafIdx: number
  readonly treeSize?: number
  readonly start?: number
  readonly end?: number
  readonly root: string | null
  readonly leafHash: string | null
  readonly proof: readonly string[] | null
  readonly desc: string
  readonly wantErr: boolean
}

interface ConsistencyVector {
  readonly size1?: number
  readonly size2?: number
  readonly start?: number
  readonly end?: number
  readonly size?: number
  readonly root1: string | null
  readonly root2: string | null
  readonly proof: readonly string[] | null
  readonly desc: string
  readonly wantErr: boolean
}

const FOLDERS = ['inclusion', 'consistency', 'subtreeinclusion', 'subtreeconsistency']
const hashes = [portableSha256, nodeSha256]

function vectorsOf<Vector>(folder: string): [name: string, vector: Vector][] {
  const names = readdirSync(vectorFolder(`merkle/${folder}`), { recursive: true, encoding: 'utf8' })
  const paths = names.filter(name => name.endsWith('.json')).sort()
  return paths.map(name => [name, JSON.parse(vectorText(`merkle/${folder}/${name}`)) as Vector])
}

const bytesOf = (text: string | null) => fromBase64(text ?? '')

/** Whether a proof was refused; anything but a refusal is thrown on. */
function isRefused(verify: () => void): boolean {
  try {
    verify()
    return false
  } catch (thrown) {
    if (thrown instanceof ProtocolError && thrown.code === 'bad_proof') return true
    throw thrown
  }
}

function checkInclusion({ leafIdx, root, leafHash, proof }: InclusionVector, size: number): boolean[] {
  const path = (proof ?? []).map(bytesOf)
  const inclusion = { index: leafIdx, size, root: bytesOf(root), leaf: bytesOf(leafHash), path }
  return hashes.map(hash => isRefused(() => verifyInclusion(hash, inclusion)))
}

function checkConsistency({ root1, root2, proof }: ConsistencyVector, size1: number, size2: number): boolean[] {
  const first = { size: size1, root: bytesOf(root1) }
  const second = { size: size2, root: bytesOf(root2) }
  return hashes.map(hash =>
    isRefused(() => verifyConsistency(hash, { first, second, path: (proof ?? []).map(bytesOf) })),
  )
}

describeVectors(
  'RFC 9162 proofs',
  FOLDERS.map(folder => `merkle/${folder}`),
  () => {
    describe('inclusion', () => {
      test.each(vectorsOf<InclusionVector>('inclusion'))('%s [LOG-2.2]', (_name, vector) => {
        expect(checkInclusion(vector, vector.treeSize ?? 0)).toEqual([vector.wantErr, vector.wantErr])
      })
    })

    describe('consistency', () => {
      test.each(vectorsOf<ConsistencyVector>('consistency'))('%s [LOG-2.3]', (_name, vector) => {
        expect(checkConsistency(vector, vector.size1 ?? 0, vector.size2 ?? 0)).toEqual([vector.wantErr, vector.wantErr])
      })
    })

    describe('subtrees that are trees', () => {
      const inclusion = vectorsOf<InclusionVector>('subtreeinclusion').filter(([, { start = 0 }]) => start === 0)
      const consistency = vectorsOf<ConsistencyVector>('subtreeconsistency').filter(([, vector]) => isOfTrees(vector))

      test('are enough to look at', () => {
        expect(inclusion.length).toBeGreaterThan(80)
        expect(consistency.length).toBeGreaterThan(80)
      })

      test.each(inclusion)('inclusion in %s [LOG-2.2]', (_name, vector) => {
        expect(checkInclusion(vector, vector.end ?? 0)).toEqual([vector.wantErr, vector.wantErr])
      })

      test.each(consistency)('consistency of %s [LOG-2.3]', (_name, vector) => {
        expect(checkConsistency(vector, vector.end ?? 0, vector.size ?? 0)).toEqual([vector.wantErr, vector.wantErr])
      })
    })
  },
)

/** A subtree without entries is something there; RFC 9162 has no proof from a tree without entries. */
function isOfTrees({ start = 0, end = 0 }: ConsistencyVector): boolean {
  return start === 0 && end > 0
}
