/**
 * Every function a task may import, with its type as `parameters:results` where `i` is i32 and `I` is i64. Names and types are those of WASI snapshot
 * preview 1 (`wasi_snapshot_preview1.witx`); a sandbox answers the ones that make no sense for a task with ENOSYS.
 */
const WASI: Readonly<Record<string, string>> = {
  args_get: 'ii:i',
  args_sizes_get: 'ii:i',
  clock_res_get: 'ii:i',
  clock_time_get: 'iIi:i',
  environ_get: 'ii:i',
  environ_sizes_get: 'ii:i',
  fd_advise: 'iIIi:i',
  fd_allocate: 'iII:i',
  fd_close: 'i:i',
  fd_datasync: 'i:i',
  fd_fdstat_get: 'ii:i',
  fd_fdstat_set_flags: 'ii:i',
  fd_fdstat_set_rights: 'iII:i',
  fd_filestat_get: 'ii:i',
  fd_filestat_set_size: 'iI:i',
  fd_filestat_set_times: 'iIIi:i',
  fd_pread: 'iiiIi:i',
  fd_prestat_dir_name: 'iii:i',
  fd_prestat_get: 'ii:i',
  fd_pwrite: 'iiiIi:i',
  fd_read: 'iiii:i',
  fd_readdir: 'iiiIi:i',
  fd_renumber: 'ii:i',
  fd_seek: 'iIii:i',
  fd_sync: 'i:i',
  fd_tell: 'ii:i',
  fd_write: 'iiii:i',
  path_create_directory: 'iii:i',
  path_filestat_get: 'iiiii:i',
  path_filestat_set_times: 'iiiiIIi:i',
  path_link: 'iiiiiii:i',
  path_open: 'iiiiiIIii:i',
  path_readlink: 'iiiiii:i',
  path_remove_directory: 'iii:i',
  path_rename: 'iiiiii:i',
  path_symlink: 'iiiii:i',
  path_unlink_file: 'iii:i',
  poll_oneoff: 'iiii:i',
  proc_exit: 'i:',
  proc_raise: 'i:i',
  random_get: 'ii:i',
  sched_yield: ':i',
  sock_accept: 'iii:i',
  sock_recv: 'iiiiii:i',
  sock_send: 'iiiii:i',
  sock_shutdown: 'ii:i',
}

/** Name of the WASI preview 1 import module. */
export const WASI_MODULE = 'wasi_snapshot_preview1'

/** WASI preview 1's function names. */
export const WASI_FUNCTIONS: readonly string[] = Object.keys(WASI)

/** The type a task's import must have, or null when tasks may not import it. */
export function allowedImport(module: string, field: string): string | null {
  if (module === WASI_MODULE && Object.hasOwn(WASI, field)) return WASI[field] ?? null
  // AssemblyScript's report of a failed assertion.
  return module === 'env' && field === 'abort' ? 'iiii:' : null
}

/** What the author of a module with a forbidden import should do about it. */
export function importAdvice(module: string, field: string): string {
  if (module === 'wasi_unstable') return 'Build for wasm32-wasip1 with a newer toolchain.'
  if (module.startsWith('wasi:')) return 'Build for WASI preview 1 (wasm32-wasip1), not preview 2.'
  if (module === 'env' && field === 'memory') return 'Define the memory in the module instead of importing it.'
  if (module === 'env' && field === 'seed') return "AssemblyScript's Math.random needs it: use WASI's random_get."
  if (module === 'env') return 'Link the function into the module, or remove what calls it.'
  return `A task may import the functions of ${WASI_MODULE} and env.abort only.`
}
