/**
 * Enumerations and descriptions as the models' package declares them: one interface a file, each field with its comment.
 * The descriptions are Kubernetes' own prose, so they are read when the site is built and never committed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { partsOf } from './names.ts'

export interface ModelField {
  readonly description: string
  readonly values: readonly string[]
}

export interface ModelType {
  readonly description: string
  readonly fields: ReadonlyMap<string, ModelField>
}

export interface ModelDirectories {
  readonly models: string
  readonly machinery: string
  /** `rbac` → `rbac.authorization.k8s.io` */
  readonly groups: ReadonlyMap<string, string>
}

function fileOf({ models, machinery, groups }: ModelDirectories, type: string): string {
  const { group, version, name } = partsOf(type)
  if (group === 'meta') return join(machinery, 'apis/meta', version, `${name}.d.ts`)
  const directory = group === 'core' ? '' : (groups.get(group) ?? group)
  return join(models, directory, version, `${name}.d.ts`)
}

/** The words of a comment, without what makes it one. */
const proseOf = (comment: string): string =>
  comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n')
    .replace(/\\([*/])/g, '$1')
    .replace(/@deprecated\s*$/, '')
    .trim()

const FIELD = /(?:\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*)?\n?^ {4}"([^"]+)"\??: ([\s\S]*?);$/gm

/** The values of an enumeration, of a list or of a map of them; a type with one value (kind, apiVersion) is a constant. */
function valuesOf(type: string): readonly string[] {
  const values = /(?:^|<|\]: )((?:"[^"]*"(?: \| )?){2,})/.exec(type)?.[1] ?? ''
  return [...values.matchAll(/"([^"]*)"/g)].map((match) => match[1]!)
}

export function modelType(directories: ModelDirectories, type: string): ModelType | undefined {
  const file = fileOf(directories, type)
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  const start = text.search(/^export interface /m)
  const body = text.slice(start, text.indexOf('\n}\n', start))
  const comment = /\/\*\*([\s\S]*?)\*\/\s*$/.exec(text.slice(0, start))?.[1] ?? ''
  const fields = new Map<string, ModelField>()
  for (const [, prose, name, declared] of body.matchAll(FIELD))
    fields.set(name!, { description: proseOf(prose ?? ''), values: valuesOf(declared!) })
  return { description: proseOf(comment), fields }
}
