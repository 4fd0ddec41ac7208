/** How releases and the roles that sign them are shown. */
import { compareVersions } from '../protocol/releases/index.ts'
import type { RepositoryStatus, RoleStatus, SignedRelease } from '../releases/index.ts'
import type { Terminal } from './io.ts'
import { formatBytes } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'
import { type Column, tableLines } from './terminal/table.ts'

const DAY_MS = 86_400_000

/** Such as `home=25 *=0`. */
export function rolloutText({ facts }: SignedRelease): string {
  return Object.entries(facts.rollout)
    .map(([region, percent]) => `${region}=${percent}`)
    .join(' ')
}

/** A release for a script. */
export function releaseJson({ facts, lengthBytes, sha256 }: SignedRelease): object {
  return { ...facts, lengthBytes, sha256 }
}

/** What is published, newest first, and how long it counts. */
export function statusLines(status: RepositoryStatus, nowMs: number, terminal: Terminal, style: Style): string[] {
  const releases = status.releases.toSorted((a, b) => compareVersions(b.facts.version, a.facts.version))
  return [
    ...tableLines(releases, RELEASE_COLUMNS, terminal, style),
    ...(releases.length === 0 ? [] : ['']),
    ...tableLines(status.roles, roleColumns(nowMs), terminal, style),
  ]
}

const RELEASE_COLUMNS: readonly Column<SignedRelease>[] = [
  { title: 'VERSION', value: ({ facts }) => facts.version },
  { title: 'ROLL-OUT', value: rolloutText, shrinks: true },
  { title: 'NODE', value: ({ facts }) => `>=${facts.nodeMin}` },
  { title: 'ARCHIVE', align: 'right', value: ({ lengthBytes }) => formatBytes(lengthBytes) },
  { title: 'UNPACKED', align: 'right', value: ({ facts }) => formatBytes(facts.unpackedBytes) },
  { title: 'SHA-256', value: ({ sha256 }) => sha256.slice(0, 12) },
]

function roleColumns(nowMs: number): readonly Column<RoleStatus>[] {
  const daysLeft = ({ expiresMs }: RoleStatus) => Math.floor((expiresMs - nowMs) / DAY_MS)
  return [
    { title: 'ROLE', value: ({ role }) => role },
    { title: 'VERSION', align: 'right', value: ({ version }) => `${version}` },
    { title: 'KEYS', value: ({ keys, threshold }) => `${threshold} of ${keys}` },
    { title: 'HERE', align: 'right', value: ({ keysHere }) => (keysHere === null ? 'locked' : `${keysHere}`) },
    {
      title: 'COUNTS FOR',
      value: role => (daysLeft(role) < 0 ? 'expired' : `${daysLeft(role)} days`),
      paint: (role, style) => (daysLeft(role) < 0 ? style.bad : style.good),
    },
  ]
}
