/** The documents of a manifest, as far as their kind and name are concerned. */
import { parseAllDocuments } from 'yaml'

export interface Manifest {
  readonly kind?: string
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
}

/** Those that parse; kubectl says what is wrong with the others. */
export const parseYamlDocuments = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).flatMap((document) =>
    document.errors.length > 0 ? [] : ((document.toJS() as Manifest | null) ?? []),
  )
