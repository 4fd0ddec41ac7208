/** `node write-history.ts FILE ENTRIES` */
import { writeHistory } from './history.ts'

const [file = '', entries = ''] = process.argv.slice(2)
process.stdout.write(JSON.stringify(writeHistory(file, Number(entries))))
