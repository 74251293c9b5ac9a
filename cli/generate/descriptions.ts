/** What types and fields are for, in Kubernetes' own words: type → field → text; the type's own text is at ''. */
import { allTypes, typeOf } from '../../engine/api/schema-table.ts'
import { type ModelDirectories, modelType } from './models.ts'

export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>

type Texts = Readonly<Record<string, string>>

function textsOf(directories: ModelDirectories, type: string): Texts | undefined {
  const model = modelType(directories, type)
  if (!model) return undefined
  const fields = [...model.fields].map(([name, { description }]) => [name, description])
  return Object.fromEntries([['', model.description], ...fields].filter(([, text]) => text))
}

/** The package says what `kind` and `apiVersion` are only where they have no fixed value, as here. */
const HAS_TYPE_META = 'meta.v1.Status'

function withTypeMeta(texts: Texts, type: string, { kind, apiVersion }: Texts): Texts {
  const { fields } = typeOf(type)
  return { ...texts, ...(fields.kind && fields.apiVersion && kind && apiVersion && { kind, apiVersion, ...texts }) }
}

export function descriptions(directories: ModelDirectories): Descriptions {
  const typeMeta = textsOf(directories, HAS_TYPE_META) ?? {}
  const found: Record<string, Texts> = {}
  for (const type of allTypes()) {
    const texts = textsOf(directories, type)
    if (texts) found[type] = withTypeMeta(texts, type, typeMeta)
  }
  return found
}
