/** `kubectl create namespace`. */
import { generatorCommand } from './generator.ts'

export const createNamespace = generatorCommand({
  name: 'namespace',
  aliases: ['ns'],
  usage: 'NAME [--dry-run=server|client|none]',
  short: 'Create a namespace with the specified name',
  examples: ['kubectl create namespace meadow'],
  flags: {},
  generator: {
    apiVersion: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
    object: (_invocation, name) => ({ metadata: { name } }),
  },
})
