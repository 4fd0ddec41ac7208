/** A task that takes its time, so that its progress can be watched. */
import { ins } from '../../support/wasm-code.ts'
import { I32, op, reactor } from '../../support/wasm-module.ts'

const ROUNDS = 2_000_000
const LEFT = 2

/** Counts down from two millions, some milliseconds of work, and answers with nothing. */
export const SLOW = reactor(
  [
    ...op.i32(ROUNDS),
    ...op.setLocal(LEFT),
    ...ins.loop([...op.local(LEFT), ...op.i32(-1), ...op.add, ...ins.tee(LEFT), ...ins.brIf(0)]),
    ...op.i64(0),
  ],
  { locals: [I32] },
)
