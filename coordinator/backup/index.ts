/** Copies of a coordinator's folder that a region can be started from again. */
export { type Backup, type BackupManifest, type BackupOrder, backupsIn, restoreBackup, writeBackup } from './backup.ts'
export { createSnapshots, type DatabaseSnapshot, type SnapshotPorts } from './snapshot.ts'
