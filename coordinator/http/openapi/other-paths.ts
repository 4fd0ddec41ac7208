/** Paths that are in no table of routes: content, the public log, and what operators and witnesses ask. */
import { parameter } from './parameters.ts'
import { type JsonObject, jsonContent, type Operation, plainContent, problem, type Shaped } from './parts.ts'

/** Whoever asks needs no token. */
const OPEN = { 'x-roles': ['public'], security: [{}] } as const

interface Described {
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly parameters?: readonly JsonObject[]
  readonly content: JsonObject
  readonly more?: JsonObject
}

function get({ id, tag, summary, parameters = [], content, more = {} }: Described): Operation {
  const responses = {
    '200': { description: summary, content },
    ...(more.responses as JsonObject | undefined),
    default: problem(),
  }
  return { operationId: id, summary, tags: [tag], ...OPEN, parameters, ...more, responses }
}

const text = (name: string, description: string, pattern: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', pattern },
})

const PART = { description: 'A part of it, by the header Range.', content: plainContent('application/octet-stream') }

/** By path, then by method. */
export function otherPaths({ replyOf }: Shaped): Record<string, Record<string, Operation>> {
  const bytes = plainContent('application/octet-stream')
  const blobOf = parameter('path', 'sha256', '/blob/:sha256')
  return {
    '/health': {
      get: get({
        id: 'health',
        tag: 'operations',
        summary: 'The process lives.',
        content: jsonContent(replyOf('GET /health')),
      }),
    },
    '/ready': {
      get: get({
        id: 'ready',
        tag: 'operations',
        summary: 'Everything that a coordinator needs is there.',
        content: jsonContent(replyOf('GET /ready')),
        more: {
          responses: {
            '503': { description: 'Something is not, and why.', content: jsonContent(replyOf('GET /ready')) },
          },
        },
      }),
    },
    '/metrics': {
      get: get({
        id: 'metrics',
        tag: 'operations',
        summary: 'Counters and gauges in the text format of Prometheus; see docs/operations-metrics.md.',
        content: plainContent('text/plain'),
        more: {
          'x-roles': ['operator'],
          description:
            'Programs on the coordinator’s own machine need no token; others send that of metrics.token, or the operator’s.',
          security: [{}, { token: [] }],
        },
      }),
    },
    '/api/openapi.json': {
      get: get({
        id: 'openapi',
        tag: 'operations',
        summary: 'This document.',
        content: jsonContent({ type: 'object' }),
      }),
    },
    '/ca.pem': {
      get: get({
        id: 'authority',
        tag: 'operations',
        summary: 'The certificate of the region’s own authority, where it runs with TLS.',
        content: plainContent('application/x-x509-ca-cert'),
      }),
    },
    '/blob/{sha256}': {
      get: get({
        id: 'getBlob',
        tag: 'blob',
        summary: 'Content by its SHA-256, with ranges.',
        parameters: [blobOf],
        content: bytes,
        more: { responses: { '206': PART, '304': { description: 'The asker has it.' } } },
      }),
      put: {
        operationId: 'putBlob',
        summary: 'Stores content under its SHA-256.',
        description: 'For the operator, submitters, and devices that have signed for it.',
        tags: ['blob'],
        'x-roles': ['submitter', 'operator'],
        security: [{ token: [] }],
        parameters: [blobOf],
        requestBody: { required: true, content: bytes },
        responses: {
          '200': { description: 'It was here already.', content: jsonContent(replyOf('PUT /blob/:sha256')) },
          '201': { description: 'Stored.', content: jsonContent(replyOf('PUT /blob/:sha256')) },
          default: problem(),
        },
      },
    },
    '/log/card': {
      get: get({
        id: 'logCard',
        tag: 'log',
        summary: 'Who the region is, signed.',
        content: jsonContent(replyOf('GET /log/card')),
      }),
    },
    '/log/checkpoint': {
      get: get({
        id: 'logCheckpoint',
        tag: 'log',
        summary: 'The newest signed state of the public log (C2SP checkpoint).',
        content: plainContent('text/plain'),
      }),
    },
    '/log/tile/{level}/{index}': {
      get: get({
        id: 'logTile',
        tag: 'log',
        summary: 'Hashes of the public log (C2SP tlog-tiles).',
        parameters: [
          text('level', 'Level of the tree, 0 at the leaves.', '^\\d+$'),
          text(
            'index',
            'Number of the tile as x001/234, with .p/<width> for a part; its slashes stay as they are.',
            '^.+$',
          ),
        ],
        content: bytes,
      }),
    },
    '/log/tile/entries/{index}': {
      get: get({
        id: 'logEntries',
        tag: 'log',
        summary: 'Entries of the public log, 256 a bundle (C2SP tlog-tiles).',
        parameters: [text('index', 'Number of the bundle, as of a tile.', '^.+$')],
        content: bytes,
      }),
    },
    '/witness/add-checkpoint': {
      post: {
        operationId: 'addCheckpoint',
        summary: 'Asks this region to cosign the checkpoint of another log (C2SP tlog-witness).',
        tags: ['witness'],
        ...OPEN,
        requestBody: { required: true, content: plainContent('text/plain') },
        responses: {
          '200': { description: 'The cosignature.', content: plainContent('text/plain') },
          '409': { description: 'The size that was cosigned last.', content: plainContent('text/x.tlog.size') },
          default: problem(),
        },
      },
    },
    '/witness/{origin}/checkpoint': {
      get: get({
        id: 'cosignedCheckpoint',
        tag: 'witness',
        summary: 'The newest checkpoint of a log that was cosigned here.',
        parameters: [text('origin', 'SHA-256 of the origin of the log, in hexadecimal.', '^[0-9a-f]{64}$')],
        content: plainContent('text/plain'),
      }),
    },
    '/api/statements/{device}': {
      post: {
        operationId: 'bringStatement',
        summary: 'What a device has signed, such as a payout address; anybody may bring it.',
        tags: ['statements'],
        ...OPEN,
        parameters: [parameter('path', 'device', '/api/statements/:device')],
        requestBody: { required: true, content: { ...plainContent('application/cose'), ...bytes } },
        responses: {
          '200': { description: 'Taken, and durable.', content: jsonContent(replyOf('POST /api/statements/:device')) },
          default: problem(),
        },
      },
    },
    '/updates/metadata/{name}': {
      get: get({
        id: 'updateMetadata',
        tag: 'updates',
        summary: 'Signed metadata of releases (TUF), where the region offers updates.',
        parameters: [text('name', 'Such as timestamp.json or 2.root.json.', '^[\\w.]+\\.json$')],
        content: jsonContent({ type: 'object' }),
      }),
    },
    '/updates/targets/{name}': {
      get: get({
        id: 'updateTarget',
        tag: 'updates',
        summary: 'A release, with ranges, where the region offers updates.',
        parameters: [text('name', 'The SHA-256 of the release, a dot, and its name.', '^[0-9a-f]{64}\\..+\\.tgz$')],
        content: bytes,
        more: { responses: { '206': PART, '304': { description: 'The asker has it.' } } },
      }),
    },
    '/v1.1': {
      get: get({
        id: 'sensorThings',
        tag: 'sensorthings',
        summary: 'Where the OGC SensorThings API begins, when the region shows its data.',
        content: jsonContent({ type: 'object' }),
        more: {
          externalDocs: { url: 'https://docs.ogc.org/is/18-088/18-088.html', description: 'OGC SensorThings API 1.1' },
        },
      }),
    },
  }
}
