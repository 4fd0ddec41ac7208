import { resolve } from 'node:path'
import type { JobResult } from '../../coordinator/http/admin-api.ts'
import { LIMITS, parseCredits } from '../../protocol/index.ts'
import type { AdminClient } from '../admin-client.ts'
import { usage } from '../args.ts'
import { defineCommand } from '../command.ts'
import { AS_OPTION, connectSubmitterAs } from '../connection.ts'
import { EXIT } from '../exit-codes.ts'
import type { Terminal } from '../io.ts'
import type { Upload } from '../job-file/attachment.ts'
import { deliverResult, isReadable } from '../job-result.ts'
import { answerHint, endOfJob } from '../job-words.ts'
import type { Output } from '../output.ts'
import { formatBytes, formatCount, formatMicro } from '../terminal/format.ts'
import { PLAIN_STYLE } from '../terminal/style.ts'
import { watchJob } from '../watch-job.ts'

const name = 'job submit'

/** `hedgerow job submit` */
export const jobSubmit = defineCommand({
  name,
  summary: 'submit a job from a YAML or JSON file',
  details:
    'The file is checked before anything is sent. In it, task.module, task.script and split.source may name files,\n' +
    'relative to it; large ones are uploaded first. docs/submitting.md explains every field.',
  positionals: [{ name: 'FILE', describe: 'the job file' }],
  options: {
    ...AS_OPTION,
    budget: { type: 'text', value: 'CREDITS', describe: 'the most it may cost, instead of what the file says' },
    watch: { type: 'flag', describe: 'follow it until it is over, then print the answer' },
    out: { type: 'text', value: 'FILE', describe: 'with --watch: write the answer to a file' },
    check: { type: 'flag', describe: 'only check the file' },
  },
  examples: [
    { line: 'hedgerow job submit job.yaml', does: 'prints the id of the new job' },
    { line: 'hedgerow job submit job.yaml --watch', does: 'waits, then prints the answer' },
    { line: 'hedgerow job submit job.yaml --watch --out answer.json', does: 'waits, then writes the answer to a file' },
    { line: 'hedgerow job submit job.yaml --check', does: 'finds mistakes without sending anything' },
  ],
  run: async ({ options, args: [path = ''], io, out }) => {
    if (options.out !== undefined && !options.watch) throw usage({ name }, '--out needs --watch')
    const overrides = options.budget === undefined ? {} : { budgetMicro: String(parseCredits(options.budget)) }
    // Here and not above: a device is this same program, and has no use for a YAML parser in memory.
    const { readJobFile } = await import('../job-file/job-file.ts')
    const file = await readJobFile(resolve(io.cwd, path), overrides)
    if (options.check) {
      out.result({ ok: true, uploads: file.uploads.length }, () => [`${path} is a valid job.`])
      return EXIT.ok
    }
    const api = connectSubmitterAs(io, options.state, options.as)
    for (const upload of file.uploads) await send(api, upload, out)
    const job = await api.jobSubmit('', file.specification)
    if (!options.watch) {
      out.result(job, style => [style.bold(job.id)])
      out.note(
        `${formatCount(job.units)} units, at most ${formatMicro(job.budgetMicro)}. Next: hedgerow job watch ${job.id}`,
      )
      return EXIT.ok
    }
    out.note(`Job ${job.id}: ${formatCount(job.units)} units, at most ${formatMicro(job.budgetMicro)}.`)
    const { job: ended, exit } = await watchJob(api, job.id, { io, out })
    const output = options.out === undefined ? null : resolve(io.cwd, options.out)
    if (ended.result === null || (out.json && output === null)) {
      out.result(ended, style => endOfJob(ended, style))
      return exit
    }
    const isQuiet = output === null && isUnfitFor(io.stdout, ended.result)
    for (const line of [...endOfJob(ended, PLAIN_STYLE), ...(isQuiet ? answerHint(ended) : [])]) out.note(line)
    return isQuiet ? exit : deliverResult(api, ended, { file: output, io, out })
  },
})

/** Uploads below this are over before anybody wonders how far they are. */
const PROGRESS_FROM_BYTES = 16_777_216

/** A person at a terminal wants neither bytes nor pages of text at the end of a job. */
function isUnfitFor(stdout: Terminal, { bytes, mediaType }: JobResult): boolean {
  return stdout.isTTY && (bytes > LIMITS.inlineBytesMax || !isReadable(mediaType))
}

async function send(api: AdminClient, upload: Upload, out: Output): Promise<void> {
  const { uploadBlob } = await import('../../client/index.ts')
  const what = `Uploading ${upload.field} (${formatBytes(upload.bytes)})`
  out.note(`${what} …`)
  let told = 0
  await uploadBlob(api.httpUrl, api.token, await upload.open(), {
    sha256: upload.sha256,
    onProgress: sentBytes => {
      const quarters = Math.floor((4 * sentBytes) / upload.bytes)
      if (upload.bytes >= PROGRESS_FROM_BYTES && quarters > told && quarters < 4)
        out.note(`${what}: ${25 * quarters} %`)
      told = quarters
    },
    onWait: (reason, waitMs) => out.note(`${reason} Sending it again in ${waitMs / 1_000} s …`),
  })
}
