/**
 * JSON merge patch (RFC 7386): what the patch names is replaced, `null` removes, lists are replaced whole. What
 * does not change keeps its pointer.
 */
import { isExactNumber } from '../std/json.ts'

type Json = unknown
type JsonMap = { readonly [key: string]: Json }

export const isMap = (value: Json): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)

/** A value as a patch brings it in: its own nulls remove nothing and are dropped. */
function withoutNulls(patch: Json): Json {
  if (!isMap(patch)) return patch
  const result: Record<string, Json> = {}
  for (const key of Object.keys(patch)) if (patch[key] !== null) result[key] = withoutNulls(patch[key])
  return result
}

export function mergePatch(target: Json, patch: Json): Json {
  if (!isMap(patch)) return patch
  if (!isMap(target)) return withoutNulls(patch)
  const result: Record<string, Json> = { ...target }
  for (const key of Object.keys(patch)) {
    const change = patch[key]
    if (change === null) delete result[key]
    else result[key] = key in result ? mergePatch(result[key], change) : withoutNulls(change)
  }
  return result
}
