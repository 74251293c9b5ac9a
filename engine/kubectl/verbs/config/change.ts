/**
 * Changing kubeconfig files: an entry is written to the file it came from, a new one to the first file.
 *
 * Upstream: staging/src/k8s.io/client-go/tools/clientcmd/config.go
 */
import { formatYaml } from '../../../std/yaml.ts'
import type { Invocation } from '../../command.ts'
import { configFiles, configTree, EMPTY_CONFIG, type Kubeconfig, loadConfig, readConfigFile } from '../../kubeconfig.ts'
import { absolutePath } from '../../paths.ts'
import { isRefusal, type Refusal } from '../../refusal.ts'

export type Part = 'clusters' | 'users' | 'contexts'

/** All files as one; a file that --kubeconfig names need not exist yet. */
export function configOf({ flags, session }: Invocation): Kubeconfig | Refusal {
  const { client } = session
  const [file] = configFiles(client, flags)
  if (flags.text('kubeconfig')) return readConfigFile(client, file!) ?? EMPTY_CONFIG
  return loadConfig(client, flags)
}

/** Where new entries go: the first file that exists, or the last that is named. */
export function defaultFile({ flags, session }: Invocation): string {
  const { client } = session
  const files = configFiles(client, flags)
  return files.find((file) => client.files.read(absolutePath(client, file)) !== undefined) ?? files.at(-1)!
}

export function changeFile(
  { session }: Invocation,
  file: string,
  change: (config: Kubeconfig) => Kubeconfig,
): Refusal | undefined {
  const { client } = session
  const config = readConfigFile(client, file) ?? EMPTY_CONFIG
  if (isRefusal(config)) return config
  client.files.write(absolutePath(client, file), formatYaml(configTree(change(config))))
  return undefined
}

/** Writes one entry, or takes it out. */
export function changeEntry(
  invocation: Invocation,
  config: Kubeconfig,
  part: Part,
  name: string,
  entry: Kubeconfig[Part][string] | undefined,
): Refusal | undefined {
  const file = config.origins[`${part}/${name}`] ?? defaultFile(invocation)
  return changeFile(invocation, file, (old) => {
    const { [name]: _old, ...others } = old[part]
    return { ...old, [part]: entry === undefined ? others : { ...others, [name]: entry } }
  })
}

export const changeCurrent = (invocation: Invocation, name: string): Refusal | undefined =>
  changeFile(invocation, defaultFile(invocation), (old) => ({ ...old, currentContext: name }))
