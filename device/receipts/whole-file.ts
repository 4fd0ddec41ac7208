/** Files that are there whole or not at all, whatever happens while they are written. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Puts a file in the place of another; it is on stable storage when this returns. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const draft = `${path}.new`
  writeSynced(draft, bytes, 'w')
  renameSync(draft, path)
  syncFolder(dirname(path))
}

/**
 * Makes a file that is not there yet; it is on stable storage when this returns.
 * @returns false when there is one of that name
 */
export function createWhole(path: string, bytes: Uint8Array): boolean {
  try {
    writeSynced(path, bytes, 'wx')
  } catch (thrown) {
    if (isCode(thrown, 'EEXIST')) return false
    throw thrown
  }
  syncFolder(dirname(path))
  return true
}

/** The bytes of a file, or null when there is none. */
export function readIfThere(path: string): Uint8Array | null {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return null
    throw thrown
  }
}

function writeSynced(path: string, bytes: Uint8Array, flags: 'w' | 'wx'): void {
  const file = openSync(path, flags, 0o600)
  try {
    writeSync(file, bytes)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
