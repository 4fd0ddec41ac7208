import type { UnitOutcome } from '../../protocol/index.ts'

/** What went wrong with a unit, as the end of a sentence that begins with it and says what helps; null when nothing did. */
export function failureOf(outcome: UnitOutcome): string | null {
  switch (outcome.kind) {
    case 'ok':
      return null
    case 'trap':
      return `trapped: ${outcome.trap.replaceAll('_', ' ')}`
    case 'exit':
      return `exited with code ${outcome.code}`
    case 'out_of_fuel':
      return `ran out of fuel: its limit is ${outcome.fuel}; raise task.unitFuelMax`
  }
}
