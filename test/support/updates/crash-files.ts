/** A disk that loses its power after a number of steps, and then shows what it kept. */
import type { Files, WritableFile } from '../../../device/launcher/index.ts'

/** What a power cut leaves of what was not put on stable storage. */
export type Loss = 'nothing' | 'some content' | 'content' | 'content and names'

export class PowerCut extends Error {
  override readonly name = 'PowerCut'
}

export interface CrashFiles extends Files {
  /** Takes the power now, if it is still there. */
  powerOff(): void
}

/**
 * Counts every step that changes the disk, and throws {@link PowerCut} instead of the step after `stepsMax`; every later step throws too.
 * A write that is cut leaves half of its bytes. What was never synced is lost as `loss` says: contents shrink to half, and renames
 * whose folder was not synced are undone.
 */
export function crashFiles(files: Files, stepsMax: number, loss: Loss): CrashFiles {
  let steps = 0
  let isOff = false
  /** How to lose what is not on stable storage: by file, and by folder. */
  const unsynced = new Map<string, () => void>()
  const renames: { folder: string; undo: () => void }[] = []

  function powerOff(): void {
    if (isOff) return
    isOff = true
    if (loss === 'nothing') return
    // Which of them, depends on the moment: a disk writes in an order of its own.
    const isLost = (index: number) => loss !== 'some content' || (index * 7 + steps) % 3 === 0
    for (const [index, lose] of [...unsynced.values()].entries()) if (isLost(index)) lose()
    if (loss === 'content and names') for (const { undo } of renames.reverse()) undo()
  }
  function step<T>(act: () => T, half?: () => void): T {
    if (isOff) throw new PowerCut('the power is gone')
    if (steps >= stepsMax) {
      half?.()
      powerOff()
      throw new PowerCut('the power is gone')
    }
    steps += 1
    return act()
  }

  function opened(path: string, file: WritableFile): WritableFile {
    unsynced.set(path, () => truncate(files, path))
    return {
      write: bytes =>
        step(
          () => file.write(bytes),
          () => file.write(bytes.subarray(0, bytes.length >> 1)),
        ),
      sync: () =>
        step(() => {
          file.sync()
          unsynced.delete(path)
        }),
      // A process that is gone has no open files.
      close: () => file.close(),
    }
  }

  return {
    read: files.read,
    list: files.list,
    size: files.size,
    isFolder: files.isFolder,
    sha256: files.sha256,
    freeBytes: files.freeBytes,
    powerOff,
    makeFolder: path => step(() => files.makeFolder(path)),
    create: (path, mode) => step(() => opened(path, files.create(path, mode))),
    append: (path, mode) => step(() => opened(path, files.append(path, mode))),
    rename: (from, to) =>
      step(() => {
        const before = files.isFolder(from) ? null : files.read(to)
        files.rename(from, to)
        for (const path of [...unsynced.keys()].filter(path => path === from || path.startsWith(`${from}/`))) {
          const moved = to + path.slice(from.length)
          unsynced.delete(path)
          unsynced.set(moved, () => truncate(files, moved))
        }
        const undo = () => {
          if (files.size(to) === null) return
          files.rename(to, from)
          if (before !== null) rewrite(files, to, before)
        }
        renames.push({ folder: folderOf(to), undo })
      }),
    remove: path => step(() => files.remove(path)),
    syncFolder: path =>
      step(() => {
        files.syncFolder(path)
        for (let i = renames.length - 1; i >= 0; i--) if (renames[i]?.folder === path) renames.splice(i, 1)
      }),
  }
}

/** Halves a file, wherever it was moved with its folder. */
function truncate(files: Files, path: string): void {
  const bytes = files.read(path)
  if (bytes !== null) rewrite(files, path, bytes.subarray(0, bytes.length >> 1))
}

function rewrite(files: Files, path: string, bytes: Uint8Array): void {
  const file = files.create(path, 0o644)
  file.write(bytes)
  file.close()
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
