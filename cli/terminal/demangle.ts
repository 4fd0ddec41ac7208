/** Escapes of Rust's legacy symbol names (rustc's `legacy.rs`). */
const ESCAPES: Readonly<Record<string, string>> = {
  $LT$: '<',
  $GT$: '>',
  $LP$: '(',
  $RP$: ')',
  $RF$: '&',
  $BP$: '*',
  $C$: ',',
  $SP$: '@',
  $u20$: ' ',
  $u27$: "'",
  $u5b$: '[',
  $u5d$: ']',
  $u7b$: '{',
  $u7d$: '}',
  $u7e$: '~',
}

/** A function's name as its author wrote it, such as `core::fmt::write` for `_ZN4core3fmt5write17h…E`; other names stay as they are. */
export function demangle(name: string): string {
  const mangled = /^_ZN(.+?)17h[0-9a-f]{16}E/.exec(name)?.[1]
  if (mangled === undefined) return name
  const parts: string[] = []
  for (let rest = mangled; rest !== ''; ) {
    const length = /^\d+/.exec(rest)?.[0] ?? ''
    const part = rest.slice(length.length, length.length + Number(length))
    if (part === '' || part.length < Number(length)) return name
    parts.push(part)
    rest = rest.slice(length.length + part.length)
  }
  return parts
    .join('::')
    .replaceAll(/^_(?=\$)/g, '')
    .replaceAll(/\$[A-Za-z0-9]+?\$/g, sequence => ESCAPES[sequence] ?? sequence)
    .replaceAll('..', '::')
}
