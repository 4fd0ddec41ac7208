/** The kernel's command line: one line of words, and one line it stays. */

/** What a format and a description change about the command line. */
export interface CmdlineChange {
  /** Words to take away, such as those of an earlier preparation. */
  readonly without: readonly RegExp[]
  /** Words to have at the end, each once. */
  readonly words: readonly string[]
}

/** Everything that a preparation, by us or by Raspberry Pi Imager, leaves for the first start. */
const EARLIER = [
  /^systemd\.run=/,
  /^systemd\.run_success_action=/,
  /^systemd\.unit=kernel-command-line\.target$/,
  /^ds=nocloud/,
]

/** @param text - the file as it is. Only its first line counts to the kernel. */
export function changeCmdline(text: string, { without, words }: CmdlineChange): string {
  const line = text.split(/\r?\n/).find(candidate => candidate.trim() !== '') ?? ''
  const kept = line
    .trim()
    .split(/[ \t]+/)
    .filter(
      word => word !== '' && ![...EARLIER, ...without].some(pattern => pattern.test(word)) && !words.includes(word),
    )
  return `${[...kept, ...words].join(' ')}\n`
}

/** Makes the kernel count memory, so that `MemoryMax=` holds: Raspberry Pi's firmware adds `cgroup_disable=memory`. */
export const MEMORY_CONTROLLER = 'cgroup_enable=memory'
/** Consoles on the serial port of the pins, which would talk into a sensor. */
export const SERIAL_CONSOLE = /^console=(?:serial0|ttyAMA0|ttyS0)\b/
const COUNTRY = /^cfg80211\.ieee80211_regdom=/

/** The radio's country, for the time before anything else sets it. */
export function countryChange(country: string): CmdlineChange {
  return { without: [COUNTRY], words: [`cfg80211.ieee80211_regdom=${country}`] }
}
