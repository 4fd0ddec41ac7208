/** The small parts of an OpenAPI document. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

/** One operation of a path. */
export type Operation = JsonObject & { readonly tags?: readonly string[] }

/** What the types say of bodies, by method and path. */
export interface Shaped {
  /** @throws when the types say nothing of the route */
  replyOf(route: string): JsonObject
  /** @throws when the types say nothing of the route */
  bodyOf(route: string): JsonObject
  /** Of the events of `/api/events`, by their names. */
  readonly eventsSchema: JsonObject
}

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

export const jsonContent = (schema: Json): JsonObject => ({ 'application/json': { schema } })

/** A text or bytes. */
export const plainContent = (mediaType: string): JsonObject => ({ [mediaType]: { schema: { type: 'string' } } })

/** Whatever was refused. */
export const problem = (): JsonObject => ({
  description: 'Refused: why, and what to do.',
  content: jsonContent(ref('Failure')),
})
