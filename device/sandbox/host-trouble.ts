/**
 * Something that only this machine, at this moment, could not do: no memory to be had, the engine's own stack at its end, an engine error
 * that has no name. It says nothing about the unit, so there is no result, and the process that met it is used no more.
 */
export class HostTrouble extends Error {
  override readonly name = 'HostTrouble'
}
