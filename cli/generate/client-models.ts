/** Fields, formats and required fields as the JavaScript client declares them, one class a file. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientClasses } from './names.ts'

export interface ClientField {
  /** `string`, `number`, `Array<V1Container>`, `{ [key: string]: string; }`, … */
  readonly type: string
  readonly format: string
  readonly required: boolean
}

interface Attribute {
  readonly name: string
  readonly baseName: string
  readonly type: string
  readonly format: string
}

function attributesOf(text: string): readonly Attribute[] {
  const start = text.indexOf('.attributeTypeMap = [')
  return JSON.parse(text.slice(text.indexOf('[', start), text.indexOf('];', start) + 1)) as Attribute[]
}

/** A field that the declaration shows without a question mark. */
const isRequired = (declaration: string, name: string): boolean => declaration.includes(`\n    '${name}':`)

/** The fields of a type by JSON name, or undefined when the client has no such class. */
export function clientFields(directory: string, type: string): ReadonlyMap<string, ClientField> | undefined {
  const file = clientClasses(type)
    .map((name) => join(directory, 'dist/gen/models', name))
    .find((path) => existsSync(`${path}.js`))
  if (!file) return undefined
  const declaration = readFileSync(`${file}.d.ts`, 'utf8')
  return new Map(
    attributesOf(readFileSync(`${file}.js`, 'utf8')).map(({ name, baseName, type: of, format }) => [
      baseName,
      { type: of, format, required: isRequired(declaration, name) },
    ]),
  )
}
