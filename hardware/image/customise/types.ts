/** What the parts of `hedgerow flash` tell each other: what a card is to be, what is on it, and what is to be written there. */

/** The ways in which an operating system takes its settings at the first start. docs/flashing-formats.md has each byte of them. */
export const IMAGE_FORMATS = ['systemd', 'cloudinit', 'cloudinit-rpi', 'rpi-preseed', 'custom-toml'] as const
export type ImageFormat = (typeof IMAGE_FORMATS)[number]

/** A person's account on the machine. */
export interface NodeUser {
  /** 1..32 characters: lower-case letters, digits, `_` and `-`, a letter first; not `root`. */
  readonly name: string
  /** As `mkpasswd` or `openssl passwd -6` prints it; nobody can log in with a password when left out. */
  readonly passwordHash?: string
  /** Public keys as in `authorized_keys`, 0..16. */
  readonly authorizedKeys: readonly string[]
}

/** A wireless network. */
export interface NodeWifi {
  /** 1..32 bytes of UTF-8 without control characters. */
  readonly ssid: string
  /** The pairwise master key, 64 lower-case hex digits, made of the password and the name; null for an open network. */
  readonly psk: string | null
  readonly hidden: boolean
  /** Two capital letters. */
  readonly country: string
}

/** What is switched on for sensors. */
export interface NodeInterfaces {
  readonly i2c: boolean
  readonly spi: boolean
  readonly onewire: boolean
  /** The serial port on the pins, which then belongs to a sensor: no login console on it. */
  readonly serial: boolean
}

/** The region that the claim belongs to, as the claim says it. */
export interface NodeRegion {
  readonly name: string
  readonly mqttUrl: string
  /** The region's id: base32 of the front half of the SHA-256 thumbprint of its key, 26 characters. */
  readonly fingerprint: string
}

/** Where Node and Hedgerow come from at the first start. */
export interface NodeInstall {
  /** `bundle`: a file on the card; needs no network. `registry`: the npm registry. */
  readonly from: 'bundle' | 'registry'
  /** A version such as `0.2.0`; the newest, or the bundle's, when left out. */
  readonly version?: string
  /** Of npm packages: `https:` or `http:`, no slash at the end. */
  readonly registry: string
}

/** What one card is to be; made by `readNodeDescription`, every field checked. */
export interface NodeDescription {
  /** 1..63 characters of letters, digits and `-`. */
  readonly hostname: string
  /** The owner's name for the device; the host's name when left out. */
  readonly label?: string
  readonly user?: NodeUser
  /** Whether one can log in over the network. */
  readonly ssh: boolean
  readonly wifi?: NodeWifi
  /** Of the radio, also without a network of its own: two capital letters. */
  readonly country?: string
  /** Such as `Europe/Berlin`. */
  readonly timezone?: string
  /** Such as `de`. */
  readonly keymap?: string
  /** Such as `de_DE.UTF-8`. */
  readonly locale?: string
  readonly interfaces: NodeInterfaces
  /** Further lines of config.txt, such as `dtoverlay=i2c-sensor,bme280,addr=0x76`. */
  readonly overlays: readonly string[]
  /** The text of sensors.yaml. */
  readonly sensors?: string
  /** Device files that the sensors need, such as `/dev/serial0`, for the service's rights. */
  readonly sensorDevices: readonly string[]
  /** The text of governor.yaml. */
  readonly governor?: string
  /** Sentences for the owner about what the description leaves open, such as a sensor without an overlay. */
  readonly remarks: readonly string[]
  /** The code; a secret. */
  readonly claim: string
  readonly region: NodeRegion
  readonly install: NodeInstall
}

/** One file to write on the boot (FAT) partition. */
export interface BootFile {
  /** From the root of the partition, `/` between names. */
  readonly path: string
  readonly content: Uint8Array
  /** It holds what must not be printed: keys, passwords, the claim. */
  readonly secret?: boolean
}

/** What is on a boot partition. FAT tells no upper from lower case, so readers try the usual spelling. */
export interface BootPartition {
  /** Names in the root folder. */
  list(): Promise<readonly string[]>
  /** @returns the whole file; null when there is none. @param path - from the root, `/` between names */
  read(path: string): Promise<Uint8Array | null>
}

/** Which system a card has, and why we think so. */
export interface Detected {
  readonly format: ImageFormat
  /** In words, such as `Raspberry Pi OS (trixie) of 2025-12-04`. */
  readonly os: string
  /** What was seen, a sentence each. */
  readonly why: readonly string[]
  /** Where the kernel's command line is: `cmdline.txt`, or `current/cmdline.txt` on newer Ubuntu. */
  readonly cmdlinePath: string
  /** Where the running system sees this partition. */
  readonly bootFolder: '/boot/firmware' | '/boot'
}

/** Node and Hedgerow in one file, for rooms without a network: docs/flashing-formats.md, "The bundle". */
export interface Bundle {
  readonly name: 'hedgerow-bundle.tar.xz' | 'hedgerow-bundle.tar.gz'
  readonly content: Uint8Array
}

export interface CustomiseOptions {
  /** Now, as Unix milliseconds: names the instance, and tells the card which clocks are wrong. */
  readonly nowMs: number
  /** Needed when the description says `install: {from: bundle}`. */
  readonly bundle?: Bundle
}

/** What `customise` gives. */
export interface Customised {
  /** In the order in which they are to be written: what starts it all, the command line, is last. */
  readonly files: readonly BootFile[]
  /** What the format cannot do, in sentences for the owner; empty when everything that was wished for will be done. */
  readonly warnings: readonly string[]
}
