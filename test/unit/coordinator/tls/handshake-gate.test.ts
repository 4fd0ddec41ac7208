import { expect, test } from 'vitest'
import { HandshakeGate } from '../../../../coordinator/tls/handshake-gate.ts'

const LIMITS = { pendingMax: 3, pendingPerAddressMax: 2, perAddressPerSecondMax: 10, perAddressBurstMax: 5 }

function gateAt() {
  const state = { nowMs: 0 }
  return { state, gate: new HandshakeGate({ monotonicMs: () => state.nowMs }, LIMITS) }
}

test('so many handshakes at a time, of one address and of all, and another when one is over', () => {
  const { gate } = gateAt()
  expect([gate.begin('a'), gate.begin('a'), gate.begin('a')]).toEqual([null, null, 'too_many_from_address'])
  expect([gate.begin('b'), gate.begin('c')]).toEqual([null, 'too_many_handshakes'])
  gate.end('a')
  expect([gate.begin('c'), gate.begin('a')]).toEqual([null, 'too_many_handshakes'])
  for (const address of ['a', 'b', 'c']) gate.end(address)
  expect(gate.begin('a')).toBeNull()
})

test('so many a second from one address, however quickly each is over', () => {
  const { gate, state } = gateAt()
  const tryOne = (address: string) => {
    const refusal = gate.begin(address)
    if (refusal === null) gate.end(address)
    return refusal
  }
  const row = Array.from({ length: 6 }, () => tryOne('a'))
  expect(row).toEqual([null, null, null, null, null, 'too_often_from_address'])
  expect(tryOne('b')).toBeNull()
  state.nowMs += 100
  expect([tryOne('a'), tryOne('a')]).toEqual([null, 'too_often_from_address'])
})
