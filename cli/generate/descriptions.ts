/** What types and fields are for, in Kubernetes' own words: type → field → text; the type's own text is at ''. */
import { allTypes } from '../../engine/api/schema-table.ts'
import { type ModelDirectories, modelType } from './models.ts'

export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>

function textsOf(directories: ModelDirectories, type: string): Readonly<Record<string, string>> | undefined {
  const model = modelType(directories, type)
  if (!model) return undefined
  const fields = [...model.fields].map(([name, { description }]) => [name, description])
  return Object.fromEntries([['', model.description], ...fields].filter(([, text]) => text))
}

export const descriptions = (directories: ModelDirectories): Descriptions =>
  Object.fromEntries(
    allTypes()
      .map((type) => [type, textsOf(directories, type)] as const)
      .filter((entry): entry is readonly [string, Readonly<Record<string, string>>] => entry[1] !== undefined),
  )
