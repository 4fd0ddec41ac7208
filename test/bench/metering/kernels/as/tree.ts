// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Builds complete binary trees, counts their nodes and lets them go: allocation and recursion.
import { answer, mix, SEED, sizeAt } from './reactor'

export { alloc } from './reactor'

class Node {
  left: Node | null = null
  right: Node | null = null
}

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(depth: i32): u64 {
  let hash = SEED
  for (let level = 4; level <= depth; level += 2) {
    const trees = 1 << (depth - level)
    for (let i = 0; i < trees; i++) hash = mix(hash, nodesOf(grow(level)))
  }
  return hash
}

function grow(depth: i32): Node {
  const node = new Node()
  if (depth > 0) {
    node.left = grow(depth - 1)
    node.right = grow(depth - 1)
  }
  return node
}

function nodesOf(node: Node): i32 {
  const left = node.left
  const right = node.right
  return left === null || right === null ? 1 : 1 + nodesOf(left) + nodesOf(right)
}
