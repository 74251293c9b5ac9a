/**
 * `npm run generate` writes engine/api/schema.generated.json and engine/api/types.generated.ts from published packages;
 * `npm run generate -- --descriptions OUT.json` writes what fields are for, which the site takes at build time from the
 * installed models' package and which is not committed.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { descriptions } from './descriptions.ts'
import { goFacts } from './go-facts.ts'
import { mergeMetadata } from './merge-metadata.ts'
import { groupDirectories } from './names.ts'
import { CLIENT_NODE, MACHINERY, MODELS, OPENAPI, unpacked } from './packages.ts'
import { servedKinds } from './served.ts'
import { structure } from './structure.ts'
import { generatedSchema } from './write-schema.ts'
import { typesText } from './write-types.ts'

const API = new URL('../../engine/api/', import.meta.url)

function writeStructure(): void {
  const kinds = servedKinds()
  const groups = groupDirectories(kinds.map(({ group }) => group))
  const schema = structure({
    client: unpacked(CLIENT_NODE),
    models: { models: unpacked(MODELS), machinery: unpacked(MACHINERY), groups },
    merge: mergeMetadata(unpacked(OPENAPI)),
    go: goFacts(),
    kinds,
  })
  writeFileSync(new URL('schema.generated.json', API), `${JSON.stringify(generatedSchema(schema), null, 1)}\n`)
  writeFileSync(new URL('types.generated.ts', API), typesText(schema))
  process.stderr.write(`${Object.keys(schema.types).length} types, ${schema.kinds.length} kinds\n`)
}

/** The package as it is installed beside the project. */
const installed = (name: string): string => fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url))

function writeDescriptions(file: string): void {
  const groups = groupDirectories(servedKinds().map(({ group }) => group))
  const texts = descriptions({ models: installed(MODELS.name), machinery: installed(MACHINERY.name), groups })
  if (Object.keys(texts).length === 0) throw new Error(`${MODELS.name} is not installed: run npm ci`)
  writeFileSync(file, `${JSON.stringify(texts)}\n`)
  process.stderr.write(`descriptions of ${Object.keys(texts).length} types\n`)
}

const { values } = parseArgs({ options: { descriptions: { type: 'string' } } })
if (values.descriptions) writeDescriptions(values.descriptions)
else writeStructure()
