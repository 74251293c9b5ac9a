/**
 * What a process of a container finds around it: arguments, environment, directory and files, each worked out only when
 * somebody asks, because a web server that answers a probe asks for none of them.
 */
import type { Container } from '../../api/types.generated.ts'
import { programNamed } from '../images/catalogue.ts'
import type { FileTree } from '../runtime/file-tree.ts'
import type { ImageContent } from '../runtime/image-content.ts'
import { imageOf } from '../runtime/image-store.ts'
import { NO_OUTPUT, type Process } from '../runtime/process.ts'
import { type ContainerRecord, readySandbox } from '../runtime/runtime.ts'
import type { Turn } from '../turn.ts'
import { type ContainerTree, containerTree, keepFiles } from './container-files.ts'
import { homeOf } from './container-user.ts'
import { containerEnvironment, type Environment, expand, isMissing, processEnvironment } from './environment.ts'
import { executableFor } from './executable.ts'
import { hostnameOf } from './host-names.ts'
import { contextFor } from './mount-volumes.ts'
import type { PodRecord } from './pod-record.ts'

export interface ContainerContext {
  readonly argv: readonly string[]
  readonly workingDirectory: string
  readonly hostname: string
  readonly environment: Environment
  readonly tree: FileTree
  /** The record with the files that were changed through the tree. */
  readonly keep: (record: PodRecord) => PodRecord
}

const NO_VARIABLES: ReadonlyMap<string, string> = new Map()

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** Most commands name no variable, and working out all of a container's variables takes a while. */
const mentionsVariable = (text: string): boolean => text.includes('$')

const argumentsByImage = new WeakMap<ImageContent, readonly string[]>()

/** What the image runs by itself: one list for all of its containers. */
function imageArguments(content: ImageContent): readonly string[] {
  let argv = argumentsByImage.get(content)
  if (!argv) {
    argv = [...(content.entrypoint ?? []), ...(content.command ?? [])]
    argumentsByImage.set(content, argv)
  }
  return argv
}

function argumentsOf(
  container: Container,
  content: ImageContent,
  variables: () => ReadonlyMap<string, string>,
): readonly string[] {
  if (!container.command && !container.args) return imageArguments(content)
  const own = (list: readonly string[] | undefined) =>
    list?.map((text) => (mentionsVariable(text) ? expand(text, variables()) : text))
  const command = own(container.command)
  const args = own(container.args)
  if (command) return [...command, ...(args ?? [])]
  return [...(content.entrypoint ?? []), ...(args ?? content.command ?? [])]
}

export function contextOf(
  turn: Turn,
  record: PodRecord,
  container: Container,
  running: ContainerRecord,
): ContainerContext {
  const content = lazily(
    (): ImageContent => imageOf(turn.machine.images, running.imageDigest)?.content ?? { shell: false },
  )
  const variables = lazily(() => {
    const podIp = readySandbox(record.runtime)?.ip || turn.machine.identity.address
    const found = containerEnvironment(turn, container, contextFor(turn, record.pod, podIp))
    return isMissing(found) ? NO_VARIABLES : found
  })
  const hostname = lazily(() => hostnameOf(record.pod, turn.machine.name))
  const files = lazily((): ContainerTree => containerTree(turn, record, container, running, variables()))
  let used = false
  return {
    get argv() {
      return argumentsOf(container, content(), variables)
    },
    get workingDirectory() {
      return container.workingDir || content().workingDirectory || '/'
    },
    get hostname() {
      return hostname()
    },
    get environment() {
      return processEnvironment(content().environment ?? [], hostname(), variables(), homeOf(running.uid))
    },
    get tree() {
      used = true
      return files().tree
    },
    keep: (changed) => (used ? keepFiles(turn, changed, files()) : changed),
  }
}

const NO_PORTS: readonly number[] = []
const NO_ENVIRONMENT: Environment = []

export function processOf(
  context: ContainerContext,
  argv: readonly string[],
  id: string,
  container: string,
  purpose: Process['purpose'],
  content: ImageContent,
): Process {
  const found = executableFor(argv, content, () => context.tree)
  const program = 'program' in found ? found.program : 'shell'
  const environment = programNamed(program).ignoresEnvironment ? NO_ENVIRONMENT : context.environment
  return {
    id,
    container,
    purpose,
    program,
    argv,
    environment,
    workingDirectory: context.workingDirectory,
    state: null,
    ports: NO_PORTS,
    memory: 0,
    output: NO_OUTPUT,
  }
}
