/**
 * Patches applied on this side, for `patch --local` and `--dry-run=client`. Unlike the server, the libraries say here
 * what exactly did not apply.
 *
 * Upstream: gopkg.in/evanphx/json-patch.v4, staging/src/k8s.io/apimachinery/pkg/util/strategicpatch
 */
import { mergePatch } from '../api/merge-patch.ts'
import { kindOfObject } from '../api/schema-table.ts'
import { isPatchMistake, strategicMerge } from '../api/strategic-merge.ts'
import { isList, isMap, sameTree, type Tree, type TreeMap } from '../std/tree.ts'
import { isRefusal, type Refusal, refuse } from './refusal.ts'

interface Step {
  readonly op: string
  readonly path: string
  readonly from: string
  readonly value: Tree | undefined
}

const pathParts = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** What stands in a path's last holder, or nothing. */
function holderAt(document: Tree, parts: readonly string[]): Tree | undefined {
  let here: Tree | undefined = document
  for (const part of parts.slice(0, -1)) here = isList(here) ? here[Number(part)] : isMap(here) ? here[part] : undefined
  return here
}

/** The document with something else in a path's place; undefined in `change` removes. */
function changed(
  document: Tree,
  [part, ...rest]: readonly string[],
  change: (holder: Tree, key: string) => Tree,
): Tree {
  if (part === undefined) return document
  if (rest.length === 0) return change(document, part)
  if (isList(document))
    return document.map((item, index) => (index === Number(part) ? changed(item, rest, change) : item))
  return isMap(document) ? { ...document, [part]: changed(document[part]!, rest, change) } : document
}

const indexIn = (list: readonly Tree[], key: string): number =>
  Number(key) < 0 ? list.length + Number(key) : Number(key)

const valueAt = (document: Tree, parts: readonly string[]): Tree | undefined => {
  if (parts.length === 0) return document
  const holder = holderAt(document, parts)
  const key = parts.at(-1)!
  return isList(holder) ? holder[indexIn(holder, key)] : isMap(holder) ? holder[key] : undefined
}

function add(document: Tree, path: string, value: Tree): Tree | Refusal {
  const parts = pathParts(path)
  if (parts.length === 0) return value
  const holder = holderAt(document, parts)
  const key = parts.at(-1)!
  if (!isList(holder) && !isMap(holder))
    return refuse(`add operation does not apply: doc is missing path: "${path}": missing value`)
  if (isList(holder) && key !== '-' && !/^-?\d+$/.test(key))
    return refuse(`error in add for path: '${path}': strconv.Atoi: parsing "${key}": invalid syntax`)
  if (isList(holder) && indexIn(holder, key === '-' ? '0' : key) > holder.length)
    return refuse(`error in add for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`)
  return changed(document, parts, (owner, last) => {
    if (!isList(owner)) return { ...(owner as TreeMap), [last]: value }
    const at = last === '-' ? owner.length : indexIn(owner, last)
    return [...owner.slice(0, at), value, ...owner.slice(at)]
  })
}

function remove(document: Tree, path: string): Tree | Refusal {
  const parts = pathParts(path)
  const holder = holderAt(document, parts)
  const key = parts.at(-1)!
  if (holder === undefined || (!isList(holder) && !isMap(holder)))
    return refuse(`remove operation does not apply: doc is missing path: "${path}": missing value`)
  if (isMap(holder) && !(key in holder))
    return refuse(`error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`)
  if (isList(holder) && indexIn(holder, key) >= holder.length)
    return refuse(
      `error in remove for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`,
    )
  return changed(document, parts, (owner, last) => {
    if (isList(owner)) return owner.filter((_item, index) => index !== indexIn(owner, last))
    const { [last]: _gone, ...rest } = owner as TreeMap
    return rest
  })
}

function replace(document: Tree, path: string, value: Tree): Tree | Refusal {
  const parts = pathParts(path)
  if (parts.length === 0) return value
  const holder = holderAt(document, parts)
  if (!isList(holder) && !isMap(holder))
    return refuse(`replace operation does not apply: doc is missing path: ${path}: missing value`)
  const key = parts.at(-1)!
  if (isList(holder) && indexIn(holder, key) >= holder.length)
    return refuse(`replace operation does not apply: doc is missing key: ${path}: missing value`)
  return changed(document, parts, (owner, last) =>
    isList(owner)
      ? owner.map((item, index) => (index === indexIn(owner, last) ? value : item))
      : { ...(owner as TreeMap), [last]: value },
  )
}

function applyStep(document: Tree, { op, path, from, value }: Step): Tree | Refusal {
  switch (op) {
    case 'add':
      return add(document, path, value ?? null)
    case 'remove':
      return remove(document, path)
    case 'replace':
      return replace(document, path, value ?? null)
    case 'test': {
      const found = valueAt(document, pathParts(path))
      return sameTree(found ?? null, value ?? null) ? document : refuse(`testing value ${path} failed: test failed`)
    }
    case 'move':
    case 'copy': {
      const moved = valueAt(document, pathParts(from))
      if (moved === undefined)
        return refuse(
          `error in ${op} for path: '${from}': Unable to get nonexistent key: ${pathParts(from).at(-1)}: missing value`,
        )
      const rest = op === 'move' ? remove(document, from) : document
      return isRefusal(rest) ? rest : add(rest, path, moved)
    }
    default:
      return refuse(`Unexpected kind: ${op}`)
  }
}

const goKind = (value: Tree): string => (isMap(value) ? 'object' : isList(value) ? 'array' : typeof value)

function applyJsonPatch(document: TreeMap, patch: Tree): Tree | Refusal {
  if (!isList(patch)) return refuse(`json: cannot unmarshal ${goKind(patch)} into Go value of type jsonpatch.Patch`)
  let result: Tree = document
  for (const item of patch) {
    const step = isMap(item) ? item : {}
    const next = applyStep(result, {
      op: String(step.op ?? ''),
      path: String(step.path ?? ''),
      from: String(step.from ?? ''),
      value: step.value,
    })
    if (isRefusal(next)) return next
    result = next
  }
  return result
}

export type PatchKind = 'strategic' | 'merge' | 'json'

/** The object after a patch. */
export function applyPatch(object: TreeMap, patch: Tree, kind: PatchKind): Tree | Refusal {
  if (kind === 'json') return applyJsonPatch(object, patch)
  if (kind === 'merge') return mergePatch(object, patch) as Tree
  const served = kindOfObject(String(object.apiVersion), String(object.kind))
  if (!served)
    return refuse(
      `strategic merge patch is not supported for ${String(object.apiVersion)}, Kind=${String(object.kind)} locally, try --type merge`,
    )
  if (!isMap(patch))
    return refuse(
      `error decoding patch: json: cannot unmarshal ${goKind(patch)} into Go value of type map[string]interface {}`,
    )
  const merged = strategicMerge(object, patch, served.type)
  return isPatchMistake(merged) ? refuse(merged.mistake) : (merged as TreeMap)
}
