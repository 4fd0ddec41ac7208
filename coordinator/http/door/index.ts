/** What every request passes first. */
export { addressOf, Door, type DoorInit } from './door.ts'
